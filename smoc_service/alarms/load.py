"""The alarm load of people, counted when it is asked for: along one index, which alone is read.

Who asks for the same days and networks at once shares one count, and the next get it for a while.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from pymongo import AsyncMongoClient

from service_chassis.scope import Scope
from smoc_service.alarms.answers import KeptAnswers
from smoc_service.alarms.core.alarm import area_of
from smoc_service.alarms.core.load import (
    BLOCK_MINUTES,
    CHATTERS_FROM,
    AlarmLoad,
    FrequentAlarm,
    LoadAsked,
    Opened,
    load_days,
)
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import ALARMS, OPEN, OPENED
from smoc_service.mongodb import Document, as_stored

FREQUENT_AT_MOST: Final = 10
STALE_AFTER: Final = timedelta(days=1)
STALE_COUNTED_AT_MOST: Final = 10_000
_TIME_LIMIT_MS: Final = 10_000
# Each reads all keys of its days: a million in a second or so. More at once wait for each other.
_AT_ONCE: Final = 2
# Many people look at the same days. An answer has 92 days at the most, some ten KiB.
KEPT: Final = timedelta(seconds=30)
_KEPT_AT_MOST: Final = 100
_SOUGHT_AT_MOST: Final = 20
_BLOCK: Final = {"$dateTrunc": {"date": "$opened_at", "unit": "minute", "binSize": BLOCK_MINUTES}}
# First and last day, and the networks that the caller sees of those asked for; None: all.
_Key = tuple[date, date, tuple[str, ...] | None]


class AlarmLoads:
    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        now: Callable[[], datetime],
    ) -> None:
        self._alarms = client[database][ALARMS]
        self._now = now
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._answers = KeptAnswers[_Key, AlarmLoad](
            now, kept=KEPT, kept_at_most=_KEPT_AT_MOST, sought_at_most=_SOUGHT_AT_MOST
        )

    async def of(self, asked: LoadAsked, scope: Scope) -> AlarmLoad:
        """Return the load of some days, up to ``KEPT`` old; raise ``NetworkDenied`` or ``TooManyQuestions``."""
        for network in asked.networks:
            scope.require(network, f"network {network}")
        networks = asked.networks or (
            None if scope.networks is None else tuple(sorted(scope.networks))
        )
        seen = None if networks is None else tuple(sorted(set(networks)))
        key = (asked.start, asked.end, seen)
        return await self._answers.of(key, lambda: self._counted(asked, seen))

    async def _counted(self, asked: LoadAsked, networks: Sequence[str] | None) -> AlarmLoad:
        now = as_stored(self._now())
        query = _opened(asked, networks)
        async with self._at_once:
            opened = await self._blocks(query)
            frequent, chattering = await self._frequent(query)
            stale = await self._stale(networks, now)
        return AlarmLoad(
            days=load_days(opened, asked.start, asked.end),
            frequent=frequent,
            chattering=chattering,
            stale=stale,
            as_of=now,
        )

    async def _blocks(self, query: Document) -> list[Opened]:
        by_block = {"at": _BLOCK, "severity": "$severity"}
        stages = [{"$match": query}, {"$group": {"_id": by_block, "count": {"$sum": 1}}}]
        return [
            Opened(
                at=each["_id"]["at"],
                severity=Severity(each["_id"]["severity"]),
                count=each["count"],
            )
            for each in await self._aggregated(stages)
        ]

    async def _frequent(self, query: Document) -> tuple[list[FrequentAlarm], int]:
        """Return what was opened most often, and how many alarms chatter."""
        about = {"subject": "$subject", "rule": "$rule", "network": "$network"}
        stages: list[Document] = [
            {"$match": query},
            {"$group": {"_id": {**about, "at": _BLOCK}, "count": {"$sum": 1}}},
            {
                "$group": {
                    "_id": {name: f"$_id.{name}" for name in about},
                    "count": {"$sum": "$count"},
                    "most": {"$max": "$count"},
                }
            },
            {
                "$facet": {
                    "frequent": [
                        {"$match": {"count": {"$gt": 1}}},
                        {"$sort": {"count": -1, "_id": 1}},
                        {"$limit": FREQUENT_AT_MOST},
                    ],
                    "chattering": [
                        {"$match": {"most": {"$gte": CHATTERS_FROM}}},
                        {"$count": "count"},
                    ],
                }
            },
        ]
        [found] = await self._aggregated(stages)
        chattering = found["chattering"][0]["count"] if found["chattering"] else 0
        return list(map(_frequent_from, found["frequent"])), chattering

    async def _stale(self, networks: Sequence[str] | None, now: datetime) -> int:
        before = now - STALE_AFTER
        query: Document = {
            "shown": True,
            "shelf": OPEN,
            # Its place in the list tells when it was opened, or that of an earlier version some time before that.
            "number": {"$lt": f"{int(before.timestamp() * 1000):012x}"},
            "opened_at": {"$lt": before},
        }
        if networks is not None:
            query["network"] = {"$in": list(networks)}
        return await self._alarms.count_documents(
            query,
            hint="listed" if networks is None else "listed_by_network",
            limit=STALE_COUNTED_AT_MOST,
            maxTimeMS=_TIME_LIMIT_MS,
        )

    async def _aggregated(self, stages: list[Document]) -> list[Document]:
        cursor = await self._alarms.aggregate(
            stages, hint=OPENED, maxTimeMS=_TIME_LIMIT_MS, allowDiskUse=True
        )
        return await cursor.to_list()


def _opened(asked: LoadAsked, networks: Sequence[str] | None) -> Document:
    start = datetime.combine(asked.start, time(), UTC)
    end = datetime.combine(asked.end, time(), UTC) + timedelta(days=1)
    query: dict[str, Any] = {"opened_at": {"$gte": start, "$lt": end}}
    if networks is not None:
        query["network"] = {"$in": list(networks)}
    return query


def _frequent_from(found: Document) -> FrequentAlarm:
    about = found["_id"]
    area = area_of(about["subject"])
    return FrequentAlarm(
        network=about["network"],
        device_id="" if area else about["subject"],
        area=area,
        rule=about["rule"],
        count=found["count"],
        chatters=found["most"] >= CHATTERS_FROM,
    )
