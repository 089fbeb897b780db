"""The actions on a device's alarms, as entries of its timeline.

An alarm is one document with its history; it says from when to when something was done with it, and an index of these
two times leads to the alarms of a device that a page needs: those that were worked on before and after the page's
beginning, and of those that were done with by then the ones worked on last, one for each entry that is missing.

Alarms that were never listed have no history, so they give no entries. An alarm that an area's alarm represents now
still gives its earlier entries.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from smoc_service.alarms.core.alarm import Alarm, Deed
from smoc_service.alarms.documents import OF_A_DEVICE, alarm_from, number_of
from smoc_service.history.timeline_filter import ALARM_KIND, TimelineFilter
from smoc_service.history.timeline_merge import Found, Strand
from smoc_service.mongodb import Document
from smoc_service.register.device import TimelineEntry

# How many alarms are read for one page when few of their deeds fit.
LOOKED_AT: Final = 500
_TIME_LIMIT_MS: Final = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# The meaning of a deed's detail.
_DETAILS: Final[Mapping[Deed, str]] = {
    Deed.ASSIGNED: "assignee",
    Deed.SNOOZED: "until",
    Deed.JOINED: "area_alarm",
    Deed.PARTED: "area_alarm",
    Deed.RESOLVED: "why",
    Deed.CAUSE_OVER: "why",
}
_SENTENCES: Final[Mapping[Deed, str]] = {
    Deed.OPENED: "Alarm opened",
    Deed.ACKNOWLEDGED: "Alarm acknowledged",
    Deed.ASSIGNED: "Alarm assigned",
    Deed.COMMENTED: "Alarm commented on",
    Deed.SNOOZED: "Alarm snoozed",
    Deed.WOKEN: "Alarm back from its snooze",
    Deed.JOINED: "Alarm taken over by its area's",
    Deed.PARTED: "Alarm on its own again",
    Deed.CAUSE_OVER: "Cause of the alarm over",
    Deed.CAUSE_BACK: "Cause of the alarm back",
    Deed.RESOLVED: "Alarm resolved",
}
KINDS: Final = frozenset(ALARM_KIND + deed.lower().replace("_", "-") for deed in Deed)

# (milliseconds since 1970, number of the alarm, index within its history)
Position = tuple[int, str, int]


def deed_entries(alarm: Alarm) -> Iterator[TimelineEntry]:
    """Yield what was done with an alarm, oldest first."""
    for index, done in enumerate(alarm.history):
        details = {
            "alarm_id": alarm.alarm_id,
            "alarm": alarm.summary,
            "rule": alarm.rule,
            "severity": alarm.severity.value,
            "username": done.who.username,
            _DETAILS.get(done.deed, "detail"): done.detail,
            "comment": done.comment,
        }
        by = f" by {done.who.username}" if done.who.username else ""
        yield TimelineEntry(
            revision=0,
            index=index,
            of_alarm=number_of(alarm.alarm_id),
            kind=ALARM_KIND + done.deed.lower().replace("_", "-"),
            occurred_at=done.at,
            received_at=done.at,
            recorded_at=done.at,
            summary=f"{_SENTENCES[done.deed]}{by}: {alarm.summary or alarm.rule}",
            details={word: text for word, text in details.items() if text},
            device_id=alarm.device_id,
        )


async def deeds_strand(
    alarms: AsyncCollection[Document],
    device_id: str,
    wanted: TimelineFilter,
    position: Position | None,
    size: int,
) -> Strand:
    """Return the newest ``size`` deeds before ``position`` and one more, from at most ``LOOKED_AT`` alarms."""
    before = position
    if wanted.occurred_before is not None:
        end = (_milliseconds(wanted.occurred_before) + 1, "", 0)
        before = end if before is None else min(before, end)
    found: list[tuple[Position, TimelineEntry]] = []
    async for document in _worked_on_since(alarms, device_id, before):
        found = _newest(found, document, wanted, before, size)
    looked_at = 0
    async for document in _done_with(alarms, device_id, before):
        last: datetime = document["deeds"]["last"]
        if wanted.recorded_from is not None and last < wanted.recorded_from:
            break
        reached = _milliseconds(last)
        if len(found) > size and found[-1][0][0] > reached:
            break
        if looked_at == LOOKED_AT:
            # What this alarm and older ones hold may lie between those found.
            seen = [each for each in found if each[0][0] > reached]
            return Strand(
                found=_shown(seen),
                begins=_begins(seen, before),
                more=True,
                horizon=last,
                looked_to=(reached + 1, "", 0),
            )
        looked_at += 1
        found = _newest(found, document, wanted, before, size)
    return Strand(found=_shown(found), begins=_begins(found, before), more=len(found) > size)


def _worked_on_since(
    alarms: AsyncCollection[Document], device_id: str, before: Position | None
) -> Any:
    """Return the alarms with deeds before and after ``before``: about one per rule."""
    at = _moment(before)
    if at is None:
        return _none()
    query = {"device_id": device_id, "deeds.last": {"$gt": at}, "deeds.first": {"$lte": at}}
    return alarms.find(query, hint=OF_A_DEVICE).max_time_ms(_TIME_LIMIT_MS)


def _done_with(alarms: AsyncCollection[Document], device_id: str, before: Position | None) -> Any:
    """Return the alarms whose deeds all lie before ``before``, those with the newest deeds first."""
    at = _moment(before)
    bound = {"$exists": True} if at is None else {"$exists": True, "$lte": at}
    return (
        alarms.find({"device_id": device_id, "deeds.last": bound}, hint=OF_A_DEVICE)
        .sort("deeds.last", DESCENDING)
        .limit(LOOKED_AT + 1)
        .batch_size(50)
        .max_time_ms(_TIME_LIMIT_MS)
    )


def _newest(
    found: list[tuple[Position, TimelineEntry]],
    document: Mapping[str, Any],
    wanted: TimelineFilter,
    before: Position | None,
    size: int,
) -> list[tuple[Position, TimelineEntry]]:
    """Return the result with the deeds of one more alarm, at most ``size`` and one."""
    alarm = alarm_from(document)
    number = number_of(alarm.alarm_id)
    for entry in deed_entries(alarm):
        at = entry.recorded_at
        assert at is not None  # noqa: S101 - every deed has its time
        position = (_milliseconds(at), number, entry.index)
        if (before is None or position < before) and wanted.fits(entry):
            found.append((position, entry))
    return sorted(found, key=lambda each: each[0], reverse=True)[: size + 1]


def _begins(found: list[tuple[Position, TimelineEntry]], before: Position | None) -> Position:
    if before is not None:
        return before
    if not found:
        return (0, "", 0)
    at, number, index = found[0][0]
    return (at, number, index + 1)


def _shown(found: list[tuple[Position, TimelineEntry]]) -> list[Found]:
    return [
        Found(entry=entry, at=entry.recorded_at or _EPOCH, position=position)
        for position, entry in found
    ]


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _moment(position: Position | None) -> datetime | None:
    try:
        return None if position is None else _EPOCH + position[0] * _MILLISECOND
    except OverflowError:  # later than any deed
        return None


async def _none() -> Any:
    return
    yield
