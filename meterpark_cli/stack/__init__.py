"""The local stack (``make up``) by its own description, and the connection to its broker.

Comes in: the stack's description, or addresses that a user gives. Goes out: addresses, an open connection to the
broker.
Must never be done here: starting or changing the stack.
"""
