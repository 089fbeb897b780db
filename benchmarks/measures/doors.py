"""Our door and the stock one, in turn: each round has all of them, so that a change of the machine's mood meets all."""

from dataclasses import dataclass, field

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import Feed
from benchmarks.measures.door import knock, until_open
from benchmarks.measures.measured import Round
from benchmarks.sizes import Sizes
from benchmarks.stack.bench_stack import CONNECTOR, BenchStack
from benchmarks.stack.stock_stack import stock_hub_instead
from benchmarks.telling import Tell
from benchmarks.trouble import BenchFailed


@dataclass(frozen=True, slots=True)
class Doors:
    """The rounds of each."""

    batches: list[Round] = field(default_factory=list)
    single: list[Round] = field(default_factory=list)
    stock: list[Round] = field(default_factory=list)


async def at_the_doors(
    bench: BenchStack, counting: Counting, feed: Feed, sizes: Sizes, tell: Tell
) -> Doors:
    """Send reports to our hub in batches, one by one, and one by one to the stock hub; as often as `sizes` says.

    Whoever was just started hears of every device once before its time is taken.
    """
    bench.stop(CONNECTOR)
    doors = Doors()
    tell(
        f"doors: {sizes.rounds} x {sizes.reports} reports in batches of {sizes.batch},"
        f" {sizes.single_reports} one by one, {sizes.single_reports} one by one to the stock hub"
    )
    for number in range(sizes.rounds):
        batches, single = await _ours(bench, counting, feed, sizes)
        stock = await _stock(bench, counting, feed, sizes)
        tell(
            f"  round {number + 1}: {batches.rate:.0f}/s, {single.rate:.0f}/s,"
            f" {stock.rate:.0f}/s stock"
        )
        doors.batches.append(batches)
        doors.single.append(single)
        doors.stock.append(stock)
    return doors


async def _ours(
    bench: BenchStack, counting: Counting, feed: Feed, sizes: Sizes
) -> tuple[Round, Round]:
    pids = bench.pids()
    await until_open(bench, feed.reports(1)[0])

    async def in_batches(reports: int) -> Round:
        # Whatever the register still has to do would be paid by this round.
        await counting.settled()
        return await knock(
            bench,
            pids,
            feed.reports(reports),
            batch=sizes.batch,
            in_flight=sizes.batches_in_flight,
        )

    await in_batches(sizes.devices)
    batches = await in_batches(sizes.reports)
    await counting.settled()
    single = await knock(
        bench,
        pids,
        feed.reports(sizes.single_reports),
        batch=1,
        in_flight=sizes.calls_in_flight,
    )
    await counting.settled()
    return batches, single


async def _stock(bench: BenchStack, counting: Counting, feed: Feed, sizes: Sizes) -> Round:
    with stock_hub_instead(bench) as pids:
        await until_open(bench, feed.reports(1)[0])

        async def one_by_one(reports: int) -> Round:
            before = await counting.stock()
            one = await knock(
                bench, pids, feed.reports(reports), batch=1, in_flight=sizes.calls_in_flight
            )
            if (stored := await counting.stock() - before) != reports:
                raise BenchFailed(f"stock actor state holds {stored} of {reports} reports")
            return one

        await one_by_one(sizes.devices)
        return await one_by_one(sizes.single_reports)
