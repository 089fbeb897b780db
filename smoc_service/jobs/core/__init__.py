"""The core of work on many devices: what a job goes through, and what it does with one device. No I/O, no clock.

Comes in: a job as it is, what became of some devices, what somebody wants; a device's work or its alarms; the time.
Goes out: the job, the work or the alarms as they are then, or a typed refusal.
Must never be done here: read or write anything, ask what time it is, know how a selection finds its devices.
"""
