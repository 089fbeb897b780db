"""How many messages there are of each reason, and how far a request to read some again is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ExecutionTimeout, OperationFailure

from device_hub.quarantine.states import OPEN, REPLAY_REQUESTED, RESOLVED, within
from service_chassis.scope import Scope

Document = dict[str, Any]

_COUNTING_MILLISECONDS = 2_000
_MOST_REASONS = 100
_BY_REPLAY: Final = "by_replay_and_state"
# Of earlier versions: it knew no network, and held messages that nobody asked to read again.
_FORMER_BY_REPLAY: Final = "by_replay"
_NO_SUCH_INDEX: Final = 27


class TooManyToCount(Exception):
    """Counting took longer than a person waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    reason: str
    open_count: int
    replay_requested_count: int
    resolved_count: int
    # Of those that are open; None when there is none.
    oldest_at: datetime | None
    newest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayProgress:
    waiting_count: int
    resolved_count: int
    failed_count: int
    username: str


async def prepare_counts(messages: AsyncCollection[Document]) -> None:
    """Create the indexes from which counts are answered alone; harmless when they exist."""
    await messages.create_index(
        [
            ("reason", ASCENDING),
            ("state", ASCENDING),
            ("network", ASCENDING),
            ("quarantined_at", ASCENDING),
        ],
        name="by_reason_and_state",
    )
    await messages.create_index(
        [("replay_id", ASCENDING), ("state", ASCENDING), ("network", ASCENDING)],
        name=_BY_REPLAY,
        partialFilterExpression={"replay_id": {"$gt": ""}},
    )
    try:
        await messages.drop_index(_FORMER_BY_REPLAY)
    except OperationFailure as error:
        if error.code != _NO_SUCH_INDEX:
            raise


async def count_by_reason(messages: AsyncCollection[Document], scope: Scope) -> list[ReasonCount]:
    """Count messages by reason, most open ones first; raise TooManyToCount."""
    only_open = {"$cond": [{"$eq": ["$state", OPEN]}, "$quarantined_at", None]}
    pipeline: list[Document] = [
        {"$match": within(scope)},
        {
            "$group": {
                "_id": "$reason",
                **{
                    state: {"$sum": {"$cond": [{"$eq": ["$state", state]}, 1, 0]}}
                    for state in (OPEN, REPLAY_REQUESTED, RESOLVED)
                },
                # Nulls are passed over by both.
                "oldest": {"$min": only_open},
                "newest": {"$max": only_open},
            }
        },
        {"$sort": {OPEN: -1, REPLAY_REQUESTED: -1, "_id": 1}},
        {"$limit": _MOST_REASONS},
    ]
    try:
        found = await messages.aggregate(
            pipeline, maxTimeMS=_COUNTING_MILLISECONDS, hint="by_reason_and_state"
        )
        groups = await found.to_list()
    except ExecutionTimeout as error:
        raise TooManyToCount from error
    return [
        ReasonCount(
            reason=group["_id"],
            open_count=group[OPEN],
            replay_requested_count=group[REPLAY_REQUESTED],
            resolved_count=group[RESOLVED],
            oldest_at=group["oldest"],
            newest_at=group["newest"],
        )
        for group in groups
    ]


async def progress_of_replay(
    messages: AsyncCollection[Document], replay_id: str, scope: Scope
) -> ReplayProgress:
    """Count the messages that this request asked for; all counts are 0 for an unknown one.

    A page asks every second while it goes on, so the counts are read from the index alone.
    """
    asked = {**within(scope), "replay_id": replay_id}
    found = await messages.aggregate(
        [{"$match": asked}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}],
        hint=_BY_REPLAY,
        maxTimeMS=_COUNTING_MILLISECONDS,
    )
    counts = {group["_id"]: group["count"] for group in await found.to_list()}
    # All of them were asked for by the same person.
    one = await messages.find_one(asked, {"replay_username": True}, hint=_BY_REPLAY)
    return ReplayProgress(
        waiting_count=counts.get(REPLAY_REQUESTED, 0),
        resolved_count=counts.get(RESOLVED, 0),
        failed_count=counts.get(OPEN, 0),
        username=one["replay_username"] if one else "",
    )
