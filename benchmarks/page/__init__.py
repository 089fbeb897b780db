"""Measuring the web page at a million devices, as a person's browser feels it.

Comes in: a stack of the run's own with a full register; Chromium, logged in as an asset manager; 50 changes a second.
Goes out: a table in docs/benchmarks.md, and one last line with the figures.
Must never be done here: what must never be done in benchmarks; state a time that is not Chromium's own.
"""
