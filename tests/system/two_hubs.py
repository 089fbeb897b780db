"""Two hubs in one system, and senders that speak of the same devices at both."""

import asyncio
import http.client
import itertools
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest, Verdict
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report
from pymongo import AsyncMongoClient

from deploy.local.stack.replica import Replica
from device_hub.__main__ import FOLLOWER
from device_hub.actors.turns_client import ACTOR_TYPE
from service_chassis.times import to_timestamp
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON
from tests.system.park import Park, until

HUB = "device-hub"
READY_SECONDS = 180.0
CALL_SECONDS = 30.0
DEVICES = 80
SENDERS_AT_EACH = 2
MEANINGS = (Meaning.MEANING_POWER_LOST, Meaning.MEANING_POWER_RESTORED)
FINAL = {Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_UNCHANGED}
_SERIALS = itertools.count(1)


@dataclass
class Devices:
    """Devices that nobody spoke of before, and what was said of them."""

    name: str = field(default_factory=lambda: f"HUBS{next(_SERIALS)}")
    # By device id: what each sender said, in order.
    said: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @property
    def serials(self) -> list[str]:
        return [f"{self.name}-{number}" for number in range(DEVICES)]

    def report(self, serial: str, sender: str, number: int) -> Report:
        at = to_timestamp(NOON + timedelta(seconds=number))
        return Report(
            report_id=f"{sender}-{serial}-{number}",
            network="north",
            device_identifier=serial,
            received_time=at,
            occurred_time=at,
            event=DeviceEvent(code="3.26.0.85", meaning=MEANINGS[number % 2]),
        )

    def say(self, sender: str, number: int) -> list[Report]:
        """Return one report of each device; from now on it is due."""
        reports = [self.report(serial, sender, number) for serial in self.serials]
        for report in reports:
            senders = self.said.setdefault(f"north/{report.device_identifier}", {})
            senders.setdefault(sender, []).append(report.report_id)
        return reports


