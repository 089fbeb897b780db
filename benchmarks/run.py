"""The run: what is measured, in which order. Reads as the list of what docs/benchmarks.md explains."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.bench_stack import CONNECTOR, PROCESSES, BenchStack
from benchmarks.chain import drain
from benchmarks.counting import Counting
from benchmarks.delay import delays
from benchmarks.door import knock, until_open
from benchmarks.feed import NETWORK, Feed
from benchmarks.figures import Delays, Spread
from benchmarks.measured import Round
from benchmarks.processor_time import SENDER
from benchmarks.sizes import Sizes
from benchmarks.stock_stack import stock_hub_instead
from benchmarks.trouble import BenchFailed
from hes_simulator.park import Park

Tell = Callable[[str], None]

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


async def measure(bench: BenchStack, sizes: Sizes, tell: Tell) -> Figures:
    """Measure everything, one thing after the other; the stock way comes last, as it takes the hub's place."""
    park = Park(network=NETWORK, size=sizes.devices, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/bench@{time.time_ns()}")
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        counting = Counting(client)

        async def through_the_chain(events: int) -> list[Round]:
            return await rounds(
                f"broker -> journal -> register, {events} event(s) per message",
                sizes,
                tell,
                lambda reports: drain(bench, counting, feed, reports, events=events),
                reports=sizes.reports,
            )

        chain = await through_the_chain(1)
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
        bench.stop(CONNECTOR)

        async def at_the_door(reports: int, *, batch: int, in_flight: int) -> Round:
            await counting.settled()
            return await knock(
                bench, bench.pids(), feed.reports(reports), batch=batch, in_flight=in_flight
            )

        batches = await rounds(
            f"our door, batches of {sizes.batch}",
            sizes,
            tell,
            lambda reports: at_the_door(
                reports, batch=sizes.batch, in_flight=sizes.batches_in_flight
            ),
            reports=sizes.reports,
        )
        single = await rounds(
            "our door, one report per call",
            sizes,
            tell,
            lambda reports: at_the_door(reports, batch=1, in_flight=sizes.calls_in_flight),
            reports=sizes.single_reports,
        )
        await counting.settled()
        tell("the stock hub takes our hub's place")
        with stock_hub_instead(bench) as pids:
            await until_open(bench, feed.reports(1)[0])

            async def at_the_stock_door(reports: int) -> Round:
                before = await counting.stock()
                one = await knock(
                    bench, pids, feed.reports(reports), batch=1, in_flight=sizes.calls_in_flight
                )
                if (stored := await counting.stock() - before) != reports:
                    raise BenchFailed(f"stock actor state holds {stored} of {reports} reports")
                return one

            stock = await rounds(
                "stock actor state, one report per call",
                sizes,
                tell,
                at_the_stock_door,
                reports=sizes.single_reports,
            )
    return Figures(
        sizes=sizes,
        to_journal=_rates(chain),
        to_register=Spread.of([one.to_register for one in chain if one.to_register]),
        several_to_journal=_rates(several),
        several_to_register=Spread.of([one.to_register for one in several if one.to_register]),
        delays=waited,
        door_batches=_rates(batches),
        door_single=_rates(single),
        stock=_rates(stock),
        milliseconds={
            "whole chain": _milliseconds(chain),
            "our door, batches": _milliseconds(batches),
            "our door, single": _milliseconds(single),
            "stock": _milliseconds(stock),
        },
    )


async def rounds(
    what: str, sizes: Sizes, tell: Tell, once: Callable[[int], Awaitable[Round]], *, reports: int
) -> list[Round]:
    """Do `once` to warm up, which does not count, then as often as `sizes` says."""
    tell(f"{what}: warm-up, then {sizes.rounds} x {reports} reports")
    await once(min(sizes.warm_up, reports))
    done = []
    for number in range(sizes.rounds):
        one = await once(reports)
        register = f", {one.to_register:.0f}/s to the register" if one.to_register else ""
        tell(f"  round {number + 1}: {one.rate:.0f}/s{register}")
        done.append(one)
    return done


def _rates(done: list[Round]) -> Spread:
    return Spread.of([one.rate for one in done])


def _milliseconds(done: list[Round]) -> dict[str, float]:
    """The median round of each process."""
    return {
        name: Spread.of([one.milliseconds[name] for one in done]).median
        for name in ROWS
        if all(name in one.milliseconds for one in done)
    }
