"""Asking the register for one operation: who asks, over which stub, page by page, many rows at once.

Comes in: an operation's connection and caller. Goes out: calls to smoc_service through the own sidecar with the
caller's token; messages of the contract, and failures in the schema's words.
Must never be done here: a call with a right of its own; remembering an answer beyond its operation.
"""
