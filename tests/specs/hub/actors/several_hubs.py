"""Several processes of the hub over one journal, with Dapr between them; all is ours but Dapr."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

import grpc
import grpc.aio
from dapr.actor import ActorId
from dapr.actor.runtime._type_information import ActorTypeInformation
from dapr.actor.runtime.context import ActorRuntimeContext
from dapr.proto import api_v1
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report

from device_hub.actors.device_actor import DeviceActor, RawBytes
from device_hub.actors.devices import Devices
from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.proof import Proof
from device_hub.actors.residents import Residents, Surroundings
from device_hub.actors.turns_client import TurnsClient, to_actor_id, to_device_id
from device_hub.device.rules import Rules
from device_hub.turns.history import Commit, Memory, Stored
from service_chassis.times import to_timestamp
from tests.specs.hub.in_memory_history import InMemoryHistory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Of the events of one device in turn, so that each changes something.
MEANINGS = (Meaning.MEANING_POWER_LOST, Meaning.MEANING_POWER_RESTORED)
PROOF = Proof(bytes(range(32)))
CONTEXT = ActorRuntimeContext(
    ActorTypeInformation.create(DeviceActor), RawBytes(), RawBytes(), None
)


def device(number: int) -> str:
    return f"north/SN-{number}"


def reported(number: int, serial: int) -> Report:
    at = to_timestamp(NOON + timedelta(seconds=number))
    return Report(
        report_id=f"{serial}-{number}",
        network="north",
        device_identifier=f"SN-{serial}",
        received_time=at,
        occurred_time=at,
        event=DeviceEvent(code="3.26.0.85", meaning=MEANINGS[number % 2]),
    )


class Shared(InMemoryHistory):
    """The journal of all hubs; others run before each of its answers."""

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        await asyncio.sleep(0)
        return await super().newest(device_id, after_revision)

    async def find(self, device_id: str, report_ids: Collection[str]) -> dict[str, int]:
        await asyncio.sleep(0)
        return await super().find(device_id, report_ids)

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        await asyncio.sleep(0)
        return await super().commit(chain)


class Fault(Enum):
    """What happens to one call through the sidecar."""

    NONE = auto()
    NOT_SENT = auto()
    ANSWER_LOST = auto()
    LATE = auto()
    # The device's process ends and starts again, before the turns or in the middle of them.
    CRASH = auto()
    CRASH_MEANWHILE = auto()
    # Dapr moves the device to the next process, and tells the one where it lived or does not.
    MOVED = auto()
    MOVED_UNHEARD = auto()
    # The actor answers with an error: as data, with an OK status.
    DEFECT = auto()
    # A hub of an older version: it knows neither homes nor others.
    OLD_HUB = auto()


@dataclass
class Hub:
    """One process of the hub."""

    residents: Residents
    devices: Devices
    homes: Homes
    actors: dict[str, DeviceActor] = field(default_factory=dict)


@dataclass
class Dapr:
    """Places devices, wakes their actors, carries calls. One fault for each call, as long as there are some."""

    hubs: list[Hub] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    # All devices of each call, the called one first.
    calls: list[list[str]] = field(default_factory=list)
    start: Callable[[], Hub] = field(init=False)

    async def InvokeActor(self, request: Any, *, timeout: float, metadata: Any) -> Any:  # noqa: N802, ASYNC109 - Dapr's
        del timeout, metadata
        device_id = to_device_id(request.actor_id)
        opened = DeviceTurns.FromString(PROOF.open(device_id, request.data))
        self.calls.append([device_id, *(other.device_id for other in opened.others)])
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        await asyncio.sleep(0)
        place = await self._place(device_id, fault)
        match fault:
            case Fault.NOT_SENT | Fault.CRASH:
                raise failure(grpc.StatusCode.UNAVAILABLE)
            case Fault.DEFECT:
                return api_v1.InvokeActorResponse(data=b'{"message": "a defect"}')
            case Fault.CRASH_MEANWHILE:
                under_way = asyncio.ensure_future(
                    self._woken(place, device_id).take_turns(request.data)
                )
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                # What the database was sent before may take effect.
                self.hubs[place] = self.start()
                await asyncio.gather(under_way, return_exceptions=True)
                raise failure(grpc.StatusCode.UNAVAILABLE)
        answer = await self._woken(place, device_id).take_turns(request.data)
        match fault:
            case Fault.ANSWER_LOST:
                raise failure(grpc.StatusCode.UNAVAILABLE)
            case Fault.LATE:
                raise failure(grpc.StatusCode.DEADLINE_EXCEEDED)
            case Fault.OLD_HUB:
                result = DeviceTurnsResult.FromString(PROOF.open(device_id, answer))
                old = DeviceTurnsResult(verdicts=result.verdicts).SerializeToString()
                return api_v1.InvokeActorResponse(data=PROOF.seal(device_id, old))
        return api_v1.InvokeActorResponse(data=answer)

    async def _place(self, device_id: str, fault: Fault) -> int:
        place = self.places.setdefault(device_id, 0)
        match fault:
            case Fault.CRASH:
                self.hubs[place] = self.start()
            case Fault.MOVED:
                await self.put_to_sleep(device_id)
                place = (place + 1) % len(self.hubs)
            case Fault.MOVED_UNHEARD:
                place = (place + 1) % len(self.hubs)
        self.places[device_id] = place
        return place

    async def put_to_sleep(self, device_id: str) -> None:
        """The device's actor is deactivated where it lives."""
        hub = self.hubs[self.places[device_id]]
        if (actor := hub.actors.pop(device_id, None)) is not None:
            await actor._on_deactivate()

    def _woken(self, place: int, device_id: str) -> DeviceActor:
        hub = self.hubs[place]
        if device_id not in hub.actors:
            actor_id = ActorId(to_actor_id(device_id))
            hub.actors[device_id] = DeviceActor(CONTEXT, actor_id, hub.residents, PROOF)
        return hub.actors[device_id]


def failure(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(), "as the test wants it"
    )


def hubs_of(
    count: int, history: InMemoryHistory, *, faults: Iterable[Fault] = (), **how: Any
) -> Dapr:
    """Return `count` hubs and what is between them; `how` is given to Elsewhere."""
    dapr = Dapr(faults=list(faults))

    def start() -> Hub:
        residents = Residents(Surroundings(journal=history, rules=Rules()), clock=lambda: 0.0)
        homes = Homes(residents.name, most=100)
        client = TurnsClient(dapr, (), PROOF)
        elsewhere = Elsewhere(client, homes, **how)
        return Hub(residents, Devices(residents, elsewhere, asyncio.Semaphore(50)), homes)

    dapr.start = start
    dapr.hubs.extend(start() for _ in range(count))
    return dapr
