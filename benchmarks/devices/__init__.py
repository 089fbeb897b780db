"""Measuring many devices: what a hot device takes, what a report costs in a large park, how a cold device wakes.

Comes in: a stack of the run's own; the number of devices.
Goes out: tables in docs/benchmarks.md, and one last line with the figures.
Must never be done here: what must never be done in benchmarks; a commit that is not a copy of one of the hub's.
"""
