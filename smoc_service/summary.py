"""The park in numbers: how many devices there are by lifecycle and facet value, and what changed last.

A terminal asks every second, so the register is not counted for an answer. It is counted once, by the database and at
one point of its time; from that very point on the change stream brings what changed. Each device document carries the
facet values that it took the place of (see ``documents.device_document``), so counting on needs no memory per device,
and the database sends only what changes a count. From time to time all is counted again, against what nobody foresaw.

Weighed against it: counting keys of each facet's index for every value, cached for a moment: at a million devices six
million keys for one answer; a table of every device's values in this process: some 150 MB for a million.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import stamina
import structlog
from bson import Timestamp
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from smoc_service.device import FACETS, ParkChange
from smoc_service.documents import (
    DEVICES,
    TIMELINE,
    Document,
    facet_values,
    park_change_from,
)
from smoc_service.errors import NotCountedYet

log = structlog.get_logger()

RECOUNT_SECONDS: Final = 600.0
_PATIENCE_SECONDS = 5.0
_AWAIT_MS = 500
# No more combinations of facet values than this exist: the product of their numbers.
_COMBINATIONS = 20_000
_NEVER = datetime.min.replace(tzinfo=UTC)

_BY_VALUES = [
    {"$group": {"_id": {name: f"${name}.value" for name in FACETS}, "devices": {"$sum": 1}}}
]
_WHAT_COUNTS: list[Mapping[str, Any]] = [
    {
        "$match": {
            "$or": [{"operationType": {"$ne": "replace"}}, {"fullDocument.was": {"$exists": True}}]
        }
    },
    {
        "$project": {
            "operationType": True,
            "clusterTime": True,
            "fullDocument.was": True,
            **{f"fullDocument.{name}.value": True for name in FACETS},
        }
    },
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkSummary:
    device_count: int
    # By (facet, value); every known value, and what else was met.
    counts: Mapping[tuple[str, str], int]
    changes: list[ParkChange]
    # Every change stored until then is counted.
    as_of: datetime


class ParkCounts:
    """Counts that follow the register while ``run`` runs. Several processes may each have their own."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        now: Callable[[], datetime],
        recount_seconds: float = RECOUNT_SECONDS,
    ) -> None:
        self._database = database
        self._now = now
        self._recount_seconds = recount_seconds
        self._counts: Counter[tuple[str, str]] = Counter()
        self._device_count = 0
        self._as_of = _NEVER
        self._counted = asyncio.Event()

    async def run(self) -> None:
        """Count and follow, for ever."""
        while True:
            async for attempt in stamina.retry_context(
                on=PyMongoError, attempts=None, timeout=None, wait_initial=0.2, wait_max=5.0
            ):
                with attempt:
                    try:
                        await self._count_and_follow()
                    except PyMongoError as error:
                        self._counted.clear()
                        log.warning("park is not counted", detail=str(error)[:200])
                        raise

    async def summary(self, change_count: int) -> ParkSummary:
        """Return the counts and the ``change_count`` newest changes; raise ``NotCountedYet``."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._counted.wait()
        except TimeoutError:
            raise NotCountedYet("the park is being counted, ask again") from None
        counts = {(name, value): 0 for name, values in FACETS.items() for value in values}
        counts |= {key: count for key, count in self._counts.items() if count or key in counts}
        device_count, as_of = self._device_count, self._as_of
        changes = await self._newest_changes(change_count) if change_count else []
        return ParkSummary(device_count=device_count, counts=counts, changes=changes, as_of=as_of)

    async def _newest_changes(self, count: int) -> list[ParkChange]:
        # The collection's own order, backwards, is the order of arrival: it reads `count` entries and needs no index
        # on the largest collection. An entry that the hub sends late arrives late; the sort puts it in its place.
        found = await self._database[TIMELINE].find().sort("$natural", -1).limit(count).to_list()
        changes = [park_change_from(document) for document in found]
        return sorted(changes, key=lambda each: each.entry.recorded_at or _NEVER, reverse=True)

    async def _count_and_follow(self) -> None:
        """Count, then follow the changes until it is time to count again."""
        counted_at = await self._count()
        end = asyncio.get_running_loop().time() + self._recount_seconds
        following = Timestamp(counted_at.time, counted_at.inc + 1)
        async with await self._database[DEVICES].watch(
            _WHAT_COUNTS, start_at_operation_time=following, max_await_time_ms=_AWAIT_MS
        ) as stream:
            while asyncio.get_running_loop().time() < end:
                end_if_cancelled()
                asked_at = self._now()
                event = await stream.try_next()
                if event is None:
                    self._as_of = asked_at
                elif not self._take(event):
                    log.warning("register was changed by hand", operation=event["operationType"])
                    return

    async def _count(self) -> Timestamp:
        """Count the whole register at one point of the database's time, and return that point."""
        answer = await self._database.command(
            {
                "aggregate": DEVICES,
                "pipeline": _BY_VALUES,
                "cursor": {"batchSize": _COMBINATIONS},
                "readConcern": {"level": "snapshot"},
            }
        )
        counts: Counter[tuple[str, str]] = Counter()
        device_count = 0
        for group in answer["cursor"]["firstBatch"]:
            device_count += group["devices"]
            for key in group["_id"].items():
                counts[key] += group["devices"]
        counted_at: Timestamp = answer["cursor"]["atClusterTime"]
        self._counts, self._device_count = counts, device_count
        self._as_of = counted_at.as_datetime()
        self._counted.set()
        return counted_at

    def _take(self, event: Mapping[str, Any]) -> bool:
        """Count one change; False for one that the register itself never makes and that cannot be counted."""
        document = event.get("fullDocument", {})
        match event["operationType"]:
            case "insert":
                self._device_count += 1
            case "replace":
                self._counts.subtract(document["was"].items())
            case _:
                return False
        self._counts.update(facet_values(document).items())
        self._as_of = max(self._as_of, event["clusterTime"].as_datetime())
        return True
