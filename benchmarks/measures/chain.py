"""The whole chain: a backlog in the broker, drained by the connector, into the journal and the register."""

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import Feed
from benchmarks.instruments.figures import rate
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.measured import Round
from benchmarks.stack.bench_stack import CONNECTOR, BenchStack
from benchmarks.trouble import BenchFailed


async def drain(
    bench: BenchStack, counting: Counting, feed: Feed, reports: int, *, events: int = 1
) -> Round:
    """Publish while the connector is away, let it come, and measure from the first commit to the last.

    The start of the connector is not in it: the first commits that are seen begin the time, and do not count.
    For the register the time runs from the same beginning until every device shows its newest revision.
    """
    bench.stop(CONNECTOR)
    await counting.settled()
    before = await counting.journal()
    await feed.publish(bench.broker, reports // events, events)
    bench.start(CONNECTOR)
    first = await counting.journal_beyond(before)
    started = ProcessorTime.now(bench.pids())
    wanted = before + reports // events * events
    last = await counting.journal_at(wanted)
    complete = await counting.register_at(wanted)
    used = ProcessorTime.now(bench.pids()).since(started)
    if (held := await counting.journal()) != wanted:
        raise BenchFailed(f"the journal holds {held} commits, {wanted} were due")
    counted = wanted - first.count
    return Round(
        rate=rate(counted, last.at - first.at),
        to_register=rate(counted, complete.at - first.at),
        milliseconds=used.per_report(counted),
    )
