"""The kinds of fault: what breaks, how, and how it is healed.

Comes in: a stack, a kind, how long it lasts. Goes out: when it began, when it was over.
Must never be done here: leave something broken, whatever ends the run; decide what is wrong.
"""
