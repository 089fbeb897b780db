"""Turns: what one device does with its reports. Recall, decide, commit; the only algorithm of the hub.

Comes in: commands for one device, a memory that may be out of date, and a ``History`` to ask and to commit to.
Goes out: commits for that history; how each report ended; the memory for the next turn.
Must never be done here: know Dapr, MongoDB or the contract; decide what ``device_hub.device`` decides.
"""
