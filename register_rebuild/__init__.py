"""``meterpark register rebuild``: makes the register again from the journal, device by device, beside live traffic.

Comes in: both databases. Goes out: which devices differed, and what became of them.
Must never be done here: changing the journal; keeping a device whose digest is not that of the journal; touching what
people made (tags, notes, alarms, jobs, views).
"""
