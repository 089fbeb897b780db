"""The run: what is measured, in which order. Reads as the list of what docs/benchmarks.md explains."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.database_work import DatabaseWork
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Delays, Spread
from benchmarks.instruments.processor_time import SENDER
from benchmarks.measures.chain import drain
from benchmarks.measures.delay import delays
from benchmarks.measures.doors import at_the_doors
from benchmarks.measures.measured import Round
from benchmarks.sizes import Sizes
from benchmarks.stack.bench_stack import PROCESSES, BenchStack
from benchmarks.telling import Tell
from hes_simulator.park.devices import Park

ROWS: Final = (*PROCESSES, SENDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a run measured; rates in reports per second, milliseconds of processor time per report."""

    sizes: Sizes
    to_journal: Spread
    to_register: Spread
    several_to_journal: Spread
    several_to_register: Spread
    delays: Delays
    door_batches: Spread
    door_single: Spread
    stock: Spread
    milliseconds: Mapping[str, Mapping[str, float]]
    # Per report of the whole chain, one event per message.
    database: DatabaseWork


async def measure(bench: BenchStack, sizes: Sizes, tell: Tell) -> Figures:
    """Measure everything, one thing after the other."""
    park = Park(network=NETWORK, size=sizes.devices, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/bench@{time.time_ns()}")
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        counting = Counting(client)

        async def through_the_chain(events: int) -> list[Round]:
            tell(
                f"broker -> journal -> register, {events} event(s) per message: warm-up,"
                f" then {sizes.rounds} x {sizes.reports} reports"
            )
            await drain(bench, counting, feed, sizes.warm_up, events=events)
            done = []
            for number in range(sizes.rounds):
                one = await drain(bench, counting, feed, sizes.reports, events=events)
                tell(
                    f"  round {number + 1}: {one.rate:.0f}/s, {one.to_register:.0f}/s to the register"
                )
                done.append(one)
            return done

        before = await DatabaseWork.now(client)
        chain = await through_the_chain(1)
        await counting.settled()
        database = (await DatabaseWork.now(client)).since(before)
        several = await through_the_chain(sizes.events_per_message)
        tell(f"delay at {sizes.delay_rate:g} messages/s for {sizes.delay_seconds:g} s")
        waited = Delays.of(
            await delays(
                bench,
                counting,
                feed,
                per_second=sizes.delay_rate,
                seconds=sizes.delay_seconds,
            )
        )
        tell(f"  p50 {1000 * waited.p50:.0f} ms, p99 {1000 * waited.p99:.0f} ms")
        doors = await at_the_doors(bench, counting, feed, sizes, tell)
    return Figures(
        sizes=sizes,
        to_journal=_rates(chain),
        to_register=Spread.of([one.to_register for one in chain if one.to_register]),
        several_to_journal=_rates(several),
        several_to_register=Spread.of([one.to_register for one in several if one.to_register]),
        delays=waited,
        door_batches=_rates(doors.batches),
        door_single=_rates(doors.single),
        stock=_rates(doors.stock),
        milliseconds={
            "whole chain": _milliseconds(chain),
            "our door, batches": _milliseconds(doors.batches),
            "our door, single": _milliseconds(doors.single),
            "stock": _milliseconds(doors.stock),
        },
        database=database.per_report(sizes.warm_up + sizes.rounds * sizes.reports),
    )


def _rates(done: list[Round]) -> Spread:
    return Spread.of([one.rate for one in done])


def _milliseconds(done: list[Round]) -> dict[str, float]:
    """The median round of each process."""
    return {
        name: Spread.of([one.milliseconds[name] for one in done]).median
        for name in ROWS
        if all(name in one.milliseconds for one in done)
    }
