"""Restarts and crashes: a peer that is down costs delay, not data, and nothing counts twice.

Each test lets a stream of messages flow, takes something away in the middle of it, and then compares what the
head-end system's ledger says with what the hub's journal and the register hold.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hes_simulator.facts import Kind
from hes_simulator.ledger import Ledger
from tests.system.park import Ended, Park, hes_settings, run_program, until

EVERY_PROCESS = (
    "iec-connector",
    "iec-connector-sidecar",
    "device-hub",
    "device-hub-sidecar",
    "smoc-service",
    "smoc-service-sidecar",
    "meterpark-cli-sidecar",
    "placement",
    "scheduler",
    "sentry",
    "mongod",
    "broker",
)


@asynccontextmanager
async def stream(
    park: Park, ledger: Path, *, seed: int, devices: int, devices_per_second: int
) -> AsyncIterator[None]:
    """Publish while the block runs; afterwards all of it is with the broker, whatever happened to it."""

    async def publish() -> Ended:
        return await run_program(
            *("hes_simulator", "rollout", "--devices", str(devices)),
            *("--rate", str(devices_per_second)),
            *("--speed-up", "600", "--seed", str(seed), "--ledger", str(ledger)),
            settings=hes_settings(park.stack),
        )

    running = asyncio.create_task(publish())
    yield
    done = await running
    # The broker itself may have been away: what it had not accepted is sent again from the ledger.
    while done.code != 0:
        await asyncio.to_thread(park.stack.wait_until_ready)
        done = await publish()


async def everything_arrived_once(park: Park, ledger: Path) -> None:
    """Wait until the register holds all that was told; then the journal must hold each event once."""
    told = Ledger(ledger).told()
    expected = Ledger(ledger).expected()
    assert told

    async def missing() -> list[str]:
        seen = await park.all_devices("")
        return [
            f"{device_id}: {seen[device_id].lifecycle.value if device_id in seen else 'absent'}"
            for device_id, facets in expected.items()
            if device_id not in seen
            or any(
                getattr(seen[device_id], name.value).value != value
                for name, value in facets.items()
                if name.value in {"lifecycle", "power", "switch", "tamper", "firmware"}
            )
        ]

    await until(missing, lambda found: not found, patience_seconds=120)
    seen = await park.all_devices("")
    for device_id, kinds in told.items():
        history = await park.journal(device_id)
        assert [commit.revision for commit in history] == list(range(1, len(history) + 1))
        reports = [commit.report_id for commit in history]
        assert len(reports) == len(set(reports)), f"{device_id}: a report was committed twice"
        events = [entry for commit in history for entry in commit.events if entry.code]
        assert len(events) == kinds.get(Kind.EVENT, 0), device_id
        assert seen[device_id].revision == len(history)
        timeline = await park.timeline(device_id)
        assert len(timeline) == sum(len(commit.events) for commit in history)


@pytest.mark.timeout(600)
async def test_a_restart_of_every_process_in_turn_loses_nothing(park: Park, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with stream(park, ledger, seed=1000, devices=120, devices_per_second=2):
        await until_some_arrived(park, ledger)
        for process in EVERY_PROCESS:
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


async def until_some_arrived(park: Park, ledger: Path) -> None:
    """Return when the register shows a first device of this ledger."""

    async def arrived() -> int:
        # The simulator makes the ledger; until it has, this one is empty.
        mine = Ledger(ledger).expected()
        seen = await park.all_devices("") if mine else {}
        return len(mine.keys() & seen.keys())

    await until(arrived, _some)


_some: Callable[[int], bool] = bool
