"""Doors: the methods of the hub's gRPC services, each request checked and bounded before anything is done with it.

Comes in: calls of the connector, the register and people, with a caller who was checked by name (device_hub.access).
Goes out: reports to devices, questions to journal, quarantine and identities; answers cut to the caller's networks.
Must never be done here: decide about a device; take a list or a body without a limit; answer what was not stored.
"""
