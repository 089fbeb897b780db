"""``meterpark identities ...``: whose a name is where reports contradict, and two devices that are one meter.

Comes in: words and names of devices. Goes out: questions and decisions to the hub; tables, or documents.
Must never be done here: guessing whose a name is; importing gRPC for ``--help``.
"""
