"""One process of the hub, without sidecars: a door for shipments, and actors that keep what they remember."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import bson
from dapr.actor import ActorId
from dapr.actor.runtime._type_information import ActorTypeInformation
from dapr.actor.runtime.context import ActorRuntimeContext
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.monitoring import CommandListener, CommandStartedEvent

from device_hub.actors.device_actor import DeviceActor, RawBytes
from device_hub.actors.proof import Proof
from device_hub.actors.residents import Residents, Surroundings
from device_hub.actors.turns_client import to_actor_id
from device_hub.device.rules import Rules
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.journal.journal import Journal, open_collection
from service_chassis.times import to_timestamp

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Document = dict[str, Any]
# Without a client: an actor of the hub keeps nothing in Dapr's state.
CONTEXT = ActorRuntimeContext(
    ActorTypeInformation.create(DeviceActor), RawBytes(), RawBytes(), None
)


class Commands(CommandListener):
    def __init__(self) -> None:
        self.names: list[str] = []
        self.inserted_bytes: list[int] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)
        if event.command_name == "insert":
            documents = event.command["documents"]
            self.inserted_bytes.append(sum(len(bson.encode(each)) for each in documents))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


@dataclass
class Hub:
    """One process of the hub: a door for shipments, and actors that keep what they remember."""

    commits: AsyncCollection[Document]
    commands: Commands

    def __post_init__(self) -> None:
        self.journal = Journal(self.commits, now=lambda: NOON)
        self.proof = Proof(b"0" * 32)
        self.surroundings = Surroundings(journal=self.journal, rules=Rules())
        self.forget_devices()
        self.door = self.another_door()

    def forget_devices(self, **surroundings: Any) -> None:
        """All actors are gone, and what is remembered with them; the next ones live in these surroundings."""
        self.surroundings = replace(self.surroundings, **surroundings)
        self.actors: dict[str, DeviceActor] = {}
        self.residents = Residents(self.surroundings, clock=time.monotonic)

    def another_door(self) -> ShipmentsDoor:
        journal = Journal(self.commits, now=lambda: NOON)
        return ShipmentsDoor(journal=journal, rules=Rules(), reports_first=ReportsFirst())

    async def ship(self, *reports: Report) -> list[Verdict]:
        return await self.door.record(reports)

    async def tell(self, *reports: Report) -> list[Verdict]:
        """What a head-end system says of one device goes to the device's actor."""
        device_id = f"{reports[0].network}/{reports[0].device_identifier}"
        if device_id not in self.actors:
            actor_id = ActorId(to_actor_id(device_id))
            self.actors[device_id] = DeviceActor(CONTEXT, actor_id, self.residents, self.proof)
        turns = DeviceTurns(device_id=device_id, reports=reports)
        sealed = self.proof.seal(device_id, turns.SerializeToString())
        answer = self.proof.open(device_id, await self.actors[device_id].take_turns(sealed))
        return list(DeviceTurnsResult.FromString(answer).verdicts)

    async def history(self, device_id: str) -> list[str]:
        commits = await self.journal.commits(device_id, after=0, limit=1000)
        assert [commit["revision"] for commit in commits] == list(range(1, len(commits) + 1))
        return [commit["report_id"] for commit in commits]


@asynccontextmanager
async def hub_on(mongod_url: str, database: str) -> AsyncIterator[Hub]:
    """A hub with an empty journal."""
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as client:
        await client.drop_database(database)
        made = Hub(open_collection(client[database], "commits"), commands)
        await made.journal.prepare()
        yield made


def said(report_id: str, device: str, minute: int, **content: Any) -> Report:
    at = to_timestamp(NOON.replace(minute=minute))
    return Report(
        report_id=report_id,
        network="north",
        device_identifier=device,
        received_time=at,
        occurred_time=at,
        **content,
    )


def power_lost(report_id: str, device: str, minute: int) -> Report:
    event = DeviceEvent(code="3.26.0.85", meaning=Meaning.MEANING_POWER_LOST)
    return said(report_id, device, minute, event=event)


def outcomes(verdicts: Sequence[Verdict]) -> list[Verdict.Outcome.ValueType]:
    return [verdict.outcome for verdict in verdicts]


async def all_of(due: AsyncIterator[str]) -> list[str]:
    return [device_id async for device_id in due]
