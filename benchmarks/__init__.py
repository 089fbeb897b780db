"""Measuring the whole system on this machine, beside the same work done the stock way, in one run.

Comes in: the services as they are, started as a stack of the run's own (deploy.local) on free ports; the run's options.
Goes out: a table with medians and spreads, one line with the figures, and the table in docs/benchmarks.md.
Must never be done here: touch a stack that somebody else started; state a figure that this run did not measure; make
the stock way slower than a good user of Dapr would build it; be part of `make test` (only the arithmetic is).
"""
