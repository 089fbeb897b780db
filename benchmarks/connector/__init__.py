"""The connector alone: what a report costs it step by step, beside bare parsing of the same bytes.

Comes in: the messages of the benchmarks' feed. Goes out: processor time of one process; no stack is needed.
Must never be done here: comparing figures of two runs; what is compared is measured in turn in one run.
"""
