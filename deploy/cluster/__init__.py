"""A real Kubernetes on this machine, and the whole park on it; `make test-cluster` proves the chart there.

In: programs of the runtime, the images of `make images`, the charts. Out: a node in namespaces of its own (or the
cluster that KUBECONFIG names), with Dapr, neighbours and the park. Never: a change of the host's processes, mounts or
firewall; anything that outlives `down` but the image store.
"""
