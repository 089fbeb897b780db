"""``meterpark register``: compares the register with the journal, device by device.

Comes in: words, conditions on devices. Goes out: questions to register and hub; what differs.
Must never be done here: repairing; that is the hub's.
"""
