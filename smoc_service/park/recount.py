"""Counting the park the long way, to see whether the index went wrong: the database's own sums at one point of time."""

import asyncio
from typing import Any, Final

import structlog
from bson import Timestamp
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from smoc_service.mongodb import Document
from smoc_service.park.index import Totals
from smoc_service.park.rows import ATTRIBUTE_CATEGORIES, DIMENSIONS, MARKED, NO, YES
from smoc_service.register.device import FACETS
from smoc_service.register.documents import DEVICES

log = structlog.get_logger()

# By dimension and (network, value).
ParkCounts = dict[str, dict[tuple[str, str], int]]

_TOLD_AT_MOST: Final = 10
_DEVICES = {"devices": {"$sum": 1}}
# Those that are joined into another are counted as that one.
_OF_THEIR_OWN: Final = {"$match": {"joined_into": {"$exists": False}}}


async def recounted(database: AsyncDatabase[Document], point: Timestamp) -> ParkCounts:
    """Return how many devices there were at ``point``, as the database says."""
    counts: ParkCounts = {name: {} for name in DIMENSIONS}
    for names, pipeline in _PIPELINES:
        groups = await database.cursor_command(
            {
                "aggregate": DEVICES,
                "pipeline": [_OF_THEIR_OWN, *pipeline],
                "cursor": {},
                "allowDiskUse": True,
                "readConcern": {"level": "snapshot", "atClusterTime": point},
            }
        )
        async for group in groups:
            network = group["_id"]["network"]
            for name in names:
                key = (network, group["_id"].get(name) or "")
                counts[name][key] = counts[name].get(key, 0) + group["devices"]
    return counts


class Recount:
    """One counting at one point, by both."""

    def __init__(self, database: AsyncDatabase[Document], point: Timestamp) -> None:
        self.point: Final = point
        self._stored = asyncio.create_task(recounted(database, point), name="recount")
        self._held: ParkCounts | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the index's own counts were noted."""
        return self._held is not None

    @property
    def is_done(self) -> bool:
        return self.is_counted and self._stored.done()

    def count(self, totals: Totals) -> None:
        """Note the index's counts as they were at ``point``."""
        self._held = kept(totals)

    def differences(self) -> list[str]:
        """Say what differs, a few of many; nothing when the database could not count."""
        if self._held is None:
            return []
        try:
            stored = self._stored.result()
        except PyMongoError as error:
            log.warning("park could not be recounted", detail=str(error)[:200])
            return []
        return differences(self._held, stored)

    def cancel(self) -> None:
        self._stored.cancel()


def kept(totals: Totals) -> ParkCounts:
    """Return the same as the index counted on."""
    return {name: totals.by_network(name) for name in DIMENSIONS}


def differences(kept_counts: ParkCounts, counted: ParkCounts) -> list[str]:
    """Say what differs, a few of many."""
    found = []
    for name in DIMENSIONS:
        held, true = kept_counts[name], counted[name]
        for network, value in sorted(held.keys() | true.keys()):
            has, should = held.get((network, value), 0), true.get((network, value), 0)
            if has != should:
                found.append(f"{name} {value!r} in {network}: {has} held, {should} stored")
    return found[:_TOLD_AT_MOST]


def _group(*names: str, **other: Any) -> Document:
    by = {name: f"${name}.value" if name in FACETS else f"${name}" for name in names}
    return {"$group": {"_id": {"network": "$network", **by, **other}, **_DEVICES}}


_MARKED = {"$cond": [{"$ifNull": ["$work.exchange", False]}, YES, NO]}
# Several groups, because one group of all combinations could have as many members as there are devices.
_PIPELINES: Final = (
    (("network", *FACETS, MARKED), [_group(*FACETS, **{MARKED: _MARKED})]),
    (("model", "manufacturer", "communication_technology"), [_group(*ATTRIBUTE_CATEGORIES[:3])]),
    (("firmware_version",), [_group("firmware_version")]),
    (("area",), [_group("area")]),
    (
        ("tag",),
        [
            {"$match": {"work.tags": {"$exists": True}}},
            {"$unwind": "$work.tags"},
            _group(tag="$work.tags"),
        ],
    ),
)
