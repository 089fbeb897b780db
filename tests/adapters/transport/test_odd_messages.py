"""Odd messages over real brokers: each is read or illegible, and the next one arrives on the same subscription."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jms_transport import Delivery, Destination, OutgoingMessage
from tests.neighbours.java_producer import JavaProducer
from tests.neighbours.odd_amqp import ODD_TIME, encoded, send_raw, with_data_sections
from tests.neighbours.ways import Way, receive, ways

XML = "<EventMessage/>"


async def _taken(way: Way, queue: Destination, expected: int) -> list[Delivery]:
    """Send a good message, and take what arrives on one subscription until it does; each is accepted."""
    connection = await way.dial()
    await connection.send(queue, OutgoingMessage(body="good"))
    subscription = await connection.subscribe(queue, credit=2)
    found: list[Delivery] = []
    while not found or found[-1].message.body != "good":
        found.append(await receive(subscription))
        await found[-1].accept()
    await connection.close()
    # What was settled does not come again.
    again = await way.dial()
    await again.send(queue, OutgoingMessage(body="mark"))
    mark = await receive(await again.subscribe(queue, credit=expected + 5))
    assert mark.message.body == "mark"
    await mark.accept()
    await again.close()
    return found[:-1]


ODD_AMQP: dict[str, bytes] = {
    "creation time": encoded(XML, **ODD_TIME),
    "body": encoded("<a>~~</a>"),
    "property": encoded(XML, properties={"noun": "~~"}),
    "message id": encoded(XML, id="ID:~~"),
    "correlation id": encoded(XML, correlation_id="~~"),
    "reply to": encoded(XML, reply_to="~~"),
    "binary key": encoded({b"\xff": 1}),
    "sequence": encoded([1, "a"], in_data=True),
    "two sections": with_data_sections(encoded(b"<Event", in_data=True), b"Message/>"),
    "no gzip": encoded(b"no gzip", in_data=True, content_encoding="gzip"),
    "binary id": encoded(XML, id=b"\x01\xff"),
}


REFUSED_BY_ARTEMIS = {"property", "message id", "correlation id", "reply to"}
"""Artemis ends the sender's connection: "Cannot parse String"."""


@pytest.mark.parametrize("odd", ODD_AMQP)
@pytest.mark.parametrize("way", ways("classic-amqp"), indirect=True)
async def test_an_odd_amqp_message_holds_up_nobody(way: Way, queue: Destination, odd: str) -> None:
    await _holds_up_nobody(way, queue, odd)


@pytest.mark.parametrize("odd", sorted(ODD_AMQP.keys() - REFUSED_BY_ARTEMIS))
@pytest.mark.parametrize("way", ways("artemis-amqp"), indirect=True)
async def test_an_odd_message_that_artemis_takes_holds_up_nobody(
    way: Way, queue: Destination, odd: str
) -> None:
    await _holds_up_nobody(way, queue, odd)


async def _holds_up_nobody(way: Way, queue: Destination, odd: str) -> None:
    connection = await way.dial()
    address = queue.name if way.is_artemis else queue.address
    await send_raw(
        way.url(), address, ODD_AMQP[odd], user="admin", password=way.broker.password("admin")
    )
    await connection.close()
    [delivery] = await _taken(way, queue, 1)
    message = delivery.message
    assert message.body or message.illegible
    assert f"{message.message_id} {message.correlation_id} {message.reply_to}".encode()


def _text(producer: JavaProducer) -> Any:
    return producer.session.createTextMessage(XML)


def _with_half_in_body(producer: JavaProducer) -> Any:
    return producer.session.createTextMessage(producer.half_a_pair())


def _with_half_around(producer: JavaProducer) -> Any:
    made = _text(producer)
    made.setStringProperty("noun", producer.half_a_pair())
    made.setJMSCorrelationID(producer.half_a_pair())
    return made


def _with_odd_time(producer: JavaProducer) -> Any:
    made = _text(producer)
    producer.keep_timestamps = True
    made.setJMSTimestamp(2**62)
    return made


def _map(producer: JavaProducer) -> Any:
    made = producer.session.createMapMessage()
    made.setString("half", producer.half_a_pair())
    made.setBytes("bytes", producer.jpype.JArray(producer.jpype.JByte)(b"\x01\xff"))
    made.setObject("nothing", None)
    return made


def _stream(producer: JavaProducer) -> Any:
    made = producer.session.createStreamMessage()
    made.writeString(producer.half_a_pair())
    return made


def _object(producer: JavaProducer) -> Any:
    return producer.session.createObjectMessage(producer.jpype.JClass("java.lang.Long")(7))


def _bomb(producer: JavaProducer) -> Any:
    """A compressed BytesMessage that claims to be two gigabytes long."""
    made = producer.session.createBytesMessage()
    junk = producer.jpype.JArray(producer.jpype.JByte)(
        b"\x7f\xff\xff\xff" + b"x\x9c\x03\x00\x00\x00\x00\x01"
    )
    made.setContent(producer.jpype.JClass("org.apache.activemq.util.ByteSequence")(junk))
    made.setCompressed(True)
    return made


ODD_JAVA: dict[str, Callable[[JavaProducer], Any]] = {
    "body": _with_half_in_body,
    "around": _with_half_around,
    "time": _with_odd_time,
    "map": _map,
    "stream": _stream,
    "object": _object,
    "bomb": _bomb,
}


@pytest.mark.parametrize("odd", ODD_JAVA)
@pytest.mark.parametrize("way", ways("classic-openwire"), indirect=True)
async def test_an_odd_java_message_holds_up_nobody(way: Way, queue: Destination, odd: str) -> None:
    def send() -> None:
        producer = JavaProducer(way.broker)
        producer.send(queue, ODD_JAVA[odd](producer))
        producer.close()

    await asyncio.to_thread(send)
    [delivery] = await _taken(way, queue, 1)
    message = delivery.message
    assert f"{message.message_id} {message.correlation_id} {message.properties}".encode()
    assert message.message_id.startswith("ID:")
    match odd:
        case "body":
            assert message.body == "a\ud800b"
        case "around":
            # The Java client puts a character of its own there.
            assert message.properties == {"noun": "a\N{REPLACEMENT CHARACTER}b"}
            assert message.correlation_id == r"a\ud800b"
        case "time":
            assert message.body == XML
            assert message.sent_at is None
        case "map":
            assert "a\N{REPLACEMENT CHARACTER}b" in str(message.body)
            assert "01ff" in str(message.body)
        case "bomb":
            assert message.illegible is not None
            assert message.illegible.reason == "CONTENT_ENCODING"
        case _:
            assert isinstance(message.body, bytes)


@pytest.mark.parametrize("way", ways("artemis-amqp"), indirect=True)
async def test_several_data_sections_arrive_as_one_body(way: Way, queue: Destination) -> None:
    """Of Classic no test is possible: its broker keeps one section, before anybody reads."""
    raw = ODD_AMQP["two sections"]
    await send_raw(way.url(), queue.name, raw, user="admin", password=way.broker.password("admin"))
    [delivery] = await _taken(way, queue, 1)
    assert delivery.message.body == b"<EventMessage/>"
