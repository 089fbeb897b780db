"""Who did what, and what was reported, for auditors.

Comes in: questions about deeds and about the journal of a device.
Goes out: deeds of register and hub in one list, with who, when, what and how they ended; commits with their origin and
what is stored of them.
Must never be done here: decide who may ask; register and hub do that with every call.
"""