@dataclass(frozen=True)
class Hubs:
    """Both hubs; `doors` by the name of the process."""

    park: Park
    second: Replica
    doors: Mapping[str, Any]
    journal: AsyncMongoClient[dict[str, Any]]
    # What their own sidecars show them.
    metadata: tuple[tuple[str, str], ...]
    # Which hub was it that did not answer, once for each call.
    unanswered: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, str]:
        return HUB, self.second.process

    async def tell(self, name: str, reports: Sequence[Report]) -> None:
        """Give that hub the reports until each has its verdict; the other one when it does not answer."""
        first, other = name, next(each for each in self.names if each != name)
        for door in itertools.cycle((first, other)):
            try:
                answer = await self.doors[door].RecordReports(
                    RecordReportsRequest(reports=reports),
                    metadata=self.metadata,
                    timeout=CALL_SECONDS,
                )
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                self.unanswered.append(door)
                await asyncio.sleep(0.1)
                continue
            outcomes = {verdict.report_id: verdict.outcome for verdict in answer.verdicts}
            assert set(outcomes.values()) <= FINAL | {Verdict.OUTCOME_POSTPONED}
            reports = [one for one in reports if outcomes[one.report_id] not in FINAL]
            if not reports:
                return

    async def keep_telling(self, devices: Devices, name: str, sender: str, rounds: range) -> None:
        for number in rounds:
            await self.tell(name, devices.say(sender, number))

    async def both_have_devices(self, devices: Devices) -> None:
        """Return when devices live with both: each is woken anew where Dapr has placed it."""

        async def awake() -> list[int]:
            await self.keep_telling(devices, HUB, f"awake{next(_SERIALS)}", range(1))
            ports = self.park.stack.description["ports"], self.second.facts.ports
            return [await asyncio.to_thread(awake_behind, self.park.stack, each) for each in ports]

        await until(awake, all)

    async def everything_counted_once(self, devices: Devices) -> None:
        """The journal holds each report once, each sender's in its order, and the register shows all of it."""
        revisions, events = {}, {}
        for device_id, senders in devices.said.items():
            found = self.journal["device_hub"]["commits"].find({"device_id": device_id})
            commits = await found.sort("revision", 1).to_list()
            held = [(one["revision"], one["report_id"]) for one in commits]
            assert [revision for revision, _ in held] == list(range(1, len(held) + 1))
            due = {report_id for told in senders.values() for report_id in told}
            assert sorted(report_id for _, report_id in held) == sorted(due)
            for told in senders.values():
                assert [report_id for _, report_id in held if report_id in set(told)] == told
            revisions[device_id] = len(held)
            events[device_id] = sum(len(one["events"]) for one in commits)

        async def shown() -> dict[str, int]:
            found = await self.park.all_devices(devices.name)
            return {device_id: device.revision for device_id, device in found.items()}

        await until(shown, lambda found: found == revisions)
        # A few of them, event by event: what was brought there twice counts once.
        for device_id in sorted(devices.said)[:: DEVICES // 8]:
            # What happened to its alarms is there as well, without revision.
            entries = [one for one in await self.park.timeline(device_id) if one.revision]
            assert len(entries) == events[device_id]

    async def lease(self) -> dict[str, Any]:
        """Return the lease on the journal, and how far its holder followed it."""
        position = await self.journal["device_hub"]["positions"].find_one({"_id": FOLLOWER})
        return position or {}

    async def until_followed_by(self, name: str) -> dict[str, Any]:
        """Return the lease once that hub holds it."""
        port = self.park.stack.description["ports"][HUB]
        if name != HUB:
            port = self.second.facts.ports[HUB]
        return await until(
            self.lease, lambda lease: str(lease.get("worker", "")).endswith(f":{port}")
        )

    async def let_the_second_follow(self) -> dict[str, Any]:
        """Return its lease. The first one followed, and lets go as it ends; then it comes back."""
        stack = self.park.stack
        await asyncio.to_thread(stack.stop_process, HUB)
        try:
            lease = await self.until_followed_by(self.second.process)
        finally:
            await asyncio.to_thread(stack.start_process, HUB)
        await asyncio.to_thread(stack.wait_until_ready)
        return lease


def awake_behind(stack: RunningStack, ports: Mapping[str, int]) -> int:
    """Return how many devices are awake at the hub whose sidecar has these ports."""
    connection = http.client.HTTPConnection("127.0.0.1", ports[f"{HUB}-sidecar-http"], timeout=10)
    try:
        connection.request("GET", "/v1.0/metadata", headers=dict(stack.sidecar_metadata(HUB)))
        said = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    types = said.get("actorRuntime", {}).get("activeActors") or []
    return sum(one.get("count", 0) for one in types if one["type"] == ACTOR_TYPE)


def is_looked_for(hub: Replica) -> bool:
    """Return whether calls to the hub may go there; one that was killed is forgotten after five seconds."""
    file = hub.facts.state.root / "name-resolution.sqlite"
    address = f"127.0.0.1:{hub.facts.ports[f'{HUB}-sidecar-internal']}"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as known:
        asked = "SELECT count(*) FROM hosts WHERE address = ? AND last_update > ?"
        [found] = known.execute(asked, (address, int(time.time()) - 6)).fetchone()
    return bool(found)


@asynccontextmanager
async def told_to_both(
    hubs: Hubs, devices: Devices, rounds: range, *, marked: str = ""
) -> AsyncIterator[None]:
    """While the block runs, and until all is told, several senders speak of all devices at each hub."""
    async with asyncio.TaskGroup() as senders:
        for name, number in itertools.product(hubs.names, range(SENDERS_AT_EACH)):
            sender = f"{marked}{name}-{number}"
            senders.create_task(hubs.keep_telling(devices, name, sender, rounds))
        yield


async def commits_of(hubs: Hubs, devices: Devices) -> int:
    wanted = {"device_id": {"$regex": f"^north/{devices.name}-"}}
    return await hubs.journal["device_hub"]["commits"].count_documents(wanted)
