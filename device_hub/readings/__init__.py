"""Messages that a person wants to have read, and nothing recorded of it: a trial of what the connector understands.

Comes in: messages of people; what a connector understood of them. Goes out: leased messages, for the connector; what
was understood, for the person who asked.
Must never be done here: keep a message longer than until it is read, or ten minutes (it may hold secrets); read one as
XML; show one person's to another.
"""
