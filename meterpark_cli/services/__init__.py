"""Calls to the two services, through the command's own sidecar like those of any other caller.

Comes in: calls, and the identity. Goes out: answers of the contracts, or a failure in one line that says what helps.
Must never be done here: a call past the sidecar; deciding who may do what (the services do, this explains).
"""
