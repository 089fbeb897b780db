"""Times between the contract's messages and datetimes with a time zone."""

from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from service_chassis.refusals import argument_invalid


def read_time(message: Message, name: str, field: str = "") -> datetime | None:
    """Return the time in ``message.name``, None without one; ``field`` is the way to ``message`` for a refusal."""
    if not message.HasField(name):
        return None
    written: Timestamp = getattr(message, name)
    try:
        return written.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        path = f"{field}.{name}" if field else name
        raise argument_invalid(path, "outside of the years 1 to 9999") from None


def write_time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    written = Timestamp()
    written.FromDatetime(moment)
    return written
