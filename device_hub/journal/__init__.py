"""The journal: one document per commit in MongoDB, append-only; the only truth about a device.

Comes in: commits of turns; requests of the doors, the checker and the sweeps.
Goes out: devices as of their last commit; commits for followers; the heads, made from commits.
Must never be done here: change or delete a commit; edit a stored name; acknowledge what a majority does not hold.
"""
