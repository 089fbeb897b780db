"""``meterpark feeds``: what comes in from the head-end systems, by source and network.

Comes in: words. Goes out: a question to the hub; a table, or a document.
Must never be done here: showing as nothing what is not known; asking a broker (the connectors tell the hub).
"""
