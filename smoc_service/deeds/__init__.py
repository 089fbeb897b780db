"""Who did what in the register (`service_deeds`): what its changes are called, and what auditors ask of it.

Comes in: questions of auditors.
Goes out: deeds, newest first; the words by which the register's calls are noted.
Must never be done here: change or delete a deed, decide whether something may be done.
"""
