"""Two hubs, and what users of Dapr met when devices move (docs/reliability.md)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tests.system.park import until
from tests.system.two_hubs import DEVICES, READY_SECONDS, Devices, Hubs, commits_of, told_to_both

STANDSTILL_SECONDS = 20.0
SLOW_MILLISECONDS = 10_000
SLOW_TURNS = 3


async def test_a_sidecar_that_stands_still_holds_up_nobody_but_its_own_devices(hubs: Hubs) -> None:
    """dapr#9770: one slow sidecar freezes the actors of all. Here the devices of the other hub go on."""
    devices, second = Devices(), hubs.second
    await hubs.both_have_devices(devices)
    async with asyncio.TaskGroup() as senders:
        os.kill(second.pids[second.sidecar], signal.SIGSTOP)
        try:
            before = await commits_of(hubs, devices)
            for number in range(4):
                sender = f"meanwhile-{number}"
                senders.create_task(hubs.keep_telling(devices, hubs.names[0], sender, range(3)))
            # More than one each of the devices that live with the first hub: they are not held up.
            await until(partial(commits_of, hubs, devices), lambda count: count > before + DEVICES)
            await asyncio.sleep(STANDSTILL_SECONDS)
        finally:
            os.kill(second.pids[second.sidecar], signal.SIGCONT)
    assert hubs.unanswered == []
    await hubs.everything_counted_once(devices)


@asynccontextmanager
async def told_slowly(hubs: Hubs, devices: Devices, rounds: range) -> AsyncIterator[None]:
    """The next commits take longer than a hub waits for a turn, and than Dapr waits for moving devices.

    The block begins while the first of them is held.
    """
    slow = {
        "failCommands": ["insert"],
        "namespace": "device_hub.commits",
        "blockConnection": True,
        "blockTimeMS": SLOW_MILLISECONDS,
    }
    point = {"configureFailPoint": "failCommand", "mode": {"times": SLOW_TURNS}, "data": slow}
    before = (await hubs.journal.admin.command(point))["count"]
    entered = {
        "waitForFailPoint": "failCommand",
        "timesEntered": before + 1,
        "maxTimeMS": SLOW_MILLISECONDS,
    }
    try:
        async with told_to_both(hubs, devices, rounds):
            await hubs.journal.admin.command(entered)
            yield
    finally:
        await hubs.journal.admin.command({**point, "mode": "off"})


@pytest.mark.timeout(300)
async def test_turns_of_ten_seconds_while_a_hub_goes_and_comes_lose_and_double_nothing(
    hubs: Hubs,
) -> None:
    """dapr#10423, dapr#9514: devices move while their turns last; nobody stays away, and none lives twice."""
    devices, second = Devices(), hubs.second
    await hubs.both_have_devices(devices)
    async with told_slowly(hubs, devices, range(4)):
        await asyncio.to_thread(second.stop)
        second.start()
        await asyncio.to_thread(second.wait_until_ready, READY_SECONDS)
    await hubs.both_have_devices(devices)
    await hubs.everything_counted_once(devices)
