"""The run: all devices are made hot, reports are timed in a small and a large park, cold devices are woken."""

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.devices.long_history import lengthen
from benchmarks.devices.sizes import DeviceSizes
from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Delays, Spread
from benchmarks.instruments.memory import held
from benchmarks.measures.door import knock, until_open
from benchmarks.measures.measured import Round
from benchmarks.stack.bench_stack import CONNECTOR, HUB, BenchStack
from benchmarks.telling import Tell
from hes_simulator.park.devices import Park

_SEED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFigures:
    """Memory in MiB by the number of hot devices; rates and milliseconds by the size of the park; seconds to wake."""

    sizes: DeviceSizes
    hub_memory: Mapping[int, float]
    rates: Mapping[int, Spread]
    milliseconds: Mapping[int, float]
    cold: Delays
    hot: Delays
    long: Delays
    samples: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class _Run:
    bench: BenchStack
    counting: Counting
    sizes: DeviceSizes
    tell: Tell

    def feed(self, devices: int, first: int = 0) -> Feed:
        """Return events of a park, from device ``first`` on; a small park's devices are the first of a large one."""
        park = Park(network=NETWORK, size=devices, seed=_SEED)
        stream = f"{NETWORK}/bench-devices@{time.time_ns()}"
        return Feed(park=park, stream=stream, _places=itertools.count(first))

    def hub_memory(self) -> float:
        return held(self.bench.pids())[HUB]

    async def hear_of(self, feed: Feed, reports: int) -> Round:
        """Send a report of each of the next devices, and wait until the register has them."""
        one = await knock(
            self.bench,
            self.bench.pids(),
            feed.reports(reports),
            batch=self.sizes.batch,
            in_flight=self.sizes.in_flight,
        )
        await self.counting.settled()
        return one

    async def rounds(self, devices: int) -> list[Round]:
        """Time reports of devices that are hot, in a park of so many."""
        # In a large park those that became hot last; serial numbers spread them over the indexes.
        first = max(0, devices - self.sizes.rounds * self.sizes.reports)
        feed = self.feed(devices, first)
        return [await self.hear_of(feed, self.sizes.reports) for _ in range(self.sizes.rounds)]

    async def one_by_one(self, feed: Feed, reports: int) -> list[float]:
        """Return the seconds of each call: one device each, the next one when the last is answered."""
        one = await knock(self.bench, {}, feed.reports(reports), batch=1, in_flight=1)
        return list(one.seconds)

    async def restart_hub(self) -> None:
        """Start the hub anew, so that all devices are cold, and wait until it takes reports."""
        await self.counting.settled()
        self.bench.stop(HUB)
        self.bench.start(HUB)
        self.bench.wait_until_ready(HUB)
        # The last device of the park, which nothing else asks for while it is cold.
        last = self.feed(self.sizes.devices, self.sizes.devices - 1)
        await until_open(self.bench, last.reports(1)[0])


async def measure(bench: BenchStack, sizes: DeviceSizes, tell: Tell) -> DeviceFigures:
    """Measure everything, one thing after the other."""
    bench.stop(CONNECTOR)
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        run = _Run(bench=bench, counting=Counting(client), sizes=sizes, tell=tell)
        await until_open(bench, run.feed(sizes.few).reports(1)[0])
        memory = {0: run.hub_memory()}
        rounds = {}
        known = 0
        for devices in (sizes.few, sizes.devices):
            while known < devices:
                piece = min(sizes.few, devices - known)
                await run.hear_of(run.feed(devices, known), piece)
                known += piece
                memory[known] = run.hub_memory()
                tell(f"{known:,} hot devices: the hub holds {memory[known]:.0f} MiB")
            rounds[devices] = await run.rounds(devices)
            rates = ", ".join(f"{one.rate:.0f}" for one in rounds[devices])
            tell(f"{devices:,} devices: {rates} reports/s at the door")
        await run.restart_hub()
        cold = await run.one_by_one(run.feed(sizes.devices), sizes.cold)
        hot = await run.one_by_one(run.feed(sizes.devices), sizes.cold)
        tell(f"{sizes.cold:,} cold devices woken, and called again")
        report = run.feed(sizes.devices).reports(1)[0]
        long_one = f"{report.network}/{report.device_identifier}"
        await lengthen(client["device_hub"]["commits"], long_one, sizes.long_history)
        tell(f"a device has {sizes.long_history:,} commits")
        long = []
        for _ in range(sizes.wakings):
            await run.restart_hub()
            long += await run.one_by_one(run.feed(sizes.devices), 1)
    return DeviceFigures(
        sizes=sizes,
        hub_memory=memory,
        rates={devices: Spread.of([one.rate for one in done]) for devices, done in rounds.items()},
        milliseconds={devices: _all(done) for devices, done in rounds.items()},
        cold=Delays.of(cold),
        hot=Delays.of(hot),
        long=Delays.of(long),
        samples={
            "hub_memory": memory,
            "rounds": {str(n): [asdict(one) for one in done] for n, done in rounds.items()},
            "cold": cold,
            "hot": hot,
            "long": long,
        },
    )


def _all(done: Sequence[Round]) -> float:
    """Milliseconds of all processes together, of the median round."""
    return Spread.of([sum(one.milliseconds.values()) for one in done]).median
