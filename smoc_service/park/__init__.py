"""The park as a whole: search, counts, and the newest changes.

Comes in: stored devices and their changes (the follower), filters, orders and dimensions of callers.
Goes out: pages of devices, counts, and the summary that a terminal requests every second.
Must never be done here: change a stored device, read the whole register for one request.
"""
