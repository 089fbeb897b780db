"""Measuring the register at a million devices: what the people of an asset manager ask of it, and how long it takes.

Comes in: a stack of the run's own, filled with a park that the simulator's generator makes up.
Goes out: a table in docs/benchmarks.md, and one last line with the figures.
Must never be done here: what must never be done in benchmarks; store a device in another form than the register does.
"""
