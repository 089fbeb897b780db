"""A stream of messages into the cluster's broker while something is done to the cluster, and what became of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hes_simulator.ledger.ledger import Ledger
from tests.cluster.world import World
from tests.system.park import Ended, run_program
from tests.system.streams import everything_arrived_once, until_some_arrived

_TRIES = 20


@dataclass(slots=True)
class Streamed:
    """What a stream was, known when its block has ended."""

    # Statements about devices that the ledger holds, each of which arrived once.
    told: int = 0
    # Whether it still flowed when the block ended: else a part of what was done was done to an idle park.
    to_the_end: bool = False

    def in_words(self) -> str:
        until = "" if self.to_the_end else " (it ended before that was done)"
        return f"a stream of {self.told} statements{until}"


@asynccontextmanager
async def nothing_lost_in(
    world: World, *, seed: int, devices: int, devices_per_second: int
) -> AsyncIterator[Streamed]:
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
        yield (streamed := Streamed())
        streamed.to_the_end = not running.done()
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
    streamed.told = sum(sum(kinds.values()) for kinds in Ledger(ledger).told().values())
