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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import stamina
import structlog
from bson import Timestamp
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from service_chassis.scope import Scope
from smoc_service.database import cluster_time
from smoc_service.device import FACETS, ParkChange
from smoc_service.documents import (
    DEVICES,
    TIMELINE,
    Document,
    entries_within,
    facet_values,
    park_change_from,
)
from smoc_service.errors import NotCountedYet

log = structlog.get_logger()

RECOUNT_SECONDS: Final = 600.0
_PATIENCE_SECONDS = 5.0
_AWAIT_MS = 500
# Among how many of the park's newest changes those of a caller's networks are looked for.
_LOOKED_THROUGH = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)

_BY_VALUES = [
    {
        "$group": {
            "_id": {"network": "$network", **{name: f"${name}.value" for name in FACETS}},
            "devices": {"$sum": 1},
        }
    }
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
            "fullDocument.network": True,
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


@dataclass(slots=True)
class NetworkCounts:
    """The devices of one network."""

    device_count: int = 0
    # By (facet, value).
    by_value: Counter[tuple[str, str]] = field(default_factory=Counter)


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
        # By network; so each caller's summary is the sum of what he may see.
        self._counts: dict[str, NetworkCounts] = {}
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

    async def summary(self, change_count: int, scope: Scope) -> ParkSummary:
        """Return the counts and the ``change_count`` newest changes of the scope; raise ``NotCountedYet``.

        A caller who does not see all networks sees those changes of his own that are among the park's newest 1,000.
        """
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._counted.wait()
        except TimeoutError:
            raise NotCountedYet("the park is being counted, ask again") from None
        counts = Counter({(name, value): 0 for name, values in FACETS.items() for value in values})
        known = set(counts)
        device_count, as_of = 0, self._as_of
        for network, counted in self._counts.items():
            if scope.holds(network):
                device_count += counted.device_count
                counts.update(counted.by_value)
        changes = await self._newest_changes(change_count, scope) if change_count else []
        return ParkSummary(
            device_count=device_count,
            counts={key: count for key, count in counts.items() if count or key in known},
            changes=changes,
            as_of=as_of,
        )

    async def _newest_changes(self, count: int, scope: Scope) -> list[ParkChange]:
        # The collection's own order, backwards, is the order of arrival: it reads so many entries and needs no index
        # on the largest collection. An entry that the hub sends late arrives late; the sort puts it in its place.
        looked_through = count if scope.networks is None else _LOOKED_THROUGH
        found = await (
            await self._database[TIMELINE].aggregate(
                [{"$limit": looked_through}, {"$match": entries_within(scope)}, {"$limit": count}],
                hint={"$natural": -1},
            )
        ).to_list()
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
        counted_at = await cluster_time(self._database)
        groups = await self._database.cursor_command(
            {
                "aggregate": DEVICES,
                "pipeline": _BY_VALUES,
                "cursor": {},
                "readConcern": {"level": "snapshot", "atClusterTime": counted_at},
            }
        )
        counts: dict[str, NetworkCounts] = {}
        async for group in groups:
            network = counts.setdefault(group["_id"].pop("network"), NetworkCounts())
            network.device_count += group["devices"]
            network.by_value.update(dict.fromkeys(group["_id"].items(), group["devices"]))
        self._counts = counts
        self._as_of = counted_at.as_datetime()
        self._counted.set()
        return counted_at

    def _take(self, event: Mapping[str, Any]) -> bool:
        """Count one change; False for one that the register itself never makes and that cannot be counted."""
        if event["operationType"] not in {"insert", "replace"}:
            return False
        document = event["fullDocument"]
        network = self._counts.setdefault(document["network"], NetworkCounts())
        if event["operationType"] == "insert":
            network.device_count += 1
        else:
            network.by_value.subtract(document["was"].items())
        network.by_value.update(facet_values(document).items())
        self._as_of = max(self._as_of, event["clusterTime"].as_datetime())
        return True
