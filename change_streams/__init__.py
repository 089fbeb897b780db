"""How a service follows what changes in its database: MongoDB's change streams.

Comes in: a collection or a database, what of it is wanted, and from where on: a position, which the stream itself gave,
or a point of the database's time. Without either: from now on.
Goes out: changes, one or some at a time, and the position behind them; ``PositionLost`` when the database cannot go on
from there.

Catching up, for whoever has no position: take the `point_of_time`, read the collection, then follow from that point.
Nothing is missed, something may be seen twice.

Must never be done here: keeping a position; deciding what to do without one; anything that knows a meter, a device or
a report.
"""

from change_streams.stream import (
    Changes,
    Event,
    Position,
    PositionLost,
    changes,
    follow,
    point_of_time,
)

__all__ = ["Changes", "Event", "Position", "PositionLost", "changes", "follow", "point_of_time"]
