"""`make test-cluster`: the charts on a real Kubernetes, with real pods.

In: a cluster with the demo on it. Out: what is proved of it, and one line. Never: a step that asserts how long
something took, a fake of anything.
"""
