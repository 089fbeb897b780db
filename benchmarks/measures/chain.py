"""The whole chain: a backlog in the broker, drained by the connector, into the journal and the register."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.instruments.counting import Counting, Moment
from benchmarks.instruments.feed import Feed
from benchmarks.instruments.figures import rate
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.measured import Round
from benchmarks.stack.bench_stack import CONNECTOR, BenchStack
from benchmarks.trouble import BenchFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain behind the broker, ours or the stock one: how its connector is started, and how far it is.

    ``stored`` counts the reports that the hub has stored, ``stored_at`` and ``shown_at`` wait until so many are stored,
    and shown by the register.
    """

    start: Callable[[], None]
    stop: Callable[[], None]
    pids: Callable[[], dict[str, int]]
    stored: Callable[[], Awaitable[int]]
    stored_at: Callable[[int], Awaitable[Moment]]
    shown_at: Callable[[int], Awaitable[Moment]]


def our_chain(bench: BenchStack, counting: Counting) -> Chain:
    return Chain(
        start=lambda: bench.start(CONNECTOR),
        stop=lambda: bench.stop(CONNECTOR),
        pids=bench.pids,
        stored=counting.journal,
        stored_at=counting.journal_at,
        shown_at=counting.register_at,
    )


async def drain(
    bench: BenchStack, chain: Chain, feed: Feed, reports: int, *, events: int = 1
) -> Round:
    """Publish while the connector is away, let it come, and measure from the first commit to the last.

    The start of the connector is not in it: the first commits that are seen begin the time, and do not count.
    For the register the time runs from the same beginning until every device shows its newest revision.
    """
    chain.stop()
    before = await chain.stored()
    await chain.shown_at(before)
    await feed.publish(bench.broker, reports // events, events)
    chain.start()
    first = await chain.stored_at(before + 1)
    pids = chain.pids()
    started = ProcessorTime.now(pids)
    wanted = before + reports // events * events
    last = await chain.stored_at(wanted)
    complete = await chain.shown_at(wanted)
    used = ProcessorTime.now(pids).since(started)
    if (held := await chain.stored()) != wanted:
        raise BenchFailed(f"{held} reports are stored, {wanted} were due")
    counted = wanted - first.count
    return Round(
        rate=rate(counted, last.at - first.at),
        to_register=rate(counted, complete.at - first.at),
        milliseconds=used.per_report(counted),
    )
