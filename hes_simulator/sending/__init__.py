"""Sending: what is due goes through the ledger to the broker.

Comes in: a schedule, faults, files of a person, a connection to the broker.
Goes out: JMS messages, and the ledger's record of what the broker accepted.
Must never be done here: send a scheduled message that does not stand in the ledger, or change a person's file.
"""
