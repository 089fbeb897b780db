"""What the head-end system of a run says: messages from a seed, and which of them the broker has taken.

Comes in: a seed, sizes, the time of the beginning. Goes out: messages, and what each must lead to.
Must never be done here: asking whether a message arrived; note as taken what the broker did not acknowledge.
"""
