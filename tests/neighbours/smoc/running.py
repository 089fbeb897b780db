"""The register as tests use it: its real gRPC server on a free port, with a database of its own in a real MongoDB."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.smoc.v1 import (
    device_pb2,
    device_service_pb2,
    device_service_pb2_grpc,
    provisioning_service_pb2,
    provisioning_service_pb2_grpc,
)
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from change_streams import point_of_time
from service_chassis.server import serving
from service_chassis.sidecar import CHANNEL_OPTIONS
from service_deeds.noting import DeedsNoted
from service_deeds.store import DEEDS, DeedStore
from service_traces.calls import CallsTraced
from service_traces.traces import OFF, Traces
from smoc_service.access import AUDIENCE, TABLE
from smoc_service.alarms.affected import AffectedDevices
from smoc_service.alarms.load import AlarmLoads
from smoc_service.alarms.store import AlarmStore
from smoc_service.database import prepare
from smoc_service.deeds.words import REGISTER
from smoc_service.export.export import DeviceExport
from smoc_service.history.device_history import DeviceHistory
from smoc_service.history.park_history import ParkHistory
from smoc_service.imports.composition import open_imports
from smoc_service.imports.hub_client import HubTrouble
from smoc_service.jobs.composition import open_jobs
from smoc_service.jobs.runner import JobRunner
from smoc_service.mongodb import open_client
from smoc_service.notes.store import NoteStore
from smoc_service.park.follower import ParkFollower
from smoc_service.park.park import Park
from smoc_service.park.search import Search
from smoc_service.park.summary import ParkSummaries
from smoc_service.register.documents import DEVICES
from smoc_service.register.register import Register
from smoc_service.services import Doors, add_services, translate
from smoc_service.views.preferences import PreferenceStore
from smoc_service.views.store import ViewStore
from smoc_service.watches import Watches
from tests.neighbours.issuer import Bearing, Issuer
from tests.specs.smoc.alarming import RULES

ListDevices = device_service_pb2.ListDevicesRequest
DeviceFilter = device_service_pb2.DeviceFilter
ProvisionResult = provisioning_service_pb2.ProvisionResult
WatchAnswer = device_service_pb2.WatchDevicesResponse

# What a test stores is found, and raises alarms, that much later; it is not there to measure how changes are grouped.
FOLLOWERS_PATIENCE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Smoc:
    """A register with its two doors."""

    client: AsyncMongoClient[dict[str, Any]]
    database: AsyncDatabase[dict[str, Any]]
    park: Park
    # Nobody works on them unless a test lets it run.
    runner: JobRunner
    issuer: Issuer
    channel: grpc.aio.Channel
    # With the tokens of those who may.
    provisioning: Any
    devices: Any

    def seen_by(self, *networks: str, **about: Any) -> "Smoc":
        """Return the same register, asked by somebody who sees these networks."""
        stub = device_service_pb2_grpc.DeviceServiceStub(self.channel)
        token = self.issuer.token(networks=networks, **about)
        return replace(self, devices=Bearing(stub, token))

    def asked_by(
        self,
        stub: Callable[[grpc.aio.Channel], Any],
        name: str,
        role: str = "asset-manager",
        networks: tuple[str, ...] = ("*",),
    ) -> Any:
        """Return the stub of a service, with the token of a person."""
        token = self.issuer.token(
            roles=[role], networks=networks, preferred_username=name, sub=f"id-of-{name}"
        )
        return Bearing(stub(self.channel), token)

    async def provision(
        self, *provisions: provisioning_service_pb2.Provision
    ) -> list[ProvisionResult]:
        """Store devices; return when they are found, too."""
        results = await self.hand_in(*provisions)
        await self.caught_up()
        return results

    async def hand_in(
        self, *provisions: provisioning_service_pb2.Provision
    ) -> list[ProvisionResult]:
        """Store devices, and look no further."""
        request = provisioning_service_pb2.ProvisionDevicesRequest(provisions=provisions)
        return list((await self.provisioning.ProvisionDevices(request)).results)

    async def caught_up(self) -> None:
        """Return when what is stored by now is found, too."""
        await self.park.caught_up_with(await point_of_time(self.database[DEVICES]))

    async def device(self, device_id: str) -> device_pb2.Device:
        request = device_service_pb2.GetDeviceRequest(device_id=device_id)
        found: device_pb2.Device = (await self.devices.GetDevice(request)).device
        return found

    async def page(
        self, wanted: DeviceFilter | None = None, size: int = 0, token: str = ""
    ) -> device_service_pb2.ListDevicesResponse:
        answer: device_service_pb2.ListDevicesResponse = await self.devices.ListDevices(
            ListDevices(filter=wanted, page_size=size, page_token=token)
        )
        return answer

    async def ids(self, wanted: DeviceFilter | None = None, size: int = 500) -> list[str]:
        """Return the ids of all devices that fit, page by page."""
        page = await self.page(wanted, size)
        found = [each.device_id for each in page.devices]
        while page.next_page_token:
            page = await self.page(wanted, size, page.next_page_token)
            found += [each.device_id for each in page.devices]
        return found

    async def entry_ids(self, device_id: str, size: int = 500) -> list[str]:
        """Return the ids of a device's timeline entries, newest first, page by page."""
        found: list[str] = []
        token = ""
        while True:
            page = await self.devices.ListDeviceEvents(
                device_service_pb2.ListDeviceEventsRequest(
                    device_id=device_id, page_size=size, page_token=token
                )
            )
            found += [each.entry_id for each in page.entries]
            token = page.next_page_token
            if not token:
                return found

    async def behind(self, *revisions: tuple[str, int]) -> list[tuple[str, int]]:
        request = provisioning_service_pb2.CompareRevisionsRequest(
            revisions=[
                provisioning_service_pb2.DeviceRevision(device_id=device_id, revision=revision)
                for device_id, revision in revisions
            ]
        )
        answer = await self.provisioning.CompareRevisions(request)
        return [(each.device_id, each.revision) for each in answer.behind]

    async def summary(self, change_count: int = 0) -> device_service_pb2.GetParkSummaryResponse:
        request = device_service_pb2.GetParkSummaryRequest(change_count=change_count)
        answer: device_service_pb2.GetParkSummaryResponse = await self.devices.GetParkSummary(
            request
        )
        return answer

    async def summary_from_now(self) -> device_service_pb2.GetParkSummaryResponse:
        """Return a summary in which everything counts that was stored before this call."""
        now = datetime.now(UTC)
        answer = await self.summary()
        while answer.as_of_time.ToDatetime(tzinfo=UTC) < now:
            answer = await self.summary()
        return answer

    def watch(self, wanted: DeviceFilter | None = None, position: str = "") -> Any:
        return self.devices.WatchDevices(
            device_service_pb2.WatchDevicesRequest(filter=wanted, position=position)
        )

    async def profiled(self) -> list[dict[str, Any]]:
        """Return what the database did since ``profiling``, oldest first."""
        await self.database.command({"profile": 0})
        return await self.database["system.profile"].find().sort("ts", 1).to_list()

    async def profiling(self) -> None:
        await self.database.command({"profile": 0})
        await self.database["system.profile"].drop()
        await self.database.command({"profile": 2})


