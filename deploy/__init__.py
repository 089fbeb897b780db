"""Putting the system onto machines: what it runs on (`runtime`), and one machine's stack (`local`).

In: this checkout and an almost bare machine. Out: running processes, and files in the cache and
state directories of the calling user. Never: anything written into the checkout but `.venv`,
and no domain logic.
"""
