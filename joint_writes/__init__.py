"""Writes of a batch that the database takes as one: all of them, or none.

Comes in: what to write, as work in a session; it may be done again.
Goes out: whether it was written. If not, because other writes stood in its way, the caller writes one by one.

A document that is changed is an operation of its own for MongoDB, and wakes every change stream, also when hundreds are
changed in one request. In one transaction they are one operation, which costs the database half (decision 46).

Must never be done here: deciding what to write instead; anything that knows a meter, a device or a report.
"""

from joint_writes.joint import JointWrites, StandsInTheWay

__all__ = ["JointWrites", "StandsInTheWay"]
