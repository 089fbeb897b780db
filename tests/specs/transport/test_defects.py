"""A defect in a transport is loud, ends what it met, and leaves nobody waiting."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import proton
import pytest
from structlog.testing import capture_logs

from jms_transport import Destination, TransportLost
from jms_transport.amqp.engine import Engine
from jms_transport.amqp.subscription import AmqpSubscription
from jms_transport.openwire.subscription import OpenWireSubscription
from jms_transport.redeliveries import Redeliveries
from tests.specs.connector.fakes import incoming

QUEUE = Destination.to_subscribe("queue://IEC20_PUSH")


class JavaError(Exception):
    """Stands for what the Java client raises."""


class Jpype:
    """All that a subscription needs of JPype as long as nothing is received."""

    JException = JavaError


@dataclass
class Consumer:
    """A consumer of the Java client that does as it is told."""

    answer: Callable[[], Any]

    def receive(self, milliseconds: int) -> Any:
        assert milliseconds > 0
        return self.answer()


class JavaMessage:
    """A message that cannot be acknowledged."""

    def acknowledge(self) -> None:
        raise ValueError("a bug")


def subscription(answer: Callable[[], Any]) -> OpenWireSubscription:
    return OpenWireSubscription(
        jpype=Jpype(),
        connection=None,
        consumer=Consumer(answer),
        destination=QUEUE,
        credit=5,
        max_message_bytes=1000,
    )


async def test_a_reading_thread_that_dies_ends_the_subscription() -> None:
    def broken() -> Any:
        raise UnicodeDecodeError("utf-8", b"\xed", 0, 1, "a lone surrogate")

    with capture_logs() as logs:
        reading = subscription(broken)
        with pytest.raises(TransportLost, match="UnicodeDecodeError"):
            await asyncio.wait_for(reading.receive(), 20)
        await reading.stopped()
    assert [entry["log_level"] for entry in logs] == ["error"]


async def test_settling_that_fails_is_answered_and_ends_the_subscription() -> None:
    reading = subscription(lambda: None)
    with pytest.raises(TransportLost, match="the message comes again"):
        await asyncio.wait_for(reading.settle(JavaMessage(), poison=False), 20)
    with pytest.raises(TransportLost):
        await asyncio.wait_for(reading.receive(), 20)
    with pytest.raises(TransportLost):
        await reading.settle(JavaMessage(), poison=False)
    await reading.stopped()


@dataclass
class BrokenLink:
    """A link of which nothing can be read."""

    credit: int = 0

    @property
    def current(self) -> Any:
        raise MemoryError("a bug")

    def flow(self, credit: int) -> None:
        self.credit += credit


@dataclass
class Settled:
    outcomes: list[Any] = field(default_factory=list)

    def update(self, outcome: Any) -> None:
        self.outcomes.append(outcome)

    def settle(self) -> None:
        self.outcomes.append("settled")


async def test_a_message_is_settled_although_the_next_one_cannot_be_read() -> None:
    reading = AmqpSubscription(BrokenLink(), QUEUE, 5, 1000, wake=lambda: None)
    delivery = Settled()
    with capture_logs() as logs:
        reading.settle(delivery, proton.Delivery.ACCEPTED, 10)
    assert delivery.outcomes == [proton.Delivery.ACCEPTED, "settled"]
    assert [entry["log_level"] for entry in logs] == ["error"]
    with pytest.raises(TransportLost, match="MemoryError"):
        await asyncio.wait_for(reading.receive(), 20)


class Socket(asyncio.Transport):
    """A socket that was aborted, or not."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True


async def test_a_defect_in_the_engine_ends_the_connection() -> None:
    ended: list[Exception | None] = []

    def broken(_: Any) -> None:
        raise ZeroDivisionError("a bug")

    engine = Engine(
        proton.Connection(),
        heartbeat_seconds=15.0,
        max_frame_bytes=1024 * 1024,
        sasl_mechanism="ANONYMOUS",
        on_event=broken,
        on_end=ended.append,
    )
    socket = Socket()
    with capture_logs() as logs:
        engine.connection_made(socket)
    assert socket.aborted
    assert [type(error) for error in ended] == [ZeroDivisionError]
    assert [entry["log_level"] for entry in logs] == ["error"]


def test_many_deliveries_of_a_message_are_said_once_per_height() -> None:
    watching = Redeliveries(QUEUE.address)
    with capture_logs() as logs:
        for count in (1, 2, 3, 4, 4, 5, 6, 7, 9, 2):
            watching.saw(replace(incoming("x"), delivery_count=count))
    assert [entry["delivery_count"] for entry in logs] == [4, 7]
