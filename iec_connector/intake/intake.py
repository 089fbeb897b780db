"""The way in: from the subscriptions of one source to readings, in order, each settled when its time has come."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from iec_connector.intake.credit_share import CreditShare
from iec_connector.intake.settlement import Settlement
from iec_connector.progress import SourceProgress
from iec_connector.reading.large_message import LargeMessage, is_large
from iec_connector.reading.reading import Reader, Reading
from iec_connector.traces import MESSAGE
from iec_connector.understanding import Source
from jms_transport import (
    Connection,
    Delivery,
    Destination,
    IncomingMessage,
    Subscription,
    stay_connected,
)
from service_chassis.retries import Backoff
from service_traces.context import TRACEPARENT
from service_traces.traces import NO_SPAN, OFF, Span, Traces

_GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Reads one source for ever. Cancelled, it takes no more messages and settles what is under way for up to 10 s."""

    source: Source
    destinations: tuple[Destination, ...]
    credit: int
    dial: Callable[[], Awaitable[Connection]]
    reader: Reader
    settlement: Settlement
    backoff: Backoff
    progress: SourceProgress
    now: Callable[[], datetime]
    grace_seconds: float = field(default=_GRACE_SECONDS)
    traces: Traces = OFF

    async def run(self) -> None:
        """Stay connected and read."""
        await stay_connected(
            f"broker of {self.source.name}",
            partial(self.progress.dialled, self.dial),
            partial(self.progress.used, self.read),
            backoff=self.backoff,
        )

    async def read(self, connection: Connection) -> None:
        """Read until the connection is lost, which is raised.

        Messages under way are dropped then: they come again, and their reports, which may still be on their way
        to the hub, count once.
        """
        subscriptions = [
            await connection.subscribe(destination, self.credit)
            for destination in self.destinations
        ]
        under_way = _Tasks()
        loops = [
            asyncio.create_task(self._take(connection, subscription, under_way))
            for subscription in subscriptions
        ]
        try:
            await _first_to_end([*loops, under_way.failure])
        except asyncio.CancelledError:
            for subscription in subscriptions:
                subscription.stop()
            await _cancelled(loops)
            await under_way.finished(self.grace_seconds)
            await self.settlement.replies.finished(self.grace_seconds)
            raise
        finally:
            await _cancelled([*loops, *under_way.tasks])
            under_way.failure.cancel()

    async def _take(
        self, connection: Connection, subscription: Subscription, under_way: "_Tasks"
    ) -> None:
        large: LargeMessage | None = None
        held = _Held(subscription, CreditShare(self.credit))
        while True:
            delivery = await subscription.receive()
            received_at = self.now()
            span = self._span(delivery.message)
            # No more than the credit of these exist, and a bounded number that is set aside: the subscription gives no
            # more before one is settled.
            if is_large(delivery.message.body):
                if large is not None:
                    await large.passed()  # one at a time: a thread each, and order among them
                large = LargeMessage(
                    delivery.message.body, respelled=bool(self.source.identifier_spelling)
                )
                under_way.start(
                    self._aside(connection, held, delivery, received_at, large, span=span)
                )
            else:
                reading = await self._begin(delivery.message, received_at, span, behind=large)
                under_way.start(
                    self._settle(connection, held, delivery, reading, received_at, span=span)
                )
            await asyncio.sleep(0)  # a full queue never waits, and others need the loop too

    async def _aside(
        self,
        connection: Connection,
        held: "_Held",
        delivery: Delivery,
        received_at: datetime,
        large: LargeMessage,
        *,
        span: Span,
    ) -> None:
        try:
            reading = await self._begin(delivery.message, received_at, span)
        finally:
            large.let_pass()
        await self._settle(connection, held, delivery, reading, received_at, span=span)

    def _span(self, message: IncomingMessage) -> Span:
        if not self.traces.is_on:
            return NO_SPAN
        destination = message.destination.partition("://")[2]
        return self.traces.begin(
            MESSAGE,
            str(message.properties.get(TRACEPARENT, "")),
            destination,
            messaging__destination__name=destination,
            messaging__message__id=message.message_id,
        )

    async def _begin(
        self,
        message: IncomingMessage,
        received_at: datetime,
        span: Span,
        behind: LargeMessage | None = None,
    ) -> Reading:
        return await self.reader.begin(
            message.body,
            self.source,
            received_at=received_at,
            broker_message_id=message.message_id,
            destination=message.destination,
            illegible=message.illegible,
            behind=behind,
            traceparent=span.traceparent,
        )

    async def _settle(
        self,
        connection: Connection,
        held: "_Held",
        delivery: Delivery,
        reading: Reading,
        received_at: datetime,
        *,
        span: Span,
    ) -> None:
        self.progress.received(reading, received_at)
        devices = {each.device_id for each in reading.named}
        with span, self.progress.message():
            aside = held.enter(devices)
            try:
                result = await self.settlement.settle(connection, delivery, reading, received_at)
                if result is not None and result.complaint is not None:
                    span.failed(result.complaint.reason)
                self.progress.ended(received_at)
            finally:
                held.leave(devices, aside=aside)


@dataclass(frozen=True, slots=True)
class _Held:
    """The unsettled messages of a subscription, and the devices that hold them up."""

    subscription: Subscription
    share: CreditShare

    def enter(self, devices: Collection[str]) -> bool:
        """A message that speaks of ``devices`` is unsettled from now on; return whether it is set aside."""
        aside = self.share.enter(devices)
        if aside:
            self.subscription.widen(1)
        return aside

    def leave(self, devices: Collection[str], *, aside: bool) -> None:
        """It is settled, or dropped."""
        self.share.leave(devices, aside=aside)
        if aside:
            self.subscription.widen(-1)


class _Tasks:
    """Tasks that end by themselves; the first error among them is kept for the waiting caller."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    async def finished(self, within_seconds: float) -> None:
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=within_seconds)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self.failure.done():
            self.failure.set_exception(error)


async def _first_to_end(futures: list[asyncio.Future[None]]) -> None:
    done, _ = await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    for future in done:
        future.result()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
