"""The checker: what was said against what is stored. It shares no code with the services, and asks none.

Comes in: the ledger; the documents of journal, register, alarms and quarantine, read from MongoDB; depths of queues.
Goes out: findings.
Must never be done here: import a service or anything that services share; mend what was found.
"""
