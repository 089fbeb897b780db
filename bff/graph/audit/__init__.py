"""Who did what, for auditors.

Comes in: questions about deeds; what the register answers to them.
Goes out: deeds with who, when, what and how they ended.
Must never be done here: decide who may ask; the register does that with every call.
"""
