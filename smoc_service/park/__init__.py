"""The park as a whole: which devices fit a question, how many by what, and what changed last.

Comes in: stored devices and their changes (the follower), filters, orders and dimensions of callers.
Goes out: pages of devices, counts, the summary that a terminal asks for every second.
Must never be done here: change a stored device, read the whole register for one question.
"""
