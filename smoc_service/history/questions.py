"""Reading questions about the past, within the limits that the contract states; refused with the field's name."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.conditions import read_values
from service_chassis.refusals import argument_invalid
from service_chassis.times import read_time
from smoc_service.door.reading import read_networks
from smoc_service.history.alarm_strand import KINDS
from smoc_service.history.park_history import DaysAsked
from smoc_service.history.timeline_filter import ALARM_KIND, TimelineFilter
from smoc_service.register.milestones import ordinal_day

# The caller's clock may be ahead of ours.
_AHEAD_AT_MOST: Final = timedelta(minutes=1)


DAYS_AT_MOST: Final = 400
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"[a-z][a-z0-9-]{0,59}")


def read_timeline_filter(message: device_service_pb2.TimelineFilter) -> TimelineFilter:
    kinds = _words(message.kinds, "filter.kinds")
    for kind in kinds:
        # Words of the hub may be newer than this register; those of alarms are its own.
        if kind.startswith(ALARM_KIND) and kind not in KINDS:
            raise argument_invalid(
                "filter.kinds", f"{kind!r} is not one of {', '.join(sorted(KINDS))}"
            )
    start = read_time(message.occurred, "start_time", "filter.occurred")
    end = read_time(message.occurred, "end_time", "filter.occurred")
    if start is not None and end is not None and start >= end:
        raise argument_invalid("filter.occurred", "start_time does not lie before end_time")
    return TimelineFilter(
        kinds=kinds,
        occurred_from=start,
        occurred_before=end,
        flags=_words(message.flags, "filter.flags"),
        without_alarms=message.without_alarms,
    )


def read_past_time(request: device_service_pb2.GetDeviceAtRequest, now: datetime) -> datetime:
    """Return the time asked about, which does not lie ahead."""
    at = read_time(request, "time")
    if at is None:
        raise argument_invalid("time", "missing")
    if at > now + _AHEAD_AT_MOST:
        raise argument_invalid("time", f"{at.isoformat(timespec='seconds')} lies ahead")
    return at


def read_days(
    request: device_service_pb2.GetRolloutRequest
    | device_service_pb2.GetCommunicationQualityRequest,
) -> DaysAsked:
    networks = read_networks(request.networks, "networks")
    start = _read_day(request.start_date, "start_date")
    end = _read_day(request.end_date, "end_date")
    if start > end:
        raise argument_invalid("start_date", "lies after end_date")
    if end - start >= DAYS_AT_MOST:
        raise argument_invalid("end_date", f"more than {DAYS_AT_MOST} days")
    return DaysAsked(
        start=start,
        end=end,
        networks=networks,
        areas=read_values(request.areas, "areas"),
        by_area=request.by_area,
    )


def _read_day(text: str, field: str) -> int:
    try:
        if _DAY.fullmatch(text):
            return ordinal_day(date.fromisoformat(text))
    except ValueError:
        pass
    raise argument_invalid(field, f"{text[:40]!r} is no day like 2026-11-21")


def _words(values: Sequence[str], field: str) -> tuple[str, ...]:
    for value in read_values(values, field):
        if not _WORD.fullmatch(value):
            raise argument_invalid(field, f"{value[:60]!r} is no word like 'power-lost'")
    return tuple(dict.fromkeys(values))
