"""Conflicts of identities, and what operators decide about them: to whom a name belongs, which two devices are one.

Comes in: conflicts that the rules find, decisions, orders to join devices or to part them.
Goes out: the list of conflicts; commits and claims that carry out a decision.
Must never be done here: join devices without an operator's decision, or drop a conflict that is not decided.
"""
