"""Replies go aside: a reply queue that takes nothing costs replies, counted, and never the source."""

import asyncio
from dataclasses import dataclass, field

from iec_connector.counters import Counters
from iec_connector.replies.desk import ReplyDesk
from jms_transport import Destination, OutgoingMessage, TransportRefused
from tests.specs.connector.fakes import FakeConnection

BLOCKED = Destination.parse("queue://IEC20_OUT_blocked")
OPEN = Destination.parse("queue://IEC20_OUT_open")
REPLY = OutgoingMessage(body="<ResponseMessage/>")


@dataclass
class HalfBlocked(FakeConnection):
    """Takes nothing for one destination, until it is opened."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    tried: int = 0

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        if destination == BLOCKED:
            self.tried += 1
            await self.gate.wait()
        await super().send(destination, message)


async def test_what_waits_is_bounded_by_number_and_the_rest_is_given_up_and_counted() -> None:
    counters, connection = Counters(), HalfBlocked()
    desk = ReplyDesk(counters, most_waiting=3, at_once=1)
    for _ in range(10):
        desk.offer(connection, BLOCKED, REPLY)
    assert counters["replies_given_up"] == 7
    connection.gate.set()
    await desk.finished(20)
    assert counters["replies_sent"] == 3


async def test_what_waits_is_bounded_by_bytes() -> None:
    counters, connection = Counters(), HalfBlocked()
    desk = ReplyDesk(counters, most_bytes=100, at_once=1)
    for _ in range(3):
        desk.offer(connection, BLOCKED, OutgoingMessage(body="x" * 60))
    assert counters["replies_given_up"] == 2
    connection.gate.set()
    await desk.finished(20)


async def test_a_reply_queue_without_answer_is_left_alone_and_the_others_get_theirs() -> None:
    counters, connection = Counters(), HalfBlocked()
    desk = ReplyDesk(counters, at_once=1, attempt_seconds=0.01)
    for destination in (BLOCKED, BLOCKED, BLOCKED, OPEN):
        desk.offer(connection, destination, REPLY)
    while not connection.sent:  # noqa: ASYNC110
        await asyncio.sleep(0)
    desk.offer(connection, BLOCKED, REPLY)
    await desk.finished(20)
    assert connection.tried == 1, "one waited for it in vain; the others did not"
    assert [address for address, _ in connection.sent] == [OPEN.address]
    assert counters["replies_sent"] == 1
    assert counters["replies_failed"] == 1
    assert counters["replies_given_up"] == 3


async def test_a_refusal_fails_one_reply_only() -> None:
    counters, connection = Counters(), FakeConnection(send_errors=[TransportRefused("no")])
    desk = ReplyDesk(counters, at_once=1)
    desk.offer(connection, OPEN, REPLY)
    desk.offer(connection, OPEN, REPLY)
    await desk.finished(20)
    assert (counters["replies_failed"], counters["replies_sent"]) == (1, 1)
