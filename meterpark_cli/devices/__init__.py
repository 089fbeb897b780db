"""``meterpark devices ...``: which devices there are, how they are, and what happened to them.

Comes in: words, conditions, names of devices. Goes out: questions to both services; tables, or documents.
Must never be done here: deciding anything about a device; importing gRPC for ``--help``.
"""
