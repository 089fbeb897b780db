"""Evidence: what lets anybody see that the journal is as it was written.

Comes in: commits as bytes, from the hub that writes them and from the database that holds them; a key.
Goes out: the seal in each commit, which covers its content and the commit before; signed roots over all devices; what
is wrong, and where.
Must never be done here: changing or repairing a commit; knowing what an event means; a seal over anything but the
bytes that lie in the database.
"""
