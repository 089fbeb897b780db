"""How much is served at once: documents, what stands beside them, open subscriptions and sockets.

Comes in: what a client sent, before anything is made of it. Goes out: a document that may run, or why it may not; a
place for as long as it is held.
Must never be done here: asking the register; work that grows faster than what was sent.
"""
