"""Sending: what is due goes through the ledger to the broker.

Comes in: a schedule, faults, a user's files, a connection to the broker.
Goes out: JMS messages, and the ledger's record of what the broker accepted.
Must never be done here: send a scheduled message that is not in the ledger, or change a user's file.
"""
