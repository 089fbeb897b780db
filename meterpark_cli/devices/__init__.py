"""``meterpark devices ...``: lists devices, and shows their state and history.

Comes in: words, conditions, names of devices. Goes out: requests to both services; tables, or documents.
Must never be done here: deciding anything about a device; importing gRPC for ``--help``.
"""
