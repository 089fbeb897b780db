"""How the rollout went and how well the park communicated, per day (UTC) and area.

Milestones, and the days of contact of the last 63 days, lie in the park's index: counting them is a histogram of
columns and reads nothing of the register. Today and yesterday are counted so for every question, older days once a
day, as documents of their own (``communication_days``), which stay when the days of contact are gone.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
from pymongo.asynchronous.database import AsyncDatabase

from service_chassis.refusals import argument_invalid
from service_chassis.scope import Scope
from smoc_service.history.communication_days import (
    COMMUNICATION_DAYS,
    WHOLE_NETWORK,
    day_id,
    days_of,
    serving_of,
)
from smoc_service.history.day_counts import (
    Column,
    Counts,
    lines,
    quality,
    reached,
)
from smoc_service.mongodb import Document
from smoc_service.park.index import Conditions, ParkIndex, Selection
from smoc_service.park.park import Park
from smoc_service.park.rows import CONTACT_BITS, CONTACT_UNTIL, MILESTONE_DAYS
from smoc_service.register.milestones import day_of

# What one answer holds, and so many lookups it may take; some 50 bytes each on the wire.
LINES_AT_MOST: Final = 20_000
_CELLS_AT_MOST: Final = 4_000_000
# Days of which every question counts anew, today included.
LIVE_DAYS: Final = 2
_TIME_LIMIT_MS: Final = 10_000

# (day in days since 1970-01-01, area or "", count by name)
Line = tuple[int, str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysAsked:
    """Which devices on which days; ``start`` and ``end`` in days since 1970-01-01, both included."""

    start: int
    end: int
    networks: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    by_area: bool = False

    def within(self, scope: Scope) -> Conditions:
        """Return the conditions, cut to the networks of ``scope``; raise ``NetworkDenied``."""
        for network in self.networks:
            scope.require(network, f"network {network}")
        networks = self.networks or None
        if networks is None and scope.networks is not None:
            networks = tuple(sorted(scope.networks))
        return Conditions(networks=networks, words={"area": self.areas} if self.areas else {})


class ParkHistory:
    """Answers questions; raises what ``Park.ask`` does, and refuses those whose answer would be too large."""

    def __init__(
        self, park: Park, database: AsyncDatabase[Document], now: Callable[[], datetime]
    ) -> None:
        self._park = park
        self._kept = database[COMMUNICATION_DAYS]
        self._now = now

    async def rollout(self, asked: DaysAsked, scope: Scope) -> list[Line]:
        """Return how many devices reached each milestone (``past.MILESTONES``), where any did."""
        return await self._park.ask(partial(_rollout, asked, asked.within(scope)))

    async def communication(self, asked: DaysAsked, scope: Scope) -> list[Line]:
        """Return how many devices were in service ("serving") and heard of ("heard"), where any were."""
        conditions = asked.within(scope)
        today = day_of(self._now())
        first_live = today - LIVE_DAYS + 1
        live = range(max(asked.start, first_live), min(asked.end, today) + 1)
        networks, counted = await self._park.ask(partial(_communication, asked, conditions, live))
        settled = range(asked.start, min(asked.end, first_live - 1) + 1)
        kept = await self._settled(asked, networks, settled) if settled else []
        _bounded(len(kept) + len(counted))
        return [*kept, *counted]

    async def _settled(
        self, asked: DaysAsked, networks: Sequence[str], days: Sequence[int]
    ) -> list[Line]:
        areas = asked.areas or (() if asked.by_area else (WHOLE_NETWORK,))
        serving: Counter[tuple[int, str]] = Counter()
        heard: Counter[tuple[int, str]] = Counter()
        for query in _queries(networks, days, areas):
            found = self._kept.find(query).limit(LINES_AT_MOST + 1).max_time_ms(_TIME_LIMIT_MS)
            for document in await found.to_list(LINES_AT_MOST + 1):
                key = document["_id"]
                cell = (key["day"], key["area"] if asked.by_area else "")
                serving[cell] += document["serving"]
                heard[cell] += document["heard"]
            _bounded(len(serving))
        return [
            (day, area, {"serving": count, "heard": heard[day, area]})
            for (day, area), count in sorted(serving.items())
            if count
        ]


def _rollout(asked: DaysAsked, conditions: Conditions, index: ParkIndex) -> list[Line]:
    found = index.select(conditions)
    areas, groups = _grouped(found, asked)
    days = asked.end - asked.start + 1
    if days * len(areas) > _CELLS_AT_MOST:
        raise argument_invalid("end_date", f"{days} days of {len(areas)} areas in one answer")
    counts = {
        name: reached(found.numbers(column), groups, len(areas), asked.start, asked.end)
        for name, column in MILESTONE_DAYS.items()
    }
    return _told(asked.start, counts, areas)


def _communication(
    asked: DaysAsked, conditions: Conditions, days: Sequence[int], index: ParkIndex
) -> tuple[list[str], list[Line]]:
    """Return the networks asked about, and the lines of ``days``."""
    within = index.select(Conditions(networks=conditions.networks))
    networks = [network for network, _ in within.counts(["network"])["network"].values]
    told: list[Line] = []
    if days:
        found = index.select(conditions)
        areas, groups = _grouped(found, asked)
        service = serving_of(found)
        until, bits = found.numbers(CONTACT_UNTIL), found.numbers(CONTACT_BITS)
        for day in days:
            serving, heard = quality(
                day, service, until=until, bits=bits, groups=groups, group_count=len(areas)
            )
            told += _told(day, {"serving": serving[None], "heard": heard[None]}, areas)
    return networks, told


def _grouped(found: Selection, asked: DaysAsked) -> tuple[Sequence[object], Column]:
    if asked.by_area:
        return found.codes("area")
    return [""], np.zeros(found.count, np.uint8)


def _told(start: int, counts: dict[str, Counts], areas: Sequence[object]) -> list[Line]:
    _bounded(max(int(np.count_nonzero(each)) for each in counts.values()))
    told = [(day, str(area or ""), each) for day, area, each in lines(start, counts, areas)]
    _bounded(len(told))
    return told


def _bounded(line_count: int) -> None:
    if line_count > LINES_AT_MOST:
        raise argument_invalid(
            "end_date", f"more than {LINES_AT_MOST:,} lines in one answer; request fewer days"
        )


def _queries(
    networks: Sequence[str], days: Sequence[int], areas: Sequence[str | None]
) -> Iterator[Document]:
    if not areas:
        for network in networks:
            yield days_of(network, days[0], days[-1]) | {"_id.area": {"$ne": WHOLE_NETWORK}}
        return
    if len(networks) * len(days) * len(areas) > LINES_AT_MOST:
        raise argument_invalid(
            "end_date",
            f"{len(days)} days of {len(areas)} areas in {len(networks)} networks in one answer",
        )
    yield {
        "_id": {
            "$in": [
                day_id(network, day, area) for network in networks for day in days for area in areas
            ]
        }
    }
