"""The door of the process: how it listens, which callers it admits, and how often.

Comes in: connections, requests, tokens. Goes out: requests with their caller, or a refusal.
Must never be done here: deciding what a caller may see or do; waiting without a limit for a client; counting a caller
by a token that was not checked.
"""
