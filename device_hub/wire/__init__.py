"""Wire: the contract's types on one side, the device's on the other. Each is translated once, by a named function.

Comes in: reports and shipments as the contract says them; devices, commits and endings of turns as the hub has them.
Goes out: commands for a device; devices, timeline entries and verdicts in the contract's words.
Must never be done here: ask a database or a peer; decide about a device; let a wire type travel inward.
"""
