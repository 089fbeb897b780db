"""The core of alarms: when one is raised and is over, and what people do with it. No I/O, no clock, no chance.

Comes in: rules as data, a device as the register holds it, the alarms that it has, a command, and the time.
Goes out: the alarms as they are then, or a typed refusal.
Must never be done here: read or write anything, ask what time it is, decide anything about a device.
"""
