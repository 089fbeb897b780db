"""The park: which devices there are, and what each is called.

Comes in: a network, a seed and a number of devices.
Goes out: each device with its names, model and place in the network, worked out when it is asked for.
Must never be done here: keep a list of devices, or let a device depend on anything but network, seed and index.
"""
