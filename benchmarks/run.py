"""The run: what is measured, in which order. Reads as the list of what docs/benchmarks.md explains."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.database_work import DatabaseWork
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Delays, Spread
from benchmarks.instruments.processor_time import SENDER
from benchmarks.measures.chain import drain, our_chain
from benchmarks.measures.delay import delays
from benchmarks.measures.measured import Round
from benchmarks.measures.rounds import Compared, Rounds
from benchmarks.sizes import Sizes
from benchmarks.stack.bench_stack import CONNECTOR, PROCESSES, BenchStack
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
    bare_insert: Spread
    stock_door: Spread
    stock_chain: Spread
    # Of calls with one report each.
    call_single: Delays
    call_stock: Delays
    milliseconds: Mapping[str, Mapping[str, float]]
    # The most that each process held, in MiB: "ours" and "stock".
    memory: Mapping[str, Mapping[str, float]]
    # Per report of the whole chain, one event per message.
    database: DatabaseWork
    # Calls that were made again, over all rounds.
    repeated: int
    samples: Mapping[str, object]

    @property
    def milliseconds_per_report(self) -> float:
        """Processor time of everything together, for a report through the whole chain."""
        return sum(self.milliseconds["whole chain"].values())


async def measure(bench: BenchStack, sizes: Sizes, tell: Tell) -> Figures:
    """Measure everything, one thing after the other."""
    park = Park(network=NETWORK, size=sizes.devices, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/bench@{time.time_ns()}")
    rounds = Rounds()
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        counting = Counting(client)
        compared = Compared(
            bench=bench, client=client, counting=counting, feed=feed, sizes=sizes, tell=tell
        )
        await compared.warm_up(rounds)
        await counting.settled()
        before = await DatabaseWork.now(client)
        # The database's own work is counted over a drain of its own: what else is measured would count as well.
        await drain(bench, our_chain(bench, counting), feed, sizes.warm_up)
        await counting.settled()
        database = (await DatabaseWork.now(client)).since(before).per_report(sizes.warm_up)
        tell(f"delay at {sizes.delay_rate:g} messages/s for {sizes.delay_seconds:g} s")
        waited = await delays(
            bench, counting, feed, per_second=sizes.delay_rate, seconds=sizes.delay_seconds
        )
        for number in range(sizes.rounds):
            await compared.our_rounds(rounds)
            await compared.other_rounds(rounds)
            tell(f"round {number + 1} of {sizes.rounds}: {_told(rounds)}")
        bench.start(CONNECTOR)
    return figures_of(sizes, rounds, waited, database)


def figures_of(
    sizes: Sizes, rounds: Rounds, waited: Sequence[float], database: DatabaseWork
) -> Figures:
    """Put the rounds into figures."""
    return Figures(
        sizes=sizes,
        to_journal=_rates(rounds.chain),
        to_register=_to_register(rounds.chain),
        several_to_journal=_rates(rounds.several),
        several_to_register=_to_register(rounds.several),
        delays=Delays.of(waited),
        door_batches=_rates(rounds.batches),
        door_single=_rates(rounds.single),
        bare_insert=_rates(rounds.bare),
        stock_door=_rates(rounds.stock_door),
        stock_chain=_rates(rounds.stock_chain),
        call_single=Delays.of([one for each in rounds.single for one in each.seconds]),
        call_stock=Delays.of([one for each in rounds.stock_door for one in each.seconds]),
        milliseconds={
            "whole chain": _milliseconds(rounds.chain),
            "stock chain": _milliseconds(rounds.stock_chain),
            "our door, batches": _milliseconds(rounds.batches),
            "our door, single": _milliseconds(rounds.single),
            "stock door": _milliseconds(rounds.stock_door),
            "insert_many": _milliseconds(rounds.bare),
        },
        memory=rounds.memory,
        database=database,
        repeated=sum(one.repeated for each in rounds.of().values() for one in each),
        samples={
            "rounds": {name: [asdict(one) for one in each] for name, each in rounds.of().items()},
            "delays": list(waited),
            "warm_up": rounds.warm_up,
            "memory": rounds.memory,
            "database": asdict(database),
        },
    )


def _told(rounds: Rounds) -> str:
    chain = rounds.chain[-1]
    return (
        f"{chain.rate:.0f}/s, {chain.to_register:.0f}/s to the register;"
        f" door {rounds.batches[-1].rate:.0f}/s, single {rounds.single[-1].rate:.0f}/s;"
        f" insert_many {rounds.bare[-1].rate:.0f}/s;"
        f" stock door {rounds.stock_door[-1].rate:.0f}/s, chain {rounds.stock_chain[-1].rate:.0f}/s"
    )


def _rates(done: list[Round]) -> Spread:
    return Spread.of([one.rate for one in done])


def _to_register(done: list[Round]) -> Spread:
    return Spread.of([one.to_register for one in done if one.to_register])


def _milliseconds(done: list[Round]) -> dict[str, float]:
    """The median of each process, over the rounds that it lived through."""
    measured = {
        name: [one.milliseconds[name] for one in done if name in one.milliseconds] for name in ROWS
    }
    return {name: Spread.of(values).median for name, values in measured.items() if values}
