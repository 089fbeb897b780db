"""The node: namespaces, control groups and a cable of its own, and the programs of Kubernetes in them.

In: folders of programs. Out: an API server at one address that only this machine reaches. Never: a mount, a rule of the
firewall or a setting of the kernel outside of the node's namespaces.
"""
