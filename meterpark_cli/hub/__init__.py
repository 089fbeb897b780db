"""``meterpark hub``: what the hub's process holds in memory.

Comes in: words. Goes out: a question to the hub's status; a table or a document.
Must never be done here: waking a device.
"""
