"""How well the park communicated, by day: a document per network, day and area, and one per network and day.

A device keeps its days of contact for 63 days. Once a day every process counts the days that its columns hold whole,
and writes what differs from the stored counts. As all count the same columns, any of them may write, any number of
times. So late contacts are counted for two months; then the day's documents are final.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
import structlog
from pymongo import ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Backoff, Retries
from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.history.day_counts import ServiceDays, dense, quality, service_days
from smoc_service.mongodb import Document
from smoc_service.park.index import Conditions, ParkIndex, Selection
from smoc_service.park.park import Park
from smoc_service.park.rows import CONTACT_BITS, CONTACT_UNTIL, MILESTONE_DAYS
from smoc_service.register.milestones import DISCOVERED, TAKEN_INTO_OPERATION, WINDOW_DAYS, day_of

log = structlog.get_logger()

COMMUNICATION_DAYS: Final = "communication_days"
# The area of the document that holds a network's total.
WHOLE_NETWORK: Final = None
_BACKOFF: Final = Backoff(first_seconds=1.0, ceiling_seconds=60.0)
_WRITES_AT_ONCE: Final = 1000
_LOOK_SECONDS: Final = 600.0
# Counting a day occupies the park's index for a tenth of a second at a million devices; others ask meanwhile.
_PAUSE_SECONDS: Final = 1.0

# By (network, area): devices in service, and those of them that were heard.
DayCounts = Mapping[tuple[str, str | None], tuple[int, int]]


def day_id(network: str, day: int, area: str | None) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"network": network, "day": day, "area": area}


def days_of(network: str, start: int, end: int) -> Document:
    """Return the query for a network's documents of the days from ``start`` to ``end``, both included."""
    return {
        "_id": {
            "$gt": {"network": network, "day": start},
            "$lt": {"network": network, "day": end + 1},
        }
    }


class CommunicationDays:
    """Keeps the documents; several processes may each have their own."""

    def __init__(
        self, park: Park, database: AsyncDatabase[Document], now: Callable[[], datetime]
    ) -> None:
        self._park = park
        self._days = database[COMMUNICATION_DAYS]
        self._now = now

    async def run(self) -> None:
        """Store the counts once a day, for ever."""
        kept_on = 0
        while True:
            end_if_cancelled()
            today = day_of(self._now())
            if today != kept_on:
                await self._keep_patiently()
                kept_on = today
            await asyncio.sleep(_LOOK_SECONDS)

    async def keep(self, pause_seconds: float = 0.0) -> int:
        """Bring every day that devices remember whole up to date; return how many documents were written."""
        today = day_of(self._now())
        written = 0
        for day in range(today - WINDOW_DAYS + 1, today):
            end_if_cancelled()
            written += await self._write(day, await self._park.ask(partial(_counted, day)))
            await asyncio.sleep(pause_seconds)
        return written

    async def _keep_patiently(self) -> None:
        retries = Retries("keep days of communication", _BACKOFF)
        written = await retries.until_done(
            partial(self.keep, _PAUSE_SECONDS), (PyMongoError, ParkNotLoaded, TooManyQuestions)
        )
        log.info("days of communication are stored", documents=written)

    async def _write(self, day: int, counts: DayCounts) -> int:
        stored: dict[tuple[str, str | None], tuple[int, int]] = {}
        for network in {network for network, _ in counts}:
            async for document in self._days.find(days_of(network, day, day)):
                key = document["_id"]
                stored[key["network"], key["area"]] = (document["serving"], document["heard"])
        # What had devices and has none any more, as they moved to another area.
        now = dict.fromkeys(stored, (0, 0)) | dict(counts)
        writes = [
            ReplaceOne(
                {"_id": day_id(network, day, area)},
                {"serving": serving, "heard": heard},
                upsert=True,
            )
            for (network, area), (serving, heard) in now.items()
            if stored.get((network, area), (0, 0)) != (serving, heard)
        ]
        for start in range(0, len(writes), _WRITES_AT_ONCE):
            await self._days.bulk_write(writes[start : start + _WRITES_AT_ONCE], ordered=False)
        return len(writes)


def serving_of(found: Selection) -> ServiceDays:
    """Return on which days each of the devices was in service."""
    words, lifecycles = found.codes("lifecycle")
    return service_days(
        lifecycles=lifecycles,
        words=words,
        lifecycle_ms=found.moments("lifecycle.as_of_time"),
        milestones=[
            found.numbers(MILESTONE_DAYS[name]) for name in (DISCOVERED, TAKEN_INTO_OPERATION)
        ],
    )


def _counted(day: int, index: ParkIndex) -> DayCounts:
    found = index.select(Conditions())
    networks, network_codes = found.codes("network")
    areas, area_codes = found.codes("area")
    groups, places = dense(
        network_codes.astype(np.int64) * len(areas) + area_codes, len(networks) * len(areas)
    )
    serving, heard = quality(
        day,
        serving_of(found),
        until=found.numbers(CONTACT_UNTIL),
        bits=found.numbers(CONTACT_BITS),
        groups=groups,
        group_count=len(places),
    )
    counts: dict[tuple[str, str | None], tuple[int, int]] = {
        (str(network), WHOLE_NETWORK): (0, 0) for network in networks if network
    }
    for group in np.flatnonzero(serving).tolist():
        place = int(places[group])
        network, area = str(networks[place // len(areas)]), str(areas[place % len(areas)] or "")
        cell = (int(serving[group]), int(heard[group]))
        counts[network, area] = cell
        total = counts[network, WHOLE_NETWORK]
        counts[network, WHOLE_NETWORK] = (total[0] + cell[0], total[1] + cell[1])
    return counts
