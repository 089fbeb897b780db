"""Imports as tests use them: the register's own doors and runner, and the hub's own door for shipments behind them."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc.aio
import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import import_service_pb2 as contract
from meterpark.smoc.v1 import import_service_pb2_grpc
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from device_hub.device.rules import Rules
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.journal.journal import Journal, open_collection
from service_chassis.refusals import reason_of
from smoc_service.imports.composition import open_imports
from smoc_service.imports.runner import ImportRunner
from tests.neighbours.issuer import Bearing
from tests.neighbours.smoc.running import Smoc, running

S = contract.ImportState
NAMES = "serial,model,network,lot\n"
Meanwhile = Callable[[], Awaitable[None]]


@dataclass
class JournalHub:
    """The hub's door for shipments, without sidecars between. ``before`` and ``after`` run once, around a batch."""

    commits: AsyncCollection[dict[str, Any]]
    before: Meanwhile | None = None
    after: Meanwhile | None = None
    batches: list[int] = field(default_factory=list)
    denial: str = ""

    def __post_init__(self) -> None:
        journal = Journal(self.commits, now=lambda: datetime.now(UTC))
        self.door = ShipmentsDoor(journal=journal, rules=Rules(), reports_first=ReportsFirst())

    async def record_shipments(self, reports: Sequence[Report]) -> list[Verdict]:
        if self.before is not None:
            before, self.before = self.before, None
            await before()
        self.batches.append(len(reports))
        verdicts = await self.door.record(reports)
        if self.after is not None:
            after, self.after = self.after, None
            await after()
        return verdicts

    async def imported(self) -> int:
        """Return how many commits there are; each row of a new meter is one."""
        return await self.commits.count_documents({})


@dataclass
class Importing:
    smoc: Smoc
    hub: JournalHub
    anna: Any

    def asked_by(self, *networks: str, role: str = "asset-manager", user: str = "victor") -> Any:
        stub = import_service_pb2_grpc.ImportServiceStub(self.smoc.channel)
        token = self.smoc.issuer.token(roles=[role], networks=networks, subject=user, username=user)
        return Bearing(stub, token)

    def runner(self, worker: str, *, later: timedelta = timedelta()) -> ImportRunner:
        """Return what another process works with, whose clock is ``later``."""
        return open_imports(
            self.smoc.client,
            self.smoc.database.name,
            self.hub,
            now=lambda: datetime.now(UTC) + later,
            worker=worker,
        ).runner

    @contextlib.asynccontextmanager
    async def working(
        self, worker: str = "one", *, later: timedelta = timedelta()
    ) -> AsyncIterator[None]:
        task = asyncio.create_task(self.runner(worker, later=later).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def uploaded(self, content: str | bytes, *, piece: int = 1 << 20) -> str:
        raw = content.encode() if isinstance(content, str) else content
        create = contract.CreateImportRequest(request_id=str(uuid.uuid4()), file_name="meters.csv")
        import_id: str = (await self.anna.CreateImport(create)).shipment_import.import_id
        for start in range(0, len(raw), piece):
            await self.anna.AppendImportChunk(
                contract.AppendImportChunkRequest(
                    import_id=import_id, offset=start, content=raw[start : start + piece]
                )
            )
        return import_id

    async def checked(self, content: str | bytes) -> str:
        """Return an import whose rows have their verdict; something must be working."""
        import_id = await self.uploaded(content)
        await self.anna.CheckImport(contract.CheckImportRequest(import_id=import_id))
        await self.until(import_id, S.IMPORT_STATE_CHECKED)
        return import_id

    async def run(self, import_id: str) -> None:
        await self.anna.RunImport(contract.RunImportRequest(import_id=import_id))

    async def get(self, import_id: str) -> contract.ShipmentImport:
        request = contract.GetImportRequest(import_id=import_id)
        found: contract.ShipmentImport = (await self.anna.GetImport(request)).shipment_import
        return found

    async def until(
        self, import_id: str, state: contract.ImportState.ValueType
    ) -> contract.ShipmentImport:
        while (found := await self.get(import_id)).state != state:
            pass
        return found

    async def rows(
        self, import_id: str, *verdicts: contract.ImportVerdict.ValueType, size: int = 500
    ) -> list[contract.ImportRow]:
        found: list[contract.ImportRow] = []
        token = ""
        while True:
            page = await self.anna.ListImportRows(
                contract.ListImportRowsRequest(
                    import_id=import_id, verdicts=verdicts, page_size=size, page_token=token
                )
            )
            found += page.rows
            token = page.next_page_token
            if not token:
                return found


def counts(import_: contract.ShipmentImport) -> tuple[int, int, int, int, int]:
    """Ready, imported, unchanged, refused, skipped; they add up to the rows."""
    counted = (
        import_.ready_count,
        import_.imported_count,
        import_.unchanged_count,
        import_.refused_count,
        import_.skipped_count,
    )
    assert sum(counted) == import_.row_count
    return counted


def meters(count: int, *, first: int = 0) -> str:
    return NAMES + "".join(f"LGZ{number:06},E450,north,L-7\n" for number in range(first, count))


@contextlib.asynccontextmanager
async def importing(mongod_url: str) -> AsyncIterator[Importing]:
    # The hub is another process: what a test lets fail for the register does not fail for the hub.
    async with (
        running(mongod_url) as smoc,
        AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True, appname="device_hub") as of_hub,
    ):
        hub = JournalHub(open_collection(of_hub[smoc.database.name], "commits"))
        journal = Journal(hub.commits, now=lambda: datetime.now(UTC))
        await journal.prepare()
        made = Importing(smoc, hub, None)
        made.anna = made.asked_by("north", user="anna")
        yield made


async def reason(call: Any) -> str:
    """Return the reason for which the call is refused, as the contract calls it."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    found = reason_of(error.value)
    assert found is not None, error.value
    return ErrorReason.Name(found).removeprefix("ERROR_REASON_")
