"""The core of work on many devices: the states of a job, and what it does with one device. No I/O, no clock.

Comes in: a job, results for some devices, a user's command; a device's work or its alarms; the time.
Goes out: the new state of the job, the work or the alarms, or a typed refusal.
Must never be done here: read or write anything, read a clock, know how a selection finds its devices.
"""
