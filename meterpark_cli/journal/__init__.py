"""``meterpark journal``: looks through the hub's journal, device by device, and writes it out.

Comes in: words, conditions on devices. Goes out: questions to register and hub; what is wrong, or commits as lines.
Must never be done here: reading the database, but by ``journal_evidence``; calling an answer whole that was cut off.
"""
