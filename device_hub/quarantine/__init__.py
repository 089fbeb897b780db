"""The quarantine: messages that could not be read, or of which a part was refused, until an operator deals with them.

Comes in: messages with their reason, place and body; decisions of operators; leases of connectors that replay.
Goes out: pages of messages, bounded in number and bytes; bodies in parts; the number of waiting ones, for the status.
Must never be done here: parse a body as XML; drop a message without an operator's decision; store a secret of a
message.
"""
