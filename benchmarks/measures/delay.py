"""How long one message takes, at a rate that nothing has to queue for: from the broker's yes to the register's news.

The register's news are what a watcher sees: WatchDevices, through the sidecar of meterpark-cli, as people watch.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import grpc.aio
from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import WatchDevicesRequest, WatchDevicesResponse
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from bearer_tokens.token_calls import stream_with_token
from benchmarks.instruments.counting import Counting
from benchmarks.instruments.feed import Feed
from benchmarks.stack.bench_stack import CALLER, REGISTER, BenchStack
from benchmarks.trouble import BenchFailed
from hes_simulator.faults import Outgoing
from jms_transport import OutgoingMessage
from service_chassis.sidecar import CHANNEL_OPTIONS, to_app

_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.2
AnswerT = TypeVar("AnswerT")

# A device at a revision: what one message brings about.
Step = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Wait:
    """``seconds`` of one message that the broker had ``at``, a time of the loop's clock."""

    at: float
    seconds: float


@dataclass(slots=True)
class _Sightings:
    """When the broker had each message, and when the watcher saw what it did. Times of the loop's clock."""

    # The devices of whose messages this tells; others may change meanwhile.
    ours: frozenset[str]
    revisions: dict[str, int]
    shown: dict[str, int]
    # Where the watcher would go on.
    position: str = ""
    acknowledged_at: dict[Step, float] = field(default_factory=dict)
    seen_at: dict[Step, float] = field(default_factory=dict)

    def next_step(self, device_id: str) -> Step:
        self.revisions[device_id] += 1
        return device_id, self.revisions[device_id]

    def see(self, device: Device, at: float) -> None:
        if device.device_id not in self.ours:
            return
        for revision in range(self.shown[device.device_id] + 1, device.revision + 1):
            self.seen_at[device.device_id, revision] = at
        self.shown[device.device_id] = max(self.shown[device.device_id], device.revision)

    def waits(self) -> list[Wait]:
        """Return one per message; one that was seen before the broker's answer came took no time."""
        return [
            Wait(at, max(0.0, self.seen_at[step] - at)) for step, at in self.acknowledged_at.items()
        ]


async def delays(
    bench: BenchStack, counting: Counting, feed: Feed, *, per_second: float, seconds: float
) -> list[float]:
    """Return the delay of each message in seconds; raises BenchFailed when one does not arrive."""
    waited = await waits(bench, counting, feed, per_second=per_second, seconds=seconds)
    return [one.seconds for one in waited]


async def waits(
    bench: BenchStack, counting: Counting, feed: Feed, *, per_second: float, seconds: float
) -> list[Wait]:
    """Return how long each message took, and when that was; raises BenchFailed when one does not arrive."""
    await counting.settled()
    held = defaultdict(int, await counting.revisions())
    ours = frozenset(feed.park.device(number).device_id for number in range(feed.park.size))
    sightings = _Sightings(ours=ours, revisions=held.copy(), shown=held)
    settings = bench.sidecar(CALLER)
    metadata = to_app(REGISTER, settings, stream=True)
    address = f"127.0.0.1:{settings.dapr_grpc_port}"
    count = round(per_second * seconds)
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        stub: Any = DeviceServiceStub(channel)
        answers = resuming(
            lambda: stream_with_token(
                stub.WatchDevices,
                lambda: WatchDevicesRequest(position=sightings.position),
                tokens=bench.tokens(),
                metadata=metadata,
            ),
            _PATIENCE_SECONDS,
        )
        sightings.position = (await anext(answers)).position  # from here on nothing is missed
        watching = asyncio.create_task(_watch(answers, sightings, count))
        try:
            await _send(bench, feed, sightings, count, per_second)
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await watching
        except TimeoutError:
            raise BenchFailed(
                f"{count - len(sightings.seen_at)} of {count} messages did not reach the watcher"
                f" within {_PATIENCE_SECONDS:.0f} s"
            ) from None
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await answers.aclose()
    return sightings.waits()


async def resuming(
    open_stream: Callable[[], AsyncIterator[AnswerT]], patience_seconds: float
) -> AsyncGenerator[AnswerT]:
    """Yield what a stream brings; one that breaks off is opened again, where it was, and the delay counts.

    A sidecar that is being replaced is not found for a while (UNKNOWN, "no host found"). Raises
    BenchFailed when no stream brings anything for ``patience_seconds``.
    """
    clock = asyncio.get_running_loop().time
    heard_at = clock()
    while True:
        try:
            async for answer in open_stream():
                heard_at = clock()
                yield answer
        except grpc.aio.AioRpcError as error:
            if clock() - heard_at > patience_seconds:
                what = f"{error.code().name}: {error.details()}"
                raise BenchFailed(f"the register cannot be watched: {what}") from error
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return


async def _watch(
    answers: AsyncIterator[WatchDevicesResponse], sightings: _Sightings, count: int
) -> None:
    clock = asyncio.get_running_loop().time
    async for answer in answers:
        sightings.position = answer.position
        if answer.HasField("device"):
            sightings.see(answer.device, clock())
            if len(sightings.seen_at) >= count:
                return


async def _send(
    bench: BenchStack, feed: Feed, sightings: _Sightings, count: int, per_second: float
) -> None:
    clock = asyncio.get_running_loop().time
    broker = bench.broker
    connection = await broker.dial()

    async def one(message: Outgoing, step: Step) -> None:
        await connection.send(broker.destination, OutgoingMessage(body=message.body))
        sightings.acknowledged_at[step] = clock()

    try:
        async with asyncio.TaskGroup() as sending:
            begin = clock()
            for number in range(count):
                await asyncio.sleep(begin + number / per_second - clock())
                message = feed.message()
                step = sightings.next_step(message.facts[0].device_id)
                sending.create_task(one(message, step))
    finally:
        await connection.close()
