"""What jobs and imports have in common where they are stored: fields, indexes, and who may see them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, IndexModel

from service_chassis.scope import Scope
from smoc_service.mongodb import Document
from smoc_service.who import Who
from smoc_service.work.lasting import UNFINISHED_AT_MOST, LastingWork

# From its end on, work is kept this long at the least, and its parts with it.
KEPT: Final = timedelta(days=400)

FORGOTTEN: Final = IndexModel([("forget_at", ASCENDING)], name="forgotten", expireAfterSeconds=0)
WORK_INDEXES: Final = [
    IndexModel([("creator", ASCENDING), ("request_id", ASCENDING)], name="by_request", unique=True),
    IndexModel(
        [("creator", ASCENDING)],
        name="unfinished",
        partialFilterExpression={"unfinished": True},
    ),
    FORGOTTEN,
]
_PLAIN: Final = (
    *("version", "created_at", "updated_at", "ended_at", "list_id"),
    *("worker", "lease_until"),
)


def work_document(work: LastingWork) -> Document:
    document: Document = {
        "state": work.state.value,
        "creator": work.who.subject,
        "username": work.who.username,
        "networks": None if work.networks is None else sorted(work.networks),
        **{name: getattr(work, name) for name in _PLAIN},
        "session": work.session,
        "forget_at": forget_at(work.created_at),
    }
    # An absent field is in no partial index.
    if work.ended_at is None:
        document["unfinished"] = True
    return document


def work_from(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``LastingWork``, all but its state."""
    networks = document["networks"]
    return {
        "who": Who(subject=document["creator"], username=document["username"]),
        "networks": None if networks is None else frozenset(networks),
        **{name: document[name] for name in _PLAIN},
        # Imports of earlier versions have no session.
        "session": document.get("session", ""),
    }


def forget_at(created_at: datetime) -> datetime:
    """Return when work and its parts may be deleted: known at the start, so that its end rewrites no million parts."""
    return created_at + UNFINISHED_AT_MOST + KEPT


def visible_in(scope: Scope) -> Document:
    """Return the condition for work of which a caller sees all: null is all networks."""
    if scope.networks is None:
        return {}
    beyond = {"$elemMatch": {"$nin": sorted(scope.networks)}}
    return {"networks": {"$ne": None, "$not": beyond}}


def is_visible(document: Mapping[str, Any], scope: Scope) -> bool:
    if scope.networks is None:
        return True
    networks = document["networks"]
    return networks is not None and scope.networks.issuperset(networks)
