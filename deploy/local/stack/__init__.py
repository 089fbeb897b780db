"""The stack as a whole: its plan, its start and end, its health, and new certificates while it works.

In: settings, the runtime, a person's environment. Out: a running stack and `stack.json`, which says
where everything listens. Never: how one process is told what it needs; that is said in `processes`.
"""
