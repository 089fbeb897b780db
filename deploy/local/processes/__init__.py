"""Every process of a stack: which files it needs, and the command and environment that start it.

In: the facts of a stack and the programs of the runtime. Out: files below the stack's directory, and
a `ProcessPlan` for each process. Never: a process started here, a secret on a command line.
"""
