"""The ledger: one SQLite file with what was planned and sent, and what the park must look like now.

Comes in: messages before they are sent, and which of them the broker accepted.
Goes out: messages that are not sent yet, the position in the schedule, and the expected state of each device.
Must never be done here: count a message that the broker did not accept, or forget a message that is not sent yet.
"""
