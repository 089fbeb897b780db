"""The run: the same reports with each number of hubs in turn, round by round."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psutil
from pymongo import AsyncMongoClient

from benchmarks.hubs.sizes import HubSizes
from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.door import Door, knock
from benchmarks.stack.bench_stack import CONNECTOR, HUB, BenchStack
from benchmarks.stack.more_hubs import hubs_in_all
from benchmarks.telling import Tell
from benchmarks.trouble import BenchFailed
from deploy.local.stack.replica import Replica
from hes_simulator.park.devices import Park

_PATIENCE_SECONDS: Final = 90.0
# Each hub has heard of each device so often before anything is measured: then it knows where they live.
_WARM_UPS: Final = 2
# A hub whose follower has nothing left to do uses less than this share of a core.
_QUIET_SHARE: Final = 0.15
_QUIET_SECONDS: Final = 0.5
_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRound:
    """Reports a second until the last verdict; milliseconds of processor time per report, by process.

    `to_verdict` ends with the last verdict, `to_register` when the register shows all of it and every hub is quiet.
    """

    rate: float
    to_verdict: Mapping[str, float]
    to_register: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFigures:
    sizes: HubSizes
    # By the number of hubs, one for each round.
    rounds: Mapping[int, Sequence[HubRound]]


async def measure(bench: BenchStack, sizes: HubSizes, tell: Tell) -> HubFigures:
    """Measure every number of hubs in each round, so that a change of the machine's mood meets all."""
    park = Park(network=NETWORK, size=sizes.devices, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/hubs@{time.time_ns()}")
    bench.stop(CONNECTOR)
    rounds: dict[int, list[HubRound]] = {count: [] for count in sizes.hubs}
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        for number in range(sizes.rounds):
            for count in sizes.hubs:
                with hubs_in_all(bench, count) as replicas:
                    one = await _tried(bench, Counting(client), feed, sizes, replicas, tell=tell)
                tell(
                    f"round {number + 1}, {count} hub(s): {one.rate:.0f}/s,"
                    f" {sum(one.to_verdict.values()):.2f} ms/report to the verdict,"
                    f" {sum(one.to_register.values()):.2f} ms to the register"
                )
                rounds[count].append(one)
    return HubFigures(sizes=sizes, rounds=rounds)


async def _tried(
    bench: BenchStack,
    counting: Counting,
    feed: Feed,
    sizes: HubSizes,
    replicas: Sequence[Replica],
    *,
    tell: Tell,
) -> HubRound:
    """Return a round in which every report was recorded at once; passing trouble of a sidecar repeats it."""
    for _ in range(_TRIES - 1):
        try:
            return await _round(bench, counting, feed, sizes, replicas)
        except BenchFailed as error:
            tell(f"  again, as {error}")
    return await _round(bench, counting, feed, sizes, replicas)


async def _round(
    bench: BenchStack,
    counting: Counting,
    feed: Feed,
    sizes: HubSizes,
    replicas: Sequence[Replica],
) -> HubRound:
    await _warm_up(bench, feed, sizes, replicas)
    pids = dict(bench.pids())
    for replica in replicas:
        pids |= replica.pids
    hubs = [pids[name] for name in (HUB, *(one.process for one in replicas))]
    reports = feed.reports(sizes.reports)
    await _settled(counting, hubs)
    before = ProcessorTime.now(pids)
    at_the_door = await knock(
        bench, pids, reports, batch=sizes.batch, in_flight=sizes.batches_in_flight
    )
    await _settled(counting, hubs)
    used = ProcessorTime.now(pids).since(before)
    return HubRound(
        rate=at_the_door.rate,
        to_verdict=at_the_door.milliseconds,
        to_register=used.per_report(sizes.reports),
    )


async def _warm_up(
    bench: BenchStack, feed: Feed, sizes: HubSizes, replicas: Sequence[Replica]
) -> None:
    """Let each hub hear of each device, at its own door, until it answers for all: devices move after each start."""
    token = (("dapr-api-token", bench.stack.state.app_api_token(HUB).read_text()),)
    ports = [bench.description["ports"][HUB], *(one.facts.ports[HUB] for one in replicas)]
    for _ in range(_WARM_UPS):
        for port in ports:
            door = Door(address=f"127.0.0.1:{port}", metadata=token)
            await _hear(bench, feed, sizes, door)
    # By the way of the measurement as well.
    await _hear(bench, feed, sizes, Door.of_the_connector(bench))


async def _hear(bench: BenchStack, feed: Feed, sizes: HubSizes, door: Door) -> None:
    """Send a report of each device; what is postponed is sent again until it is recorded."""
    await knock(
        bench,
        {},
        feed.reports(sizes.devices),
        batch=sizes.batch,
        in_flight=sizes.batches_in_flight,
        door=door,
    )


async def _settled(counting: Counting, hubs: Sequence[int]) -> None:
    """Return when the register shows everything, and no hub's follower is still at work."""
    await counting.settled()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    before = _seconds(hubs)
    while True:
        await asyncio.sleep(_QUIET_SECONDS)
        after = _seconds(hubs)
        if max(b - a for a, b in zip(before, after, strict=True)) < _QUIET_SHARE * _QUIET_SECONDS:
            return
        if time.monotonic() > deadline:
            raise BenchFailed(f"a hub is busy for {_PATIENCE_SECONDS:.0f} s after the last report")
        before = after


def _seconds(pids: Sequence[int]) -> list[float]:
    times = (psutil.Process(pid).cpu_times() for pid in pids)
    return [one.user + one.system for one in times]
