"""The stack as a whole: its plan, its start and end, its health, and new certificates while it works.

In: settings, the runtime, a user's environment. Out: a running stack and `stack.json`, which says where everything
listens. Never: the settings of one process; those are in `processes`.
"""
