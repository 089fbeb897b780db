"""What a run measures with: the feed, counters, processor time, arithmetic, and what machine it is.

Comes in: databases and processes of a running stack; figures of several rounds.
Goes out: messages to send, counts, medians with spreads, a description of the machine.
Must never be done here: disturb the service that is measured, or state a figure without its spread.
"""
