"""Claims and joins: as the database holds them, and as this process knows them.

Comes in: claims that are new, and what other replicas changed (a change stream).
Goes out: the claims of the identifiers that are asked for, from memory where the memory may be trusted.
Must never be done here: decide whose an identifier is; answer from memory while nobody watches the changes.
"""
