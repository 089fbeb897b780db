"""The rules of identities: which device a report is about, and what the report teaches. Pure.

Comes in: a report's identifiers, and the claims that are known about them.
Goes out: the device, new claims, and conflicts that an operator should decide.
Must never be done here: a query, a write, or a look at a clock.
"""
