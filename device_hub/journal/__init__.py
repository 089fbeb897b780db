"""The journal: one document per commit in MongoDB, append-only; the only truth about a device.

Comes in: commits of turns; questions of the doors, the checker and the sweeps.
Goes out: devices as their last commit says; commits, to whoever follows them; the heads, made from them.
Must never be done here: change or delete a commit; edit a stored name; acknowledge what a majority does not hold.
"""
