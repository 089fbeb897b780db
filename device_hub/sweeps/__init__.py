"""Sweeps: devices whose time has come without a report, asked some at once at a set pace.

Comes in: the clock; the heads, which say whose silence or plan is due.
Goes out: a turn for each of them, through its actor.
Must never be done here: wake a device that is not due; decide that it is silent (the device does); hurry.
"""
