"""How jobs and their items lie in MongoDB, and the indexes that every question about them rests on.

An item is one device of a job. Items lie under the id of a list and not of the job: a process that was thought dead,
and still writes a list, writes one that no job names.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from smoc_service.jobs.core.deeds import (
    AcknowledgeAlarms,
    AssignAlarms,
    Deed,
    MarkForExchange,
    Tag,
    UnmarkForExchange,
)
from smoc_service.jobs.core.job import (
    ENDED,
    UNFINISHED_AT_MOST,
    Counts,
    Job,
    Outcome,
    Selection,
    State,
)
from smoc_service.mongodb import Document
from smoc_service.who import Who

JOBS: Final = "jobs"
JOB_ITEMS: Final = "job_items"
# From its end on, a job is kept this long at the least, and its items with it.
KEPT: Final = timedelta(days=400)

_FORGOTTEN = IndexModel([("forget_at", ASCENDING)], name="forgotten", expireAfterSeconds=0)
JOB_INDEXES: Final = [
    IndexModel([("creator", ASCENDING), ("request_id", ASCENDING)], name="by_request", unique=True),
    IndexModel([("state", ASCENDING), ("_id", DESCENDING)], name="by_state"),
    IndexModel(
        [("creator", ASCENDING)],
        name="unfinished",
        partialFilterExpression={"unfinished": True},
    ),
    _FORGOTTEN,
]
ITEM_INDEXES: Final = [
    IndexModel(
        [("_id.list", ASCENDING), ("outcome", ASCENDING), ("_id.number", ASCENDING)],
        name="by_outcome",
    ),
    _FORGOTTEN,
]

# What deeds are called where they are stored: never to be changed.
_KINDS: Final[Mapping[str, Any]] = {
    "acknowledge-alarms": AcknowledgeAlarms,
    "assign-alarms": AssignAlarms,
    "tag": Tag,
    "mark-for-exchange": MarkForExchange,
    "unmark-for-exchange": UnmarkForExchange,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    number: int
    device_id: str
    outcome: Outcome
    detail: str
    at: datetime | None


def job_document(job: Job, request_id: str, asked: str) -> Document:
    """Return what is stored; ``asked`` is the digest of what came with ``request_id``."""
    document: Document = {
        "_id": job.job_id,
        "version": job.version,
        "state": job.state.value,
        "selection": {
            "conditions": job.selection.conditions,
            "device_ids": list(job.selection.device_ids),
        },
        "deed": _deed_document(job.deed),
        "summary": job.summary,
        "creator": job.who.subject,
        "username": job.who.username,
        "networks": None if job.networks is None else sorted(job.networks),
        "expected_count": job.expected_count,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "ended_at": job.ended_at,
        "list_id": job.list_id,
        "counts": asdict(job.counts),
        "worker": job.worker,
        "session": job.session,
        "lease_until": job.lease_until,
        "request_id": request_id,
        "asked": asked,
        "forget_at": forget_at(job.created_at),
    }
    # What is not there is in no partial index.
    if job.state not in ENDED:
        document["unfinished"] = True
    return document


def job_from(document: Mapping[str, Any]) -> Job:
    """Return the job; without its selection when ``document`` has none."""
    networks = document["networks"]
    selection = document.get("selection", {"conditions": None, "device_ids": ()})
    return Job(
        job_id=document["_id"],
        state=State(document["state"]),
        selection=Selection(
            conditions=selection["conditions"], device_ids=tuple(selection["device_ids"])
        ),
        deed=_deed_from(document["deed"]),
        who=Who(subject=document["creator"], username=document["username"]),
        networks=None if networks is None else frozenset(networks),
        counts=Counts(**document["counts"]),
        **{name: document[name] for name in _PLAIN},
    )


def next_version(document: Mapping[str, Any], after: Job) -> tuple[Document, Document]:
    """Return the condition and the replacement that put ``after`` in the place of the job in ``document``."""
    guard = {"_id": document["_id"], "version": document["version"]}
    return guard, job_document(after, document["request_id"], document["asked"])


def item_document(list_id: str, number: int, device_id: str, forgotten_at: datetime) -> Document:
    return {
        "_id": item_key(list_id, number),
        "device_id": device_id,
        "outcome": Outcome.PENDING.value,
        "detail": "",
        "at": None,
        "forget_at": forgotten_at,
    }


def item_from(document: Mapping[str, Any]) -> Item:
    return Item(
        number=document["_id"]["number"],
        device_id=document["device_id"],
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


def forget_at(created_at: datetime) -> datetime:
    """Return when a job and its items may be deleted: known at the start, so that its end rewrites no million items."""
    return created_at + UNFINISHED_AT_MOST + KEPT


_PLAIN = (
    "version",
    "summary",
    "expected_count",
    "created_at",
    "updated_at",
    "ended_at",
    "list_id",
    "worker",
    "session",
    "lease_until",
)


def _deed_document(deed: Deed) -> Document:
    [kind] = [name for name, each in _KINDS.items() if isinstance(deed, each)]
    said = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(deed).items()
    }
    return {"kind": kind, **said}


def _deed_from(document: Mapping[str, Any]) -> Deed:
    said = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document.items()
        if name != "kind"
    }
    deed: Deed = _KINDS[document["kind"]](**said)
    return deed
