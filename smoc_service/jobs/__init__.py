"""Jobs: one action on many devices or their alarms, done in the background.

Comes in: orders of callers, each with a selection of devices.
Goes out: devices and alarms changed, one result for each device, and how far each job is.
Must never be done here: do anything to a device twice, work on a job without the transaction that counts it.
"""
