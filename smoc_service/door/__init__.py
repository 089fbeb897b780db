"""What all services of the register read and write alike.

Comes in: messages of the contract, and texts that a caller keeps between two calls.
Goes out: ids, words, times and pages, or a refusal that names the field.
Must never be done here: know a device, an alarm, a job or the database; every other folder may lean on this one.
"""