class NoHub:
    """Imports are created, and none is worked on."""

    denial = ""

    async def record_shipments(self, reports: Sequence[Report]) -> list[Verdict]:
        raise HubTrouble(f"there is no hub here for {len(reports)} reports")


@contextlib.asynccontextmanager
async def running(
    mongod_url: str,
    *,
    watchers_at_most: int = 10,
    sign_of_life_seconds: float = 1.0,
    recount_seconds: float = 600.0,
    before: Sequence[provisioning_service_pb2.Provision] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    name: str = "",
    traces: Traces = OFF,
) -> AsyncIterator[Smoc]:
    """Run a register with an empty database, or with ``before`` in it; or with what the database ``name`` holds."""
    async with open_client(mongod_url) as client:
        database = client[name or f"smoc_{uuid.uuid4().hex[:12]}"]
        await prepare(database)
        park = Park()
        keeping = ParkFollower(
            database,
            park,
            lambda: datetime.now(UTC),
            recount_seconds,
            patience_seconds=FOLLOWERS_PATIENCE_SECONDS,
        )
        watches = Watches(database, park, watchers_at_most, sign_of_life_seconds)
        jobs = open_jobs(client, database.name, park, now=lambda: datetime.now(UTC), worker="one")
        doors = Doors(
            register=Register(client, database.name),
            park=park,
            search=Search(client, database.name, park),
            summaries=ParkSummaries(database, park),
            watches=watches,
            alarms=AlarmStore(client, database.name),
            deeds=DeedStore(database[DEEDS]),
            affected=AffectedDevices(park, RULES),
            alarm_loads=AlarmLoads(client, database.name, now),
            history=DeviceHistory(client, database.name),
            export=DeviceExport(client, database.name, park),
            imports=open_imports(
                client, database.name, NoHub(), now=lambda: datetime.now(UTC), worker="none"
            ).store,
            park_history=ParkHistory(park, database, now),
            jobs=jobs.store,
            notes=NoteStore(client, database.name),
            views=ViewStore(client, database.name),
            preferences=PreferenceStore(client, database.name),
            now=now,
            traces=traces,
        )
        issuer = Issuer()
        noted = DeedsNoted(doors.deeds, REGISTER, translate, now=now)
        async with serving(
            0,
            lambda server: add_services(server, doors),
            translate,
            interceptors=[issuer.lock(AUDIENCE, TABLE), noted],
            traces=CallsTraced(traces),
        ) as port:
            following = [asyncio.create_task(each.run()) for each in (keeping, watches)]
            address = f"127.0.0.1:{port}"
            async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
                smoc = Smoc(
                    park=park,
                    runner=jobs.runner,
                    client=client,
                    database=database,
                    issuer=issuer,
                    channel=channel,
                    provisioning=Bearing(
                        provisioning_service_pb2_grpc.ProvisioningServiceStub(channel),
                        issuer.token(client="device-hub", roles=["device-provisioner"]),
                    ),
                    devices=Bearing(
                        device_service_pb2_grpc.DeviceServiceStub(channel),
                        issuer.token(roles=["asset-viewer"]),
                    ),
                )
                if before:
                    await smoc.provision(*before)
                try:
                    yield smoc
                finally:
                    watches.close()
                    for each in following:
                        each.cancel()
                    await asyncio.gather(*following, return_exceptions=True)
                    park.close()
        await client.drop_database(database.name)


@contextlib.asynccontextmanager
async def failing(smoc: Smoc, command: str, times: int = 1, **how: Any) -> AsyncIterator[None]:
    """Let the database itself fail the next ``times`` of ``command`` that the register gives it."""
    await smoc.client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": {"times": times},
            "data": {"failCommands": [command], "appName": "smoc_service", **how},
        }
    )
    try:
        yield
    finally:
        await smoc.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
