"""Which device, and of which network: by the names that a message gives, and the source's rules.

In come elements with names; out go identities. Never here: guessing between two names; a network that nobody set.
"""
