"""Actors: the device as a Dapr actor, the host that serves it, and the client that calls it.

Comes in: turns for one device, with the hub's own proof on every call.
Goes out: the same turns, taken against the journal; one verdict per report.
Must never be done here: keep anything in Dapr's actor state; take a call without its proof; decide about a device.
"""
