"""The door of the process: how it listens, and who gets in, how often.

Comes in: connections, requests, tokens. Goes out: requests with their caller beside them, or a refusal.
Must never be done here: deciding what a caller may see or do; waiting without an end for a client; counting somebody
by a token that nobody has checked.
"""
