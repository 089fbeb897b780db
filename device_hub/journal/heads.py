"""The heads: one small document per device, which says where its journal stands.

A head holds the revision, when the device counts as silent, when its next plan is due, and where it is. The follower
writes it, so the sweeps and the checker ask "which devices ...?" without waking an actor or reading a history.
It can be lost at any time: what is missing or wrong is mended from the journal (``heads_check``). The heads of a batch
move as one (`joint_writes`), unless one of them is ahead already: then each moves for itself.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from device_hub.device.lifecycle import silence_due_at
from device_hub.device.plans.planning import due_at
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from joint_writes import JointWrites

Document = dict[str, Any]

_DUPLICATE_KEY = 11000
_SILENCE_DUE = "silence_due"
_PLAN_DUE = "plan_due"
_BY_PLACE = "by_place"
_READ_AT_ONCE = 200
# As the database counts time.
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    device_id: str
    revision: int
    # When the device counts as silent if nothing is heard until then; None: its silence does not matter.
    silence_due_at: datetime | None
    # When the next of its plans takes effect; None: nothing is planned.
    plan_due_at: datetime | None = None
    # "<network>/<usage point>" where it is; None: at none.
    place: str | None = None


def head_of(device_id: str, revision: int, device: Device, rules: Rules) -> Head:
    """Return the fields that the sweeps query; a device that was joined into another has none, so no sweep finds it."""
    if device.joined_into:
        return Head(device_id=device_id, revision=revision, silence_due_at=None)
    usage_point = device.attributes.get("usage_point")
    return Head(
        device_id=device_id,
        revision=revision,
        silence_due_at=silence_due_at(device, rules),
        plan_due_at=due_at(device),
        place=f"{device.network}/{usage_point}" if usage_point else None,
    )


def _move(head: Head, there: Head | None = None) -> UpdateOne:
    """Return the write of ``head``: in the place of ``there``, else if no head is as far."""
    return UpdateOne(
        {
            "_id": head.device_id,
            "revision": {"$lt": head.revision} if there is None else there.revision,
        },
        {
            "$set": {
                "revision": head.revision,
                "silence_due_at": head.silence_due_at,
                "plan_due_at": head.plan_due_at,
                "place": head.place,
            }
        },
        upsert=there is None,
    )


def _head_from(document: Document) -> Head:
    return Head(
        device_id=document["_id"],
        revision=document["revision"],
        silence_due_at=document.get("silence_due_at"),
        plan_due_at=document.get("plan_due_at"),
        place=document.get("place"),
    )


class Heads:
    def __init__(self, heads: AsyncCollection[Document]) -> None:
        self._heads = heads
        self._joint = JointWrites(heads.database.client)

    async def prepare(self) -> None:
        for field, name in (("silence_due_at", _SILENCE_DUE), ("plan_due_at", _PLAN_DUE)):
            await self._heads.create_index(
                [(field, ASCENDING)],
                name=name,
                partialFilterExpression={field: {"$type": "date"}},
            )

        await self._heads.create_index(
            [("place", ASCENDING)],
            name=_BY_PLACE,
            partialFilterExpression={"place": {"$type": "string"}},
        )

    async def advance(self, heads: Sequence[Head]) -> None:
        """Move heads forward, each device at most once in ``heads``; an older revision changes nothing."""
        if not heads:
            return
        moves = [_move(head) for head in heads]

        async def move_all(session: AsyncClientSession) -> None:
            await self._heads.bulk_write(moves, session=session)

        if not await self._joint.done(move_all, writes=len(moves)):
            await self._each_for_itself(moves)

    async def mend(self, heads: Sequence[tuple[Head | None, Head]]) -> None:
        """Write heads in the place of what is there (None: nothing); what has moved on meanwhile stays as it is."""
        if heads:
            await self._each_for_itself([_move(head, there) for there, head in heads])

    async def stored(self, device_ids: Collection[str]) -> dict[str, Head]:
        """Return the heads of these devices, of those that have one."""
        found = self._heads.find({"_id": {"$in": sorted(device_ids)}})
        return {one["_id"]: _head_from(one) async for one in found}

    async def _each_for_itself(self, moves: Sequence[UpdateOne]) -> None:
        try:
            await self._heads.bulk_write(moves, ordered=False)
        except BulkWriteError as error:
            # The upsert of a head that is ahead already meets its own _id: nothing to do.
            for one in (error.details or {}).get("writeErrors", []):
                if one.get("code") != _DUPLICATE_KEY:
                    raise

    async def complete(self, heads: Sequence[Head]) -> None:
        """Give heads that were written before places were known their place; others stay as they are."""
        places = [
            UpdateOne(
                {"_id": head.device_id, "revision": head.revision, "place": {"$exists": False}},
                {"$set": {"place": head.place}},
            )
            for head in heads
        ]
        if places:
            await self._heads.bulk_write(places, ordered=False)

    def silent_since(self, now: datetime) -> AsyncIterator[str]:
        """Yield the devices whose silence is due, longest silence first."""
        return self._due("silence_due_at", _SILENCE_DUE, now)

    def planned_until(self, now: datetime) -> AsyncIterator[str]:
        """Yield the devices of which a plan is due, the longest due first."""
        # Due at the very moment that it names.
        return self._due("plan_due_at", _PLAN_DUE, now + _MOMENT)

    async def at(self, places: set[str]) -> dict[str, list[str]]:
        """Return which devices are at each place, as far as the follower has come."""
        found: dict[str, list[str]] = {}
        wanted = {"place": {"$in": sorted(places), "$type": "string"}}
        async for one in self._heads.find(wanted, {"place": True}).hint(_BY_PLACE).sort("_id", 1):
            found.setdefault(one["place"], []).append(one["_id"])
        return found

    async def _due(self, field: str, index: str, before: datetime) -> AsyncIterator[str]:
        """Read along the index, any number of heads; one that moves meanwhile is behind, or ahead of the end."""
        found = (
            self._heads.find(
                # The type is said again, else the planner does not take the partial index.
                {field: {"$lt": before, "$type": "date"}},
                {"_id": True},
            )
            .hint(index)
            .sort(field, ASCENDING)
            .batch_size(_READ_AT_ONCE)
        )
        async with found:
            async for one in found:
                yield one["_id"]

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
