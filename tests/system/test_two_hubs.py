"""Two processes of the hub in one system: each report counts once and in order, whichever of them gets it, and dies."""

import asyncio
import http.client
import itertools
import json
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import grpc
import grpc.aio
import pytest
from dapr.proto import api_service_v1
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest, Verdict
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report
from pymongo import AsyncMongoClient

from deploy.local.facts.stack_facts import StackFacts
from deploy.local.stack.replica import Replica, ports_needed
from deploy.runtime.paths import installed_runtime
from device_hub.__main__ import FOLLOWER
from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.proof import Proof
from device_hub.actors.turns_client import ACTOR_TYPE, TurnsClient
from service_chassis.times import to_timestamp
from tests.neighbours.ports import free_ports
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON
from tests.system.park import Park, until

HUB = "device-hub"
READY_SECONDS = 180.0
CALL_SECONDS = 30.0
DEVICES = 80
SENDERS_AT_EACH = 2
MEANINGS = (Meaning.MEANING_POWER_LOST, Meaning.MEANING_POWER_RESTORED)
STOOD_STILL = "another process follows by now"
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


@pytest.fixture
def second_hub(stack: RunningStack) -> Iterator[Replica]:
    stack.wait_until_ready()
    facts = StackFacts(
        settings=stack.stack.settings,
        runtime=installed_runtime(os.environ),
        state=stack.stack.state,
        ports=stack.description["ports"],
        environment={},
    )
    ports = free_ports(len(ports_needed(HUB)))
    replica = Replica.beside(facts, HUB, number=2, ports=ports)
    try:
        replica.start()
        replica.wait_until_ready(READY_SECONDS)
        yield replica
    finally:
        replica.stop()
        # The tests behind this one meet the stack as it was.
        while is_looked_for(replica):
            time.sleep(0.1)


@pytest.fixture
async def hubs(park: Park, second_hub: Replica) -> AsyncIterator[Hubs]:
    token = park.stack.stack.state.app_api_token(HUB).read_text()
    addresses = {
        HUB: park.stack.app_address(HUB),
        second_hub.process: f"127.0.0.1:{second_hub.facts.ports[HUB]}",
    }
    async with AsyncExitStack() as opened:
        doors = {
            name: DeviceHubServiceStub(
                await opened.enter_async_context(grpc.aio.insecure_channel(address))
            )
            for name, address in addresses.items()
        }
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(park.stack.mongodb_url)
        journal = await opened.enter_async_context(client)
        yield Hubs(park, second_hub, doors, journal, (("dapr-api-token", token),))


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


async def test_reports_given_to_either_hub_count_once_and_in_order(hubs: Hubs) -> None:
    devices = Devices()
    await hubs.both_have_devices(devices)
    async with told_to_both(hubs, devices, range(12)):
        pass
    await hubs.everything_counted_once(devices)


@pytest.mark.parametrize("dies", ["its process", "its process and its sidecar"])
async def test_a_hub_that_dies_in_the_middle_loses_nothing_and_doubles_nothing(
    hubs: Hubs, dies: str
) -> None:
    devices, second = Devices(), hubs.second
    await hubs.both_have_devices(devices)
    before = await commits_of(hubs, devices)
    async with told_to_both(hubs, devices, range(15)):
        await until(partial(commits_of, hubs, devices), lambda count: count > before + 4 * DEVICES)
        second.kill(second.process, *([second.sidecar] if dies.endswith("sidecar") else []))
    assert set(hubs.unanswered) == {second.process}
    await hubs.everything_counted_once(devices)
    # It comes back, and devices move to it while reports go on.
    second.start()
    async with told_to_both(hubs, devices, range(15, 25), marked="later-"):
        await asyncio.to_thread(second.wait_until_ready, READY_SECONDS)
    await hubs.both_have_devices(devices)
    await hubs.everything_counted_once(devices)


async def test_when_the_hub_that_follows_dies_the_other_goes_on_where_it_was(hubs: Hubs) -> None:
    devices, second = Devices(), hubs.second
    lost = await hubs.let_the_second_follow()
    await hubs.both_have_devices(devices)
    before = await commits_of(hubs, devices)
    async with told_to_both(hubs, devices, range(15)):
        await until(partial(commits_of, hubs, devices), lambda count: count > before + 4 * DEVICES)
        second.kill(second.process)
        lease = await hubs.until_followed_by(HUB)
        assert lease["session"] != lost["session"]
    await hubs.everything_counted_once(devices)


async def test_a_hub_that_stood_still_while_another_took_its_lease_does_not_follow_any_more(
    hubs: Hubs,
) -> None:
    devices, second = Devices(), hubs.second
    await hubs.let_the_second_follow()
    await hubs.both_have_devices(devices)
    before = await commits_of(hubs, devices)
    async with told_to_both(hubs, devices, range(15)):
        await until(partial(commits_of, hubs, devices), lambda count: count > before + 4 * DEVICES)
        os.kill(second.pids[second.process], signal.SIGSTOP)
        try:
            taken = await hubs.until_followed_by(HUB)
        finally:
            os.kill(second.pids[second.process], signal.SIGCONT)
        log = second.facts.state.log(second.process)
        await until(partial(asyncio.to_thread, log.read_text), lambda lines: STOOD_STILL in lines)
    await hubs.everything_counted_once(devices)
    assert (await hubs.lease())["session"] == taken["session"]


async def commits_of(hubs: Hubs, devices: Devices) -> int:
    wanted = {"device_id": {"$regex": f"^north/{devices.name}-"}}
    return await hubs.journal["device_hub"]["commits"].count_documents(wanted)


@dataclass
class Counted:
    """The way by Dapr, and the devices of each call."""

    by_dapr: TurnsClient
    calls: list[list[str]] = field(default_factory=list)

    async def ask(self, turns: DeviceTurns) -> DeviceTurnsResult:
        self.calls.append([turns.device_id, *(other.device_id for other in turns.others)])
        return await self.by_dapr.ask(turns)


async def test_devices_of_a_hub_travel_in_one_call_once_it_is_known_that_they_live_there(
    hubs: Hubs,
) -> None:
    """As a third hub with which no device lives, through the first one's sidecar, with the hub's proof."""
    devices, stack = Devices(), hubs.park.stack
    await hubs.both_have_devices(devices)
    proof = Proof.from_file(stack.stack.state.actor_proof_secret)
    async with grpc.aio.insecure_channel(stack.sidecar_address(HUB)) as channel:
        client = TurnsClient(api_service_v1.DaprStub(channel), stack.sidecar_metadata(HUB), proof)
        counted = Counted(client)
        elsewhere = Elsewhere(counted, Homes("the test", most=10 * DEVICES))

        async def told(number: int) -> Collection[Verdict.Outcome.ValueType]:
            reports = devices.say("third", number)
            answers = await asyncio.gather(
                *(
                    elsewhere.ask(
                        DeviceTurns(device_id=f"north/{one.device_identifier}", reports=[one])
                    )
                    for one in reports
                )
            )
            return {verdict.outcome for verdicts in answers for verdict in verdicts}

        assert await told(0) == {Verdict.OUTCOME_RECORDED}
        assert len(counted.calls) == DEVICES
        counted.calls.clear()
        assert await told(1) == {Verdict.OUTCOME_RECORDED}
        assert len(counted.calls) == len(hubs.names)
        assert sum(map(len, counted.calls)) == DEVICES
    await hubs.everything_counted_once(devices)
