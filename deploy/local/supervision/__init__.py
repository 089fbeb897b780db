"""process-compose, which starts and watches the processes: its file, and the talk with it.

In: process plans; the stack's directory, by which its processes are found. Out: the supervisor's
file, and how each process is. Never: an end put to a process that this stack did not start.
"""
