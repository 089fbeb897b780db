"""A stream of messages that flows while a test does something to the stack, and what must have become of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from hes_simulator.expectation.facts import Kind
from hes_simulator.ledger.ledger import Ledger
from tests.system.park import Asked, Ended, Park, hes_settings, run_program, until


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


async def everything_arrived_once(park: Asked, ledger: Path) -> None:
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
        # A sidecar takes a moment longer than the hub's own readiness to notice that the hub is back.
        history = await until(partial(park.journal, device_id), bool)
        assert [commit.revision for commit in history] == list(range(1, len(history) + 1))
        reports = [commit.report_id for commit in history]
        assert len(reports) == len(set(reports)), f"{device_id}: a report was committed twice"
        events = [entry for commit in history for entry in commit.events if entry.code]
        assert len(events) == kinds.get(Kind.EVENT, 0), device_id
        assert seen[device_id].revision == len(history)
        timeline = await park.timeline(device_id)
        assert len(timeline) == sum(len(commit.events) for commit in history)


async def until_some_arrived(park: Asked, ledger: Path) -> None:
    """Return when the register shows a first device of this ledger."""

    async def arrived() -> int:
        # The simulator makes the ledger; until it has, this one is empty.
        mine = Ledger(ledger).expected()
        seen = await park.all_devices("") if mine else {}
        return len(mine.keys() & seen.keys())

    await until(arrived, _some)


_some: Callable[[int], bool] = bool
