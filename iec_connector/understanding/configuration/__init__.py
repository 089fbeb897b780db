"""MeterConfig and EndDeviceConfig: what the registry says of a device, since when, and where it is in its life.

In comes a part of the message; out go statements and problems. Never here: a secret; a date that was guessed.
"""
