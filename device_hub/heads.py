"""The heads: where each device's journal stands, and when its silence is due. Written by the follower, from commits.

What it is for: the silence sweep and the checker ask "which devices ...?" without waking an actor or reading a history.
It can be dropped and rebuilt from the journal at any time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

Document = dict[str, Any]

_DUPLICATE_KEY = 11000
_SILENCE_DUE = "silence_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    device_id: str
    revision: int
    # When the device counts as silent if nothing is heard until then; None: its silence does not matter.
    silence_due_at: datetime | None


class Heads:
    def __init__(self, heads: AsyncCollection[Document]) -> None:
        self._heads = heads

    async def prepare(self) -> None:
        await self._heads.create_index(
            [("silence_due_at", ASCENDING)],
            name=_SILENCE_DUE,
            partialFilterExpression={"silence_due_at": {"$type": "date"}},
        )

    async def advance(self, heads: Sequence[Head]) -> None:
        """Move heads forward, each device at most once in ``heads``; an older revision changes nothing."""
        if not heads:
            return
        moves = [
            UpdateOne(
                {"_id": head.device_id, "revision": {"$lt": head.revision}},
                {"$set": {"revision": head.revision, "silence_due_at": head.silence_due_at}},
                upsert=True,
            )
            for head in heads
        ]
        try:
            await self._heads.bulk_write(moves, ordered=False)
        except BulkWriteError as error:
            # The upsert of a head that is ahead already meets its own _id: nothing to do.
            for one in (error.details or {}).get("writeErrors", []):
                if one.get("code") != _DUPLICATE_KEY:
                    raise

    async def silent_since(self, now: datetime, limit: int) -> list[str]:
        """Return up to ``limit`` devices whose silence is due, longest silence first."""
        found = (
            await self._heads.find(
                # The type is said again, else the planner does not take the partial index.
                {"silence_due_at": {"$lt": now, "$type": "date"}},
                {"_id": True},
            )
            .hint(_SILENCE_DUE)
            .sort("silence_due_at", ASCENDING)
            .limit(limit)
            .to_list()
        )
        return [one["_id"] for one in found]

    async def after(self, device_id: str, limit: int) -> list[tuple[str, int]]:
        """Return up to ``limit`` (device id, revision) in order of id, behind ``device_id``."""
        found = (
            await self._heads.find({"_id": {"$gt": device_id}}, {"revision": True})
            .sort("_id", ASCENDING)
            .limit(limit)
            .to_list()
        )
        return [(one["_id"], one["revision"]) for one in found]

    async def revisions(self, device_ids: Collection[str]) -> dict[str, int]:
        """Return the revision of each of these devices that has a head."""
        found = self._heads.find({"_id": {"$in": sorted(device_ids)}}, {"revision": True})
        return {one["_id"]: one["revision"] async for one in found}
