"""Who did what: every change that somebody asks of a service, stored before it is done, and how it ended.

Comes in: calls that change something, as they pass a service's door, and what that service calls things (`words`);
questions of auditors.
Goes out: deeds, newest first, by person, time, kind, device or what they are about.
Must never be done here: change or delete a deed, decide whether something may be done, let a change pass unnoted, know
a method of one service.
"""
