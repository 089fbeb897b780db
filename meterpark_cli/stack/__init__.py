"""The local stack (``make up``) as it wrote itself down, and the way to its broker.

Comes in: the stack's description, or addresses that a person gives. Goes out: where to ask, an open broker.
Must never be done here: starting or changing the stack.
"""
