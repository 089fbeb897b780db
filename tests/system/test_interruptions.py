"""Restarts and crashes: a peer that is down costs delay, not data, and nothing counts twice.

Each test lets a stream of messages flow, takes something away in the middle of it, and then compares what the
head-end system's ledger says with what the hub's journal and the register hold.
"""

import asyncio
from pathlib import Path

import pytest

from tests.system.park import Park
from tests.system.streams import everything_arrived_once, stream, until_some_arrived


@pytest.mark.timeout(600)
async def test_a_restart_of_every_process_in_turn_loses_nothing(park: Park, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with stream(park, ledger, seed=1000, devices=120, devices_per_second=2):
        await until_some_arrived(park, ledger)
        for process in park.stack.processes:
            await asyncio.to_thread(park.stack.restart_process, process)
            await asyncio.to_thread(park.stack.wait_until_ready)
    await everything_arrived_once(park, ledger)


@pytest.mark.parametrize(
    "process", ["device-hub", "iec-connector", "device-hub-sidecar", "iec-connector-sidecar"]
)
async def test_a_crash_in_the_middle_of_batches_loses_nothing_and_counts_nothing_twice(
    park: Park, tmp_path: Path, process: str
) -> None:
    ledger = tmp_path / "ledger"
    seed = 2000 + len(process)
    # A backlog first, so that batches are full when it happens.
    await asyncio.to_thread(park.stack.stop_process, "iec-connector")
    async with stream(park, ledger, seed=seed, devices=40, devices_per_second=0):
        pass
    await asyncio.to_thread(park.stack.start_process, "iec-connector")
    await until_some_arrived(park, ledger)
    pid = await asyncio.to_thread(park.stack.kill, process)
    await asyncio.to_thread(park.stack.wait_for_another_pid, process, pid)
    await everything_arrived_once(park, ledger)
