"""The whole system on one machine, without containers: a stack, under one supervisor.

In: settings (name of the stack, ports, what to leave out), an installed runtime, this checkout.
Out: processes, and one state directory per stack with its data, secrets, logs, rendered
configuration and `stack.json`, which says where everything listens. Never: a secret in a committed
file or on a command line, a listener that other machines can reach (but for the health ports of
Dapr's control plane, which ignore the address they are given), an end put to a process that this
stack did not start.

Each folder imports only from those that follow it: stack, supervision, processes, certificates, facts.
`python -m deploy.local` knows the verbs; `make` spells them.
"""
