"""Where devices live: as residents of this process, as Dapr actors, and by way of the sidecar in another process.

Comes in: turns for one device, of this process or of another one; the latter with the hub's own proof on every call.
Goes out: the same turns, taken against the journal; one verdict per report.
Must never be done here: keep anything in Dapr's actor state; take a call without its proof; decide about a device.
"""
