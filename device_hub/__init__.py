"""The hub: one event-sourced actor per device; its journal is the only truth about a device.

Comes in: batches of reports (DeviceHubService), turns for one device (actor calls that carry the hub's own proof),
messages for the quarantine.
Goes out: commits to the journal in MongoDB; devices and timelines to smoc_service, by following the journal.
Must never be done here: publish anything that was not first saved; keep what matters in Dapr actor state; parse XML;
decide anything about a device outside of ``device_hub.device``.
"""
