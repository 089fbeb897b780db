"""The register's devices and the entries of their timelines: their types, and how they are stored.

Comes in: devices and entries, as device_hub provisions them.
Goes out: documents of the collections devices, timeline and states; a device as it is, and as it was known at a time.
Must never be done here: let an older revision overwrite a newer one, decide anything about a device, search.
"""
