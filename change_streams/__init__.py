"""Follows changes in a service's database, by MongoDB's change streams.

Comes in: a collection or a database, a filter, and where to begin: at a position that the stream gave earlier, at a
point of the database's time, or now.
Goes out: changes, singly or in batches, each with the position after it; ``PositionLost`` when the database cannot
continue from a position.

To catch up without a position: take the `point_of_time`, read the collection, then follow from that point.
No change is missed; some may be seen twice.

Before a client is made: ``let_waits_be_cancelled``, as every follower is cancelled when its service ends.

Must never be done here: storing a position; deciding what to do without one; anything that knows a meter, a device or
a report.
"""

from change_streams.cancelled_waits import let_waits_be_cancelled
from change_streams.stream import (
    Changes,
    Event,
    Position,
    PositionLost,
    changes,
    follow,
    point_of_time,
)

__all__ = [
    "Changes",
    "Event",
    "Position",
    "PositionLost",
    "changes",
    "follow",
    "let_waits_be_cancelled",
    "point_of_time",
]
