"""Deciding, command by command: what a report means for a device that is known so far.

Comes in: the device, a command, and when it happened (`occurrences`).
Goes out: the events that follow, in order; an empty list when all of it is known already; Refused.
Must never be done here: change a device (`evolution` does, of events); ask a clock; refuse a fact that can be recorded.
"""
