"""Measuring a burst: one meter says thousands of things at once, and the other meters go on.

Comes in: a stack of the run's own.
Goes out: a table in docs/benchmarks.md, and one last line with the figures.
Must never be done here: what must never be done in benchmarks; a shortcut past the broker.
"""
