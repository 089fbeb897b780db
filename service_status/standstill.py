"""When a hop stands still: judged by missing progress, whatever the cause. Pure.

Something waits and nothing was done for a while; or something blocks the hop for as long; or a peer denies a call. One
item that waits very long while others pass it is a standstill, too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_pb2 import Hop

STANDSTILL_SECONDS: Final = 30.0
# One item may wait this many times the patience while others go on.
_OVERTAKEN: Final = 10


class Kind(Enum):
    """How a hop stands still."""

    # A peer denies a call; known at once.
    DENIED = auto()
    # Trouble that lasts.
    TROUBLED = auto()
    # Something waits, and nothing is done.
    QUIET = auto()
    # The oldest waits although others are done.
    OVERTAKEN = auto()


@dataclass(frozen=True, slots=True)
class Standstill:
    kind: Kind
    since: datetime


def standstill_of(hop: Hop, *, now: datetime, seconds: float) -> Standstill | None:
    """Return how the hop stands still, or None. ``now`` is a time of the same clock as the hop's times."""

    def is_long(since: datetime, times: int = 1) -> bool:
        return (now - since).total_seconds() >= seconds * times

    if hop.denials:
        return Standstill(Kind.DENIED, _at(hop.denials[0].since_time))
    if hop.HasField("trouble") and is_long(since := _at(hop.trouble.since_time)):
        return Standstill(Kind.TROUBLED, since)
    if not hop.waiting_count or not hop.HasField("waiting_since_time"):
        return None
    waiting_since = _at(hop.waiting_since_time)
    quiet_since = waiting_since
    if hop.HasField("last_done_time"):
        quiet_since = max(waiting_since, _at(hop.last_done_time))
    if is_long(quiet_since):
        return Standstill(Kind.QUIET, quiet_since)
    if is_long(waiting_since, _OVERTAKEN):
        return Standstill(Kind.OVERTAKEN, waiting_since)
    return None


def _at(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)
