"""Finds device and network by the names in a message and the source's rules.

In come elements with names; out go identities. Never here: guessing between two names; a network that is not
configured.
"""
