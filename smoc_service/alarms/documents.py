"""How alarms lie in MongoDB, and the indexes that every question about them rests on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from smoc_service.alarms.core.alarm import Alarm, Counted, Deed, Entry, State
from smoc_service.alarms.core.rules import Severity
from smoc_service.mongodb import Document
from smoc_service.who import Who

ALARMS: Final = "alarms"
POSITIONS: Final = "positions"

# Where an alarm is listed: of these a list names one or more, so that no index leads through the others.
OPEN, SNOOZED, RESOLVED = "OPEN", "SNOOZED", "RESOLVED"
# What lists can be narrowed by; each has an index of its own.
NARROWED_BY: Final = (
    "device_id",
    "assignee",
    "area",
    "rule",
    "category",
    "severity",
    "network",
)

OF_A_DEVICE: Final = "of_a_device"
OPENED: Final = "opened"
# Most alarms of an outage are never listed: they lie in the first three indexes alone.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNRESOLVED = {"unresolved": True}
_SHOWN = {"shown": True}
ALARM_INDEXES: Final = [
    IndexModel(
        [("subject", ASCENDING), ("rule", ASCENDING)],
        name="one_at_most",
        unique=True,
        partialFilterExpression=_UNRESOLVED,
    ),
    IndexModel([("look_at", ASCENDING)], name="due", partialFilterExpression=_UNRESOLVED),
    IndexModel(
        [("network", ASCENDING), ("area", ASCENDING), ("rule", ASCENDING), ("since", ASCENDING)],
        name="of_an_area",
        partialFilterExpression=_UNRESOLVED,
    ),
    IndexModel(
        [("subject", ASCENDING), ("rule", ASCENDING), ("since", ASCENDING)],
        name="resolved_by_hand",
        partialFilterExpression={"by_hand": True},
    ),
    # For the device's timeline; see ``history.alarm_strand``.
    IndexModel(
        [("device_id", ASCENDING), ("deeds.last", DESCENDING), ("deeds.first", ASCENDING)],
        name=OF_A_DEVICE,
        partialFilterExpression={"deeds.last": {"$exists": True}, "device_id": {"$gt": ""}},
    ),
    # For the alarm load, which reads nothing but this index. What waits was never opened, and is not in it.
    IndexModel(
        [
            ("opened_at", ASCENDING),
            ("network", ASCENDING),
            ("severity", ASCENDING),
            ("subject", ASCENDING),
            ("rule", ASCENDING),
        ],
        name=OPENED,
        partialFilterExpression={"opened_at": {"$gt": _EPOCH}},
    ),
    IndexModel(
        [("shelf", ASCENDING), ("number", DESCENDING)],
        name="listed",
        partialFilterExpression=_SHOWN,
    ),
    *(
        IndexModel(
            [("shelf", ASCENDING), (name, ASCENDING), ("number", DESCENDING)],
            name=f"listed_by_{name}",
            partialFilterExpression=_SHOWN,
        )
        for name in NARROWED_BY
    ),
]


def alarm_document(alarm: Alarm) -> Document:
    document: Document = {
        "_id": alarm.alarm_id,
        "number": place_of(alarm),
        "subject": alarm.subject,
        **{name: getattr(alarm, name) for name in _PLAIN},
        "severity": alarm.severity.value,
        "state": alarm.state.value,
        "shelf": _shelf(alarm),
        "history": [_entry_document(entry) for entry in alarm.history],
    }
    # An absent field is in no partial index.
    if alarm.state is not State.RESOLVED:
        document["unresolved"] = True
    if alarm.state is not State.WAITING:
        document["shown"] = True
    if alarm.counted:
        document["counted"] = [{"at": each.at, "devices": each.devices} for each in alarm.counted]
    if alarm.history:
        times = [entry.at for entry in alarm.history]
        document["deeds"] = {"first": min(times), "last": max(times)}
    return document


def alarm_from(document: Mapping[str, Any]) -> Alarm:
    """Return the alarm; without its history when ``document`` has none."""
    return Alarm(
        alarm_id=document["_id"],
        **{name: document[name] for name in _PLAIN},
        severity=Severity(document["severity"]),
        state=State(document["state"]),
        history=tuple(_entry_from(entry) for entry in document.get("history", ())),
        counted=tuple(Counted(each["at"], each["devices"]) for each in document.get("counted", ())),
    )


def number_of(alarm_id: str) -> str:
    return alarm_id.rpartition("/")[2]


def place_of(alarm: Alarm) -> str:
    """Return where lists hold the alarm; they are read from the greatest place on.

    It is when the alarm was opened, then its number. What has to last a day before it is opened has a number of the day
    before: by numbers alone, it would come up among the alarms of yesterday. Of an alarm that was opened and stored by
    an earlier version, the place is its number, until it changes or history is rebuilt.
    """
    if alarm.opened_at is None:
        return number_of(alarm.alarm_id)
    opened = (alarm.opened_at - _EPOCH) // _MILLISECOND
    return f"{opened:012x}{number_of(alarm.alarm_id)}"


_PLAIN = (
    "version",
    "rule",
    "category",
    "network",
    "device_id",
    "area",
    "since",
    "summary",
    "look_at",
    "opened_at",
    "assignee",
    "snoozed_until",
    "cause_over",
    "part_of",
    "seen_revision",
    "resolved_at",
    "by_hand",
)


def _shelf(alarm: Alarm) -> str:
    if alarm.state is State.RESOLVED:
        return RESOLVED
    return OPEN if alarm.snoozed_until is None else SNOOZED


def _entry_document(entry: Entry) -> Document:
    return {
        "at": entry.at,
        "subject": entry.who.subject,
        "username": entry.who.username,
        "deed": entry.deed.value,
        "detail": entry.detail,
        "comment": entry.comment,
        "request_id": entry.request_id,
    }


def _entry_from(document: Mapping[str, Any]) -> Entry:
    return Entry(
        at=document["at"],
        who=Who(subject=document["subject"], username=document["username"]),
        deed=Deed(document["deed"]),
        detail=document["detail"],
        comment=document["comment"],
        request_id=document["request_id"],
    )
