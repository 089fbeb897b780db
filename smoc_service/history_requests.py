"""Reading questions about the past, within the limits that the contract states; refused with the field's name."""

from datetime import UTC, datetime, timedelta
from typing import Final

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.refusals import argument_invalid

# The clock of who asks may be ahead of ours.
_AHEAD_AT_MOST: Final = timedelta(minutes=1)


def read_past_time(request: device_service_pb2.GetDeviceAtRequest, now: datetime) -> datetime:
    """Return the time asked about, which does not lie ahead."""
    if not request.HasField("time"):
        raise argument_invalid("time", "missing")
    try:
        at = request.time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argument_invalid("time", "outside of the years 1 to 9999") from None
    if at > now + _AHEAD_AT_MOST:
        raise argument_invalid("time", f"{at.isoformat(timespec='seconds')} lies ahead")
    return at
