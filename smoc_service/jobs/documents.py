"""How jobs and their items lie in MongoDB, and the indexes that every question about them rests on.

An item is one device, or one alarm, of a job. Items lie under the id of a list and not of the job: a process that was
thought dead, and still writes a list, writes one that no job names.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from smoc_service.errors import JobUnknown
from smoc_service.jobs.core.actions import (
    AcknowledgeAlarms,
    Action,
    AssignAlarms,
    CommentAlarms,
    MarkForExchange,
    ResolveAlarms,
    SnoozeAlarms,
    Tag,
    UnmarkForExchange,
)
from smoc_service.jobs.core.job import (
    Counts,
    Job,
    Outcome,
    Selection,
    State,
)
from smoc_service.mongodb import Document
from smoc_service.work.collection import Kind
from smoc_service.work.documents import FORGOTTEN, WORK_INDEXES, work_document, work_from

JOBS: Final = "jobs"
JOB_ITEMS: Final = "job_items"
UNFINISHED_OF_ONE: Final = 5
UNFINISHED_IN_ALL: Final = 20
JOB_INDEXES: Final = [
    *WORK_INDEXES,
    IndexModel([("state", ASCENDING), ("_id", DESCENDING)], name="by_state"),
]
ITEM_INDEXES: Final = [
    IndexModel(
        [("_id.list", ASCENDING), ("outcome", ASCENDING), ("_id.number", ASCENDING)],
        name="by_outcome",
    ),
    FORGOTTEN,
]

# What actions are called where they are stored: never to be changed.
_KINDS: Final[Mapping[str, Any]] = {
    "acknowledge-alarms": AcknowledgeAlarms,
    "assign-alarms": AssignAlarms,
    "tag": Tag,
    "mark-for-exchange": MarkForExchange,
    "unmark-for-exchange": UnmarkForExchange,
    "resolve-alarms": ResolveAlarms,
    "snooze-alarms": SnoozeAlarms,
    "comment-alarms": CommentAlarms,
}


@dataclass(frozen=True, slots=True)
class Picked:
    """What an item is about: a device, or an alarm and its device."""

    device_id: str
    alarm_id: str = ""

    @property
    def key(self) -> str:
        """Return the id by which the job knows it."""
        return self.alarm_id or self.device_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    number: int
    # Of an alarm of an area: empty.
    device_id: str
    outcome: Outcome
    detail: str
    at: datetime | None
    alarm_id: str = ""


def job_document(job: Job) -> Document:
    return {
        **({"of_alarms": True} if job.of_alarms else {}),
        "_id": job.job_id,
        **work_document(job),
        "selection": _selection_document(job.selection),
        "deed": _action_document(job.action),
        "summary": job.summary,
        "expected_count": job.expected_count,
        "counts": asdict(job.counts),
    }


def job_from(document: Mapping[str, Any]) -> Job:
    """Return the job; without its selection when ``document`` has none."""
    selection = document.get("selection", {"conditions": None, "device_ids": ()})
    return Job(
        job_id=document["_id"],
        state=State(document["state"]),
        selection=Selection(
            conditions=selection["conditions"],
            device_ids=tuple(selection["device_ids"]),
            # Jobs of an older release leave nothing out.
            without=tuple(selection.get("without", ())),
            # Jobs of earlier versions are of devices.
            alarm_conditions=selection.get("alarm_conditions"),
            alarm_ids=tuple(selection.get("alarm_ids", ())),
        ),
        action=_action_from(document["deed"]),
        summary=document["summary"],
        of_alarms=document.get("of_alarms", False),
        expected_count=document["expected_count"],
        counts=Counts(**document["counts"]),
        **work_from(document),
    )


KIND: Final = Kind(
    plural="jobs",
    document=job_document,
    work=job_from,
    unknown=JobUnknown,
    unfinished_of_one=UNFINISHED_OF_ONE,
    unfinished_in_all=UNFINISHED_IN_ALL,
    advice="wait, or cancel one",
)


def item_document(list_id: str, number: int, picked: Picked, forgotten_at: datetime) -> Document:
    about = {"alarm_id": picked.alarm_id} if picked.alarm_id else {}
    return {
        "_id": item_key(list_id, number),
        "device_id": picked.device_id,
        **about,
        "outcome": Outcome.PENDING.value,
        "detail": "",
        "at": None,
        "forget_at": forgotten_at,
    }


def item_from(document: Mapping[str, Any]) -> Item:
    return Item(
        number=document["_id"]["number"],
        device_id=document["device_id"],
        alarm_id=document.get("alarm_id", ""),
        outcome=Outcome(document["outcome"]),
        detail=document["detail"],
        at=document["at"],
    )


def item_key(list_id: str, number: int) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"list": list_id, "number": number}


def items_query(list_id: str, begin: int, end: int) -> Document:
    """Return the query for the items numbered from ``begin`` (inclusive) to ``end`` (exclusive)."""
    return {"_id": {"$gte": item_key(list_id, begin), "$lt": item_key(list_id, end)}}


def _selection_document(selection: Selection) -> Document:
    document: Document = {
        "conditions": selection.conditions,
        "device_ids": list(selection.device_ids),
        "without": list(selection.without),
    }
    if selection.is_of_alarms:
        document["alarm_conditions"] = selection.alarm_conditions
        document["alarm_ids"] = list(selection.alarm_ids)
    return document


def _action_document(action: Action) -> Document:
    [kind] = [name for name, each in _KINDS.items() if isinstance(action, each)]
    said = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(action).items()
    }
    return {"kind": kind, **said}


def _action_from(document: Mapping[str, Any]) -> Action:
    said = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document.items()
        if name != "kind"
    }
    action: Action = _KINDS[document["kind"]](**said)
    return action
