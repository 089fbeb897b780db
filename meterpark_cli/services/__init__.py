"""The two services, asked through the command's own sidecar like by any other caller.

Comes in: calls, and as whom. Goes out: answers of the contracts, or a failure in one line that says what helps.
Must never be done here: a call past the sidecar; deciding who may do what (the services do, this explains).
"""
