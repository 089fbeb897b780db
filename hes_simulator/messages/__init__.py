"""What a head-end system says, and how it writes that down.

Comes in: devices and times.
Goes out: contents (MeterConfig, Linkage, EndDeviceEvents, MeterReadings), and their text in one of several envelopes.
Must never be done here: know the ledger or the broker, or write a value into XML without escaping it.
"""
