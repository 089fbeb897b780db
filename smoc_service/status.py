"""The register's StatusService: does the database answer, do search and alarms keep up, do jobs and imports go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_status.hop import HopFacts, Pulse
from service_status.service import Look, Status
from smoc_service.imports.core.shipment_import import State as ImportState
from smoc_service.imports.documents import IMPORTS
from smoc_service.jobs.core.job import State
from smoc_service.jobs.documents import JOBS
from smoc_service.mongodb import Document
from smoc_service.park.park import Park
from smoc_service.work.lasting import LEASE

_AT_MOST: Final = 1_000
_DATABASE: Final = "the register's database"
_AT_WORK: Final = (State.PREPARING.value, State.RUNNING.value)
_IMPORTS_AT_WORK: Final = (ImportState.CHECKING.value, ImportState.RUNNING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the register's status is made of."""

    client: AsyncMongoClient[Document]
    database: str
    park: Park
    alarms: Pulse

    def status(self, *, now: Callable[[], datetime]) -> Status:
        """Make the service; it counts as started now."""
        started_at = now()
        search = Pulse("search", peer=_DATABASE, now=now)

        async def of_search() -> Sequence[HopFacts]:
            if not self.park.is_loaded:
                return [search.facts(f"is being loaded: {self.park.loading}")]
            search.beat(self.park.as_of)
            return [search.facts()]

        async def of_alarms() -> Sequence[HopFacts]:
            return [self.alarms.facts()]

        looks = (
            Look(
                name="database",
                peer=_DATABASE,
                ask=self._ping,
                errors=(PyMongoError,),
            ),
            Look(name="search", peer=_DATABASE, ask=of_search),
            Look(name="alarms", peer=_DATABASE, ask=of_alarms),
            Look(name="jobs", peer=_DATABASE, ask=self._jobs, errors=(PyMongoError,)),
            Look(name="imports", peer="device-hub", ask=self._imports, errors=(PyMongoError,)),
        )
        return Status(looks=looks, now=now, started_at=started_at)

    async def _ping(self) -> Sequence[HopFacts]:
        await self.client.admin.command("ping")
        return [HopFacts(name="database", peer=_DATABASE)]

    async def _jobs(self) -> Sequence[HopFacts]:
        """Return the jobs that are worked on; each waits since it made progress last."""
        found = await self._unfinished(JOBS, _AT_WORK)
        return [_going_on("jobs", _DATABASE, [(_progress_of(job), job) for job in found])]

    async def _imports(self) -> Sequence[HopFacts]:
        found = await self._unfinished(IMPORTS, _IMPORTS_AT_WORK)
        return [_going_on("imports", "device-hub", [(one["updated_at"], one) for one in found])]

    async def _unfinished(self, collection: str, states: Sequence[str]) -> list[Document]:
        """Return the jobs and imports in work; the stores' limits keep their number small."""
        read = dict.fromkeys(("state", "updated_at", "lease_until", "detail"), True)
        unfinished = (
            self.client[self.database][collection]
            .find({"unfinished": True}, read, hint="unfinished")
            .limit(_AT_MOST)
        )
        return [one async for one in unfinished if one["state"] in states]


def _progress_of(job: Document) -> datetime:
    """Return when a job made progress last: while its list is written, that is when its lease was renewed."""
    updated_at: datetime = job["updated_at"]
    lease_until: datetime | None = job["lease_until"]
    if job["state"] == State.PREPARING.value and lease_until is not None:
        return max(updated_at, lease_until - LEASE)
    return updated_at


def _going_on(name: str, peer: str, at_work: Sequence[tuple[datetime, Any]]) -> HopFacts:
    if not at_work:
        return HopFacts(name=name, peer=peer)
    since, oldest = min(at_work, key=lambda one: one[0])
    why = f": {oldest['detail']}" if oldest.get("detail") else ""
    return HopFacts(
        name=name,
        peer=peer,
        waiting_count=len(at_work),
        waiting_since=since,
        detail=f"the one without progress for longest is {oldest['_id']}{why}",
    )
