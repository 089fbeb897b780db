"""What readers of nouns find: statements about devices, gathered into reports with ids, and problems.

In come statements and unreadable parts, in document order; out go reports and problems. Never here: reading XML for
what it says; a part that vanishes without either.
"""
