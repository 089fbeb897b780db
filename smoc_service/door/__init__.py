"""What all doors of the register read and write alike.

Comes in: texts that a caller keeps for the register between two calls.
Goes out: the same texts sealed, opened again, or refused.
Must never be done here: know a device, an alarm, a job or the database; every other folder may lean on this one.
"""
