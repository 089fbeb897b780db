"""Calls of one operation to register and hub: whose they are, over which stub, page by page, many rows at once.

Comes in: an operation's connection and caller. Goes out: calls to smoc_service and device_hub through the own
sidecar with the caller's token; messages of the contract, and failures in the schema's words.
Must never be done here: a call with a right of its own; remembering an answer beyond its operation.
"""
