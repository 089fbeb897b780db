"""Calls to register and hub for one operation: the caller, the stubs, page by page, many rows at once.

Comes in: an operation's connection and caller. Goes out: calls to smoc_service and device_hub through the own
sidecar with the caller's token; messages of the contract, and failures in words of the schema.
Must never be done here: a call with the bff's own rights; keeping an answer longer than its operation.
"""
