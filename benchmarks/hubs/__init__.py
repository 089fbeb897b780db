"""Measuring several processes of the hub: what a report costs with one, two and four of them.

Comes in: a stack of the run's own.
Goes out: tables in docs/benchmarks.md, and one last line with the figures.
Must never be done here: what must never be done in benchmarks; count the start of a hub, or leave out what one does.
"""
