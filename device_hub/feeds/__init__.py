"""What comes in from the head-end systems: rate, delay and last message, by source and network.

Comes in: what each connector tells of its feeds every few seconds. Goes out: feeds of all connectors together, for
callers of their networks, also after a restart.
Must never be done here: deciding what is late; keeping a number of every message.
"""
