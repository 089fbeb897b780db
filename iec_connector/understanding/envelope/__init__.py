"""The envelope: header, kind of message, parts with their verbs, and what the sender replied.

In comes the tree; out go the opened envelope and its parts. Never here: reading what a part says of a device.
"""
