"""One round of everything that is compared, ours and the others' in turn: a change of the machine's speed meets all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import Feed
from benchmarks.instruments.memory import peaks
from benchmarks.measures.bare_insert import bare_insert
from benchmarks.measures.chain import Chain, drain, our_chain
from benchmarks.measures.door import knock, until_open
from benchmarks.measures.measured import Round
from benchmarks.measures.steady import until_steady
from benchmarks.sizes import Sizes
from benchmarks.stack.bench_stack import CONNECTOR, BenchStack
from benchmarks.stack.stock_stack import StockChain, stock_chain_instead
from benchmarks.telling import Tell
from benchmarks.trouble import BenchFailed


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of each; ``memory`` is the most of each process, in MiB, ours and the stock ones."""

    chain: list[Round] = field(default_factory=list)
    several: list[Round] = field(default_factory=list)
    batches: list[Round] = field(default_factory=list)
    single: list[Round] = field(default_factory=list)
    bare: list[Round] = field(default_factory=list)
    stock_door: list[Round] = field(default_factory=list)
    stock_chain: list[Round] = field(default_factory=list)
    warm_up: list[float] = field(default_factory=list)
    memory: dict[str, dict[str, float]] = field(default_factory=lambda: {"ours": {}, "stock": {}})

    def of(self) -> dict[str, list[Round]]:
        return {
            "broker to register, one event": self.chain,
            "broker to register, several events": self.several,
            "our door, batches": self.batches,
            "our door, single": self.single,
            "insert_many": self.bare,
            "stock door": self.stock_door,
            "stock chain": self.stock_chain,
        }

    def remember(self, whose: str, now: Mapping[str, float]) -> None:
        most = self.memory[whose]
        for name, mebibytes in now.items():
            most[name] = max(mebibytes, most.get(name, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is compared with what, on a running stack."""

    bench: BenchStack
    client: AsyncMongoClient[dict[str, Any]]
    counting: Counting
    feed: Feed
    sizes: Sizes
    tell: Tell

    async def warm_up(self, rounds: Rounds) -> None:
        """Drain backlogs until the rate is steady: the broker's JVM takes longest."""
        sizes, ours = self.sizes, our_chain(self.bench, self.counting)

        async def piece() -> Round:
            return await drain(self.bench, ours, self.feed, sizes.warm_up)

        rounds.warm_up.extend(await until_steady(piece, sizes.warm_ups))
        told = ", ".join(f"{rate:.0f}" for rate in rounds.warm_up)
        self.tell(f"warm-up, {sizes.warm_up} reports each: {told}/s")

    async def our_rounds(self, rounds: Rounds) -> None:
        """The whole chain, and our door."""
        sizes, bench, feed = self.sizes, self.bench, self.feed
        ours = our_chain(bench, self.counting)
        rounds.chain.append(await drain(bench, ours, feed, sizes.reports))
        several = await drain(bench, ours, feed, sizes.reports, events=sizes.events_per_message)
        rounds.several.append(several)
        rounds.remember("ours", peaks(bench.pids()))
        bench.stop(CONNECTOR)
        await until_open(bench, feed.reports(1)[0])
        # A hub that was just started hears of every device once before its time is taken.
        await self._our_door(sizes.devices, batch=sizes.batch, in_flight=sizes.batches_in_flight)
        rounds.batches.append(
            await self._our_door(
                sizes.reports, batch=sizes.batch, in_flight=sizes.batches_in_flight
            )
        )
        rounds.single.append(
            await self._our_door(sizes.single_reports, batch=1, in_flight=sizes.calls_in_flight)
        )
        await self.counting.settled()
        rounds.remember("ours", peaks(bench.pids()))

    async def other_rounds(self, rounds: Rounds) -> None:
        """The database alone, then the stock way: its door, and its whole chain."""
        sizes = self.sizes
        journal = self.client["device_hub"]["commits"]
        bare = await bare_insert(self.client, journal, self.bench.pids(), sizes.reports)
        rounds.bare.append(bare)
        with stock_chain_instead(self.bench) as stock:
            await until_open(self.bench, self.feed.reports(1)[0])
            await self._stock_door(stock, sizes.devices)
            rounds.stock_door.append(await self._stock_door(stock, sizes.single_reports))
            await self._stock_chain(stock, rounds)

    async def _our_door(self, reports: int, *, batch: int, in_flight: int) -> Round:
        # Whatever the register still has to do would be paid by this round.
        await self.counting.settled()
        before = await self.counting.journal()
        one = await knock(
            self.bench,
            self.bench.pids(),
            self.feed.reports(reports),
            batch=batch,
            in_flight=in_flight,
        )
        _all_stored(await self.counting.journal() - before, reports, "our journal")
        return one

    async def _stock_door(self, stock: StockChain, reports: int) -> Round:
        before = await self.counting.stock()
        one = await knock(
            self.bench,
            stock.pids(),
            self.feed.reports(reports),
            batch=1,
            in_flight=self.sizes.calls_in_flight,
        )
        _all_stored(await self.counting.stock() - before, reports, "stock actor state")
        return one

    async def _stock_chain(self, stock: StockChain, rounds: Rounds) -> None:
        reports = self.sizes.single_reports
        chain = Chain(
            start=stock.start_connector,
            stop=stock.stop_connector,
            pids=stock.pids,
            stored=self.counting.stock_register,
            stored_at=self.counting.stock_register_at,
            shown_at=self.counting.stock_register_at,
        )
        await self._tell_stock_register(stock)
        before = await self.counting.stock()
        one = await drain(self.bench, chain, self.feed, reports)
        rounds.remember("stock", peaks(stock.pids()))
        stock.stop_connector()
        _all_stored(await self.counting.stock() - before, reports, "stock actor state")
        rounds.stock_chain.append(one)

    async def _tell_stock_register(self, stock: StockChain) -> None:
        """One report of each device: the register learns what the door has told the hub alone."""
        wanted = await self.counting.stock() + self.sizes.devices
        await self.feed.publish(self.bench.broker, self.sizes.devices)
        stock.start_connector()
        await self.counting.stock_register_at(wanted)
        stock.stop_connector()


def _all_stored(stored: int, sent: int, where: str) -> None:
    if stored != sent:
        raise BenchFailed(f"{where} holds {stored} of {sent} reports")
