"""The hub's StatusService: each hop of the hub, and how it is examined."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from meterpark.status.v1 import status_service_pb2
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from device_hub.actors.residents import Residents
from device_hub.quarantine.states import OPEN, REPLAY_REQUESTED
from device_hub.quarantine.store import Quarantine
from device_hub.register.gaps import RegisterGaps
from device_hub.status.progress import Tellers, WatchedDeliveries
from service_chassis.scope import Scope
from service_status.hop import Hop, HopFacts
from service_status.service import Look, Status

_DATABASE = "the journal's database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the hub's status is made of."""

    client: AsyncMongoClient[dict[str, Any]]
    reports: Hop
    deliveries: WatchedDeliveries
    gaps: RegisterGaps
    quarantine: Quarantine
    replays: Hop
    tellers: Tellers

    def status(self, *, now: Callable[[], datetime], residents: Residents | None = None) -> Status:
        """Make the service; it counts as started now."""
        looks = (
            Look(name="reports", peer="devices", ask=self._reports),
            Look(
                name="journal",
                peer=_DATABASE,
                ask=self._database,
                errors=(PyMongoError,),
            ),
            Look(name="journal to register", peer=_DATABASE, ask=self.deliveries.facts),
            Look(name="register compared with journal", peer="smoc-service", ask=self._gaps),
            Look(name="quarantine", peer=_DATABASE, ask=self._quarantined, errors=(PyMongoError,)),
        )
        return Status(
            looks=looks,
            now=now,
            started_at=now(),
            tellers=self.tellers,
            residents=None if residents is None else partial(told_residents, residents),
        )

    async def _reports(self) -> Sequence[HopFacts]:
        return [self.reports.facts()]

    async def _database(self) -> Sequence[HopFacts]:
        await self.client.admin.command("ping")
        return [HopFacts(name="journal", peer=_DATABASE)]

    async def _gaps(self) -> Sequence[HopFacts]:
        return self.gaps.facts()

    async def _quarantined(self) -> Sequence[HopFacts]:
        count, since = await self.quarantine.waiting(OPEN)
        asked, asked_since = await self.quarantine.waiting(REPLAY_REQUESTED)
        done = self.replays.facts()
        return [
            HopFacts(
                name="quarantine",
                waiting_count=count,
                waiting_since=since,
                waits_for_person=True,
            ),
            HopFacts(
                name="replays",
                peer="iec-connector",
                waiting_count=asked,
                waiting_since=asked_since,
                last_done_at=done.last_done_at,
                done_count=done.done_count,
            ),
        ]


def told_residents(residents: Residents, scope: Scope) -> status_service_pb2.Residents:
    """Return how many devices of the networks in ``scope`` are awake in this process."""
    counts = [each for each in residents.by_network() if scope.holds(each[0])]
    return status_service_pb2.Residents(
        process=residents.name,
        resident_count=sum(count for _, count in counts),
        remembered_count=residents.remembered_count,
        remembered_most=residents.remembered_most,
        networks=[
            status_service_pb2.NetworkResidents(network=network, resident_count=count)
            for network, count in counts
        ],
    )
