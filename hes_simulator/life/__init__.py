"""What happens to the devices of a park, and when: roll-out, daily life, storms.

Comes in: a park, a pace, and the place in the schedule that the last run reached.
Goes out: contents with the time of each, in order.
Must never be done here: read a clock, keep state per device, or know the ledger or the broker.
"""
