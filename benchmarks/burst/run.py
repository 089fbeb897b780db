"""The run: each burst in turn, while other meters say something fifty times a second."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.burst.messages import REPLY_TO, Burst
from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Delays
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.delay import Wait, waits
from benchmarks.stack.bench_stack import BenchStack
from benchmarks.telling import Tell
from benchmarks.trouble import BenchFailed
from hes_simulator.park.devices import Park
from jms_transport import Connection, Destination, OutgoingMessage, Subscription

BURSTS: Final = (
    Burst(messages=1, events=500),
    Burst(messages=1, events=2_000),
    Burst(messages=1, events=10_000),
    Burst(messages=1_100, events=1),
    Burst(messages=3_000, events=1, identical=True),
)
OTHERS: Final = 500
PER_SECOND: Final = 50.0
# The others: before the burst, how long they are looked at however fast it is settled, and at most.
_LEAD_SECONDS: Final = 3.0
_LOOKED_AT_SECONDS: Final = 15.0
_OTHERS_SECONDS: Final = 30.0
_PATIENCE_SECONDS: Final = 240.0
_AT_ONCE: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One burst: seconds from the broker's first acknowledgement to the last settled message, and the others."""

    burst: Burst
    seconds: float
    others: Delays
    # Seconds of each program while it lasted; what the others' messages cost is in it.
    processor: ProcessorTime


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFigures:
    alone: Delays
    bursts: Sequence[Settled]


async def measure(bench: BenchStack, tell: Tell) -> BurstFigures:
    """Measure each burst, one after the other, each of a meter of its own."""
    park = Park(network=NETWORK, size=OTHERS, seed=1)
    feed = Feed(park=park, stream=f"{NETWORK}/burst@{time.time_ns()}")
    async with AsyncMongoClient[dict[str, Any]](bench.mongodb_url, tz_aware=True) as client:
        counting = Counting(client)
        tell(f"warm-up: {2 * OTHERS} messages of {OTHERS} meters")
        await feed.publish(bench.broker, 2 * OTHERS)
        await counting.journal_at(2 * OTHERS)
        await counting.settled()
        tell(f"the others alone, {PER_SECOND:g} messages/s")
        alone = Delays.of([one.seconds for one in await _others(bench, counting, feed)])
        tell(f"  p50 {1000 * alone.p50:.0f} ms, p99 {1000 * alone.p99:.0f} ms")
        done = []
        for burst in BURSTS:
            tell(burst.name)
            one = await _one(bench, counting, feed, burst)
            tell(
                f"  settled in {one.seconds:.1f} s; others p50 {1000 * one.others.p50:.0f} ms,"
                f" p99 {1000 * one.others.p99:.0f} ms"
            )
            spent = sorted(one.processor.by_name().items(), key=lambda each: -each[1])
            tell(
                f"  processor: {', '.join(f'{name} {seconds:.1f} s' for name, seconds in spent[:6])}"
            )
            done.append(one)
    return BurstFigures(alone=alone, bursts=done)


async def _others(
    bench: BenchStack, counting: Counting, feed: Feed, seconds: float = _LOOKED_AT_SECONDS
) -> list[Wait]:
    return await waits(bench, counting, feed, per_second=PER_SECOND, seconds=seconds)


async def _one(bench: BenchStack, counting: Counting, feed: Feed, burst: Burst) -> Settled:
    clock = asyncio.get_running_loop().time
    serial = f"BURST{time.time_ns()}"
    bodies = burst.bodies(serial, datetime.now(UTC))
    await counting.settled()
    before = await counting.journal()
    async with asyncio.TaskGroup() as group:
        seconds = _LEAD_SECONDS + _OTHERS_SECONDS
        others = group.create_task(_others(bench, counting, feed, seconds))
        await asyncio.sleep(_LEAD_SECONDS)
        started = ProcessorTime.now(bench.pids())
        began_at, settled_at = await _until_settled(bench, bodies, clock)
        used = ProcessorTime.now(bench.pids()).since(started)
    until = max(settled_at, began_at + _LOOKED_AT_SECONDS)
    seen = [one.seconds for one in others.result() if began_at <= one.at <= until]
    await counting.settled()
    wanted = before + burst.commits + len(others.result())
    if (held := await counting.journal()) != wanted:
        raise BenchFailed(f"{burst.name}: the journal holds {held} commits, {wanted} were due")
    return Settled(
        burst=burst, seconds=settled_at - began_at, others=Delays.of(seen), processor=used
    )


async def _until_settled(
    bench: BenchStack, bodies: Sequence[str], clock: Any
) -> tuple[float, float]:
    """Give the broker the messages; return when it had the first, and when the last was settled."""
    broker = bench.broker
    connection = await broker.dial()
    try:
        replies = await connection.subscribe(
            Destination.to_subscribe(f"queue://{REPLY_TO}"), credit=10
        )
        first, *rest = bodies
        await connection.send(broker.destination, OutgoingMessage(body=first))
        began_at = clock()
        for start in range(0, len(rest), _AT_ONCE):
            await _send_all(connection, broker.destination, rest[start : start + _AT_ONCE])
        settled_at = await _acknowledged(replies, clock)
    finally:
        await connection.close()
    return began_at, settled_at


async def _send_all(
    connection: Connection, destination: Destination, bodies: Sequence[str]
) -> None:
    async with asyncio.TaskGroup() as sending:
        for body in bodies:
            sending.create_task(connection.send(destination, OutgoingMessage(body=body)))


async def _acknowledged(replies: Subscription, clock: Any) -> float:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            delivery = await replies.receive()
    except TimeoutError:
        raise BenchFailed(f"not settled within {_PATIENCE_SECONDS:.0f} s") from None
    at: float = clock()
    await delivery.accept()
    if "<Result>OK</Result>" not in str(delivery.message.body):
        raise BenchFailed(f"the answer is not OK: {delivery.message.body!s:.500}")
    return at
