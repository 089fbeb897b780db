"""Doors: the methods of the hub's gRPC services. Each request is checked and bounded first.

Comes in: calls of the connector, the register and users, with a caller that was checked by name (device_hub.access).
Goes out: reports to devices, requests to journal, quarantine and identities; answers cut to the caller's networks.
Must never be done here: decide about a device; take a list or a body without a limit; confirm what was not stored.
"""
