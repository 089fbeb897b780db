"""A stream of messages into the cluster's broker while something is done to the cluster, and what became of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.cluster.world import World
from tests.system.park import Ended, run_program
from tests.system.streams import everything_arrived_once, until_some_arrived

_TRIES = 20


@asynccontextmanager
async def nothing_lost_in(
    world: World, *, seed: int, devices: int, devices_per_second: int
) -> AsyncIterator[Path]:
    """Publish while the block runs; then wait until all of it has arrived, each report once.

    Raises:
        AssertionError: something was lost, or counted twice.
    """
    ledger = world.folder / f"ledger-{seed}"

    async def publish() -> Ended:
        return await run_program(
            *("hes_simulator", "rollout", "--devices", str(devices)),
            *("--rate", str(devices_per_second)),
            *("--speed-up", "600", "--seed", str(seed), "--ledger", str(ledger)),
            settings=world.hes,
            timeout_seconds=900,
        )

    running = asyncio.create_task(publish())
    try:
        await until_some_arrived(world.park, ledger)
        yield ledger
    except BaseException:
        running.cancel()
        raise
    done = await running
    # The way to the broker may have been away: what it had not accepted is sent again from the ledger.
    for _ in range(_TRIES):
        if done.code == 0:
            break
        await asyncio.sleep(1)
        done = await publish()
    assert done.code == 0, done.err
    await everything_arrived_once(world.park, ledger)
