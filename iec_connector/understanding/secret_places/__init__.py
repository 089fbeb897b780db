"""Where secrets are in a text that need not be XML: which names stand for them, in elements and in assignments.

In comes a text; out go places. Never here: keeping a secret, or showing one.
"""
