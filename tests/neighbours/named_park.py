"""Replicas of the hub over one database that find devices by their names, each with its own cache and stream."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import (
    Configuration,
    Contact,
    Identifier,
    Report,
)
from pymongo.asynchronous.database import AsyncDatabase

from device_hub.device.rules import Rules
from device_hub.doors.reports import ReportsDoor
from device_hub.doors.reports_first import ReportsFirst
from device_hub.identities.assembly import IdentityParts, open_identities
from device_hub.journal.heads import Heads
from device_hub.journal.journal import Journal, open_collection
from tests.neighbours.hub import NOON, Commands, Document, Hub, said


@dataclass(slots=True)
class Replica:
    """One process: a door that finds devices, and actors behind it."""

    hub: Hub
    parts: IdentityParts
    commands: Commands
    door: ReportsDoor = field(init=False)

    def __post_init__(self) -> None:
        self.door = ReportsDoor(self, ReportsFirst(), self.parts.identities)

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        """As the turns' client, without sidecars."""
        del device_id
        return await self.hub.tell(*reports)

    async def hears(self, *reports: Report) -> list[str]:
        """Record reports in one batch, and return of which devices they turned out to be."""
        verdicts = await self.door.record(reports)
        assert {verdict.outcome for verdict in verdicts} <= {
            Verdict.OUTCOME_RECORDED,
            Verdict.OUTCOME_UNCHANGED,
        }, verdicts
        return [f"{report.network}/{report.device_identifier}" for report in reports]

    async def until_forgotten(self, before: int) -> None:
        """Wait until the cache has forgotten something since it had forgotten ``before``: others' changes are heard."""
        async with asyncio.timeout(20):
            while self.parts.identities.cache.forgotten == before:  # noqa: ASYNC110 - the stream tells nobody
                await asyncio.sleep(0.01)


@asynccontextmanager
async def replica_on(
    database: AsyncDatabase[Document], commands: Commands, *, cached: int = 1_000
) -> AsyncIterator[Replica]:
    """A replica that hears what others change."""
    commits = open_collection(database, "commits")
    hub = Hub(commits, commands)
    parts = open_identities(
        database,
        journal=Journal(commits, now=lambda: NOON),
        heads=Heads(open_collection(database, "heads")),
        rules=Rules(),
        cached=cached,
        now=lambda: NOON,
    )
    await hub.journal.prepare()
    await parts.prepare()
    watching = asyncio.create_task(parts.watching.run())
    try:
        await asyncio.wait_for(parts.watching.hearing.wait(), 20)
        yield Replica(hub, parts, commands)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def named(report: Report, *names: tuple[str, str]) -> Report:
    """The report, with what it calls its device; the first name is the chosen one."""
    report.device_identifier = names[0][1]
    report.identifiers.extend(Identifier(scheme=scheme, value=value) for scheme, value in names)
    return report


def configuration(report_id: str, *names: tuple[str, str], minute: int = 1) -> Report:
    content = Configuration(model="E450")
    for scheme, value in names:
        if scheme in ("serial_number", "mrid", "utility_number"):
            setattr(content, scheme, value)
    return named(said(report_id, "?", minute, configuration=content), *names)


def contact(report_id: str, *names: tuple[str, str], minute: int = 1) -> Report:
    return named(said(report_id, "?", minute, contact=Contact(reading_count=1)), *names)
