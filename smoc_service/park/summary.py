"""The park in numbers: counts of devices by the values of every dimension, and the newest changes.

Terminals request it every second, so nothing is counted for an answer: the park's index updates its counts with every
change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo.asynchronous.database import AsyncDatabase

from service_chassis.scope import Scope
from smoc_service.mongodb import Document
from smoc_service.park.index import Counted
from smoc_service.park.park import Park
from smoc_service.park.search import VALUES_AT_MOST
from smoc_service.register.device import ParkChange
from smoc_service.register.documents import TIMELINE, entries_within, park_change_from

# Among how many of the park's newest changes those of a caller's networks are looked for.
_LOOKED_THROUGH = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkSummary:
    device_count: int
    # By dimension, each cut to the largest values.
    counts: Mapping[str, Counted]
    changes: list[ParkChange]
    # Every change stored until then is counted.
    as_of: datetime


class ParkSummaries:
    def __init__(self, database: AsyncDatabase[Document], park: Park) -> None:
        self._database = database
        self._park = park

    async def summary(
        self, dimensions: Sequence[str], change_count: int, scope: Scope
    ) -> ParkSummary:
        """Return the counts and the ``change_count`` newest changes of the scope; raise ``ParkNotLoaded``.

        A caller with some networks sees those of its changes that are among the park's newest 1,000.
        """
        totals = await self._park.totals()
        as_of = self._park.as_of
        return ParkSummary(
            device_count=totals.device_count(scope.networks),
            counts=totals.counts(dimensions, scope.networks, VALUES_AT_MOST),
            changes=await self._newest_changes(change_count, scope) if change_count else [],
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
