"""Times of the contract."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from bff.failures import argument_invalid


def time_of(message: object, field: str) -> datetime | None:
    """Return the time in ``field`` of a message, None when there is none."""
    stamp = getattr(message, field)
    return stamp.ToDatetime(UTC) if stamp.seconds or stamp.nanos else None


def stamp_of(given: datetime | None, field: str) -> Timestamp | None:
    """Return ``given`` for the contract; raise Failure when it has no zone, so that nobody guesses."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise argument_invalid(field, "a time needs a zone: 2026-11-21T08:00:00Z")
    stamp = Timestamp()
    try:
        stamp.FromDatetime(given.astimezone(UTC))
    except (OverflowError, ValueError):
        # The first and the last day have zones in which they are not in the calendar.
        raise argument_invalid(field, "a time of the years 1 to 9999, also in UTC") from None
    return stamp
