"""The run: a park is made, the register takes it in, and then it is asked. Reads as docs/benchmarks.md explains it."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pymongo import AsyncMongoClient

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Delays, Spread, percentile
from benchmarks.measures.delay import delays
from benchmarks.register.asking import asking
from benchmarks.register.bulk_jobs import JobRate, bulk_jobs
from benchmarks.register.making import DATABASE, made
from benchmarks.register.measures import (
    import_seconds,
    pages,
    router_pages,
    searches,
    summaries,
)
from benchmarks.register.population import Document, now_in_whole_seconds
from benchmarks.register.questions import Questions
from benchmarks.stack.bench_stack import BenchStack
from benchmarks.telling import Tell
from hes_simulator.park.devices import Park


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSizes:
    devices: int = 1_000_000
    rounds: int = 3
    # Of one round.
    searches: int = 200
    summaries: int = 200
    router_pages: int = 100
    job_devices: int = 50_000
    import_rows: int = 100_000
    delay_rate: float = 50.0
    delay_seconds: float = 30.0
    # Of the devices that the messages are about; they are not among the others.
    delay_devices: int = 1_000

    @classmethod
    def of(cls, devices: int) -> "RegisterSizes":
        """Return the standard run, or one that tries out the tool with fewer devices."""
        standard = cls()
        if devices == standard.devices:
            return standard
        return cls(
            devices=devices,
            rounds=1,
            job_devices=min(standard.job_devices, devices // 4),
            import_rows=min(standard.import_rows, devices // 4),
            delay_seconds=10.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Seconds: each percentile's median round, with the least and the most."""

    p50: Spread
    p95: Spread
    p99: Spread
    samples: int

    @classmethod
    def of(cls, rounds: Sequence[Sequence[float]]) -> "Percentiles":
        p50, p95, p99 = (Spread.of([percentile(one, p) for one in rounds]) for p in (50, 95, 99))
        return cls(p50=p50, p95=p95, p99=p99, samples=sum(map(len, rounds)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFigures:
    """All that a run measured, in seconds unless said otherwise."""

    sizes: RegisterSizes
    made_in: float
    loaded_in: float
    search: Percentiles
    page: Percentiles
    summary: Percentiles
    router: Percentiles
    jobs: Sequence[JobRate]
    import_seconds: float
    delays: Delays
    load_after: float


async def measure(bench: BenchStack, sizes: RegisterSizes, tell: Tell) -> RegisterFigures:
    made_in, loaded_in = await made(bench, sizes.devices, tell)
    questions = Questions()

    async def in_rounds(what: str, one_round: Callable[[], Awaitable[list[float]]]) -> Percentiles:
        await one_round()  # a warm-up that does not count
        found = Percentiles.of([await one_round() for _ in range(sizes.rounds)])
        tell(
            f"{what}: p50 {1000 * found.p50.median:.0f} ms, p95 {1000 * found.p95.median:.0f} ms,"
            f" p99 {1000 * found.p99.median:.0f} ms"
        )
        return found

    async with asking(bench) as asked:
        search = await in_rounds(
            "three facets with counts", lambda: searches(asked, questions, sizes.searches)
        )
        page = await in_rounds(
            "three facets, page alone", lambda: pages(asked, questions, sizes.searches)
        )
        summary = await in_rounds("summary", lambda: summaries(asked, sizes.summaries))
        router = await in_rounds(
            "page through the router", lambda: router_pages(asked, questions, sizes.router_pages)
        )
        waited = await _delays(bench, sizes)
        tell(
            f"change to subscriber: p50 {1000 * waited.p50:.0f} ms, p99 {1000 * waited.p99:.0f} ms"
        )
        jobs = await bulk_jobs(asked, sizes.job_devices, now_in_whole_seconds())
        for job in jobs:
            tell(f"bulk job, {job.name}: {job.devices:,} devices, {job.per_second:,.0f} devices/s")
        imported_in = await import_seconds(asked, sizes.import_rows)
        tell(f"import: {sizes.import_rows:,} rows in {imported_in:.0f} s")
    return RegisterFigures(
        sizes=sizes,
        made_in=made_in,
        loaded_in=loaded_in,
        search=search,
        page=page,
        summary=summary,
        router=router,
        jobs=jobs,
        import_seconds=imported_in,
        delays=waited,
        load_after=os.getloadavg()[0],
    )


async def _delays(bench: BenchStack, sizes: RegisterSizes) -> Delays:
    """Devices of their own, made known to hub and register by a message each before the time is taken."""
    park = Park(network=NETWORK, size=sizes.delay_devices, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/bench@{time.time_ns()}")
    async with AsyncMongoClient[Document](bench.mongodb_url, tz_aware=True) as client:
        counting = LiveCounting(client)
        wanted = await counting.journal() + sizes.delay_devices
        await feed.publish(bench.broker, sizes.delay_devices, 1)
        await counting.journal_at(wanted)
        return Delays.of(
            await delays(
                bench, counting, feed, per_second=sizes.delay_rate, seconds=sizes.delay_seconds
            )
        )


class LiveCounting(Counting):
    """Counts the devices that the hub knows, and not those that were written past it."""

    async def register(self) -> int:
        add_up: list[Document] = [
            {"$match": {"_id": {"$gte": f"{NETWORK}/", "$lt": f"{NETWORK}0"}}},
            {"$group": {"_id": None, "sum": {"$sum": "$revision"}}},
        ]
        answer = await (await self.client[DATABASE]["devices"].aggregate(add_up)).to_list()
        return int(answer[0]["sum"]) if answer else 0

    async def revisions(self) -> dict[str, int]:
        found = self.client[DATABASE]["devices"].find(
            {"_id": {"$gte": f"{NETWORK}/", "$lt": f"{NETWORK}0"}}, {"revision": True}
        )
        return {one["_id"]: one["revision"] async for one in found}
