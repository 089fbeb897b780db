"""The quarantine: messages that could not be read, or of which a part was refused, until a person deals with them.

Comes in: messages with their reason, place and body; decisions of people; leases of connectors that replay.
Goes out: pages of messages, bounded in number and bytes; bodies in parts; what waits, for the status.
Must never be done here: read a body as XML; drop a message that nobody decided about; store a secret that came in one.
"""
