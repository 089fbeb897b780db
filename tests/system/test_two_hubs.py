"""Two processes of the hub in one system: each report counts once and in order, whichever of them gets it, and dies."""

import asyncio
import os
import signal
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

import grpc.aio
import pytest
from dapr.proto import api_service_v1
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult

from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.proof import Proof
from device_hub.actors.turns_client import TurnsClient
from tests.system.park import until
from tests.system.two_hubs import (
    DEVICES,
    HUB,
    READY_SECONDS,
    Devices,
    Hubs,
    commits_of,
    told_to_both,
)

STOOD_STILL = "another process follows by now"


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
