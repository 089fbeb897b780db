"""What the port promises, on every way: real ActiveMQ Classic and Artemis, over AMQP 1.0 and OpenWire."""

import asyncio
from dataclasses import replace

import pytest

from jms_transport import Destination, OutgoingMessage, PropertyValue, TransportLost
from tests.neighbours.ways import Way, receive, ways

PROPERTIES: dict[str, PropertyValue] = {
    "noun": "MeterConfig",
    "index": 7,
    "share": 0.5,
    "last": True,
    "big": 2**40,
}


async def test_text_stays_text_and_bytes_stay_bytes(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=5)
    for body in ("<EventMessage>Zähler</EventMessage>", b"\xef\xbb\xbf<EventMessage/>\x00\xff", ""):
        await connection.send(queue, OutgoingMessage(body=body))
        delivery = await receive(subscription)
        assert delivery.message.body == body
        assert type(delivery.message.body) is type(body)
        await delivery.accept()
    await connection.close()


async def test_what_jms_says_around_the_body_arrives(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=5)
    await connection.send(
        queue,
        OutgoingMessage(
            body="x", correlation_id="c-1", reply_to="queue://REPLY.HES", properties=PROPERTIES
        ),
    )
    delivery = await receive(subscription)
    message = delivery.message
    assert message.message_id.startswith("ID:")
    assert message.correlation_id == "c-1"
    assert message.reply_to == "queue://REPLY.HES"
    assert message.destination == queue.address
    assert message.delivery_count == 1
    assert message.sent_at is not None
    assert message.properties == PROPERTIES
    await delivery.accept()
    await connection.close()


async def test_a_message_of_many_frames_arrives_whole(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=2)
    body = "".join(f"<EndDeviceEvent>{number}</EndDeviceEvent>" for number in range(400_000))
    await connection.send(queue, OutgoingMessage(body=body))
    delivery = await receive(subscription)
    assert delivery.message.body == body
    await delivery.accept()
    await connection.close()


async def test_a_message_that_was_not_settled_comes_again_after_the_connection_is_lost(
    way: Way, queue: Destination
) -> None:
    first = await way.dial()
    subscription = await first.subscribe(queue, credit=5)
    for number in range(3):
        await first.send(queue, OutgoingMessage(body=str(number)))
    held = [await receive(subscription) for _ in range(3)]
    await held[1].accept()
    await first.close()
    with pytest.raises(TransportLost):
        await held[0].accept()
    with pytest.raises(TransportLost):
        await receive(subscription)

    second = await way.dial()
    subscription = await second.subscribe(queue, credit=5)
    again = [await receive(subscription) for _ in range(2)]
    assert [delivery.message.body for delivery in again] == ["0", "2"], "each is settled for itself"
    assert again[0].message.delivery_count >= 1
    for delivery in again:
        await delivery.accept()
    await second.close()


@pytest.mark.parametrize(
    "way", ways("classic-openwire", "artemis-amqp", "artemis-openwire"), indirect=True
)
async def test_a_rejected_message_ends_among_the_dead_letters(way: Way, queue: Destination) -> None:
    if way.is_artemis:
        await _ends_among_the_dead_letters(way, queue)
        return
    # Both transports at once: Classic brings a message back four times first, after 1, 2, 4 and 8 s.
    other = Destination.to_subscribe(f"{queue.address}.amqp")
    await asyncio.gather(
        _ends_among_the_dead_letters(way, queue),
        _ends_among_the_dead_letters(replace(way, transport="amqp"), other),
    )


async def _ends_among_the_dead_letters(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=1)
    dead = await connection.subscribe(way.dead_letters_of(queue), credit=1)
    await connection.send(queue, OutgoingMessage(body=queue.name))

    async def reject_for_ever() -> None:
        while True:
            await (await subscription.receive()).reject("unreadable")

    rejecting = asyncio.create_task(reject_for_ever())
    letter = await asyncio.wait_for(dead.receive(), 60)
    rejecting.cancel()
    assert letter.message.body == queue.name
    await letter.accept()
    await connection.close()


async def test_a_message_is_settled_only_once(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=1)
    await connection.send(queue, OutgoingMessage(body="x"))
    delivery = await receive(subscription)
    await delivery.accept()
    with pytest.raises(ValueError, match="settled before"):
        await delivery.reject("second thoughts")
    await connection.close()


async def test_no_more_than_the_credit_is_received_before_something_is_settled(
    way: Way, queue: Destination
) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=3)
    await asyncio.gather(
        *(connection.send(queue, OutgoingMessage(body=str(number))) for number in range(10))
    )
    held = [await receive(subscription) for _ in range(3)]
    # A round trip over the same connection: what the broker wanted to deliver would be here by now.
    mark = Destination.to_subscribe(f"{queue.address}.MARK")
    await connection.send(mark, OutgoingMessage(body="mark"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(subscription.receive(), 0.2)
    for delivery in held:
        await delivery.accept()
    for _ in range(7):
        await (await receive(subscription)).accept()
    await connection.close()


async def test_a_credit_that_is_widened_lets_more_in_and_narrowed_again_does_not(
    way: Way, queue: Destination
) -> None:
    connection = await way.dial()
    subscription = await connection.subscribe(queue, credit=2)
    await asyncio.gather(
        *(connection.send(queue, OutgoingMessage(body=str(number))) for number in range(10))
    )
    mark = Destination.to_subscribe(f"{queue.address}.MARK")

    async def nothing_more_comes() -> None:
        # A round trip over the same connection: what the broker wanted to deliver would be here by now.
        await connection.send(mark, OutgoingMessage(body="mark"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(subscription.receive(), 0.2)

    held = [await receive(subscription) for _ in range(2)]
    await nothing_more_comes()
    subscription.widen(3)
    held += [await receive(subscription) for _ in range(3)]
    await nothing_more_comes()
    subscription.widen(-3)
    for delivery in held[:3]:
        await delivery.accept()
    await nothing_more_comes()
    for delivery in held[3:]:
        await delivery.accept()
    held = [await receive(subscription) for _ in range(2)]
    await nothing_more_comes()
    for delivery in held:
        await delivery.accept()
    for _ in range(3):
        await (await receive(subscription)).accept()
    await connection.close()


async def test_a_message_over_the_limit_is_not_read_and_holds_up_nobody(
    way: Way, queue: Destination
) -> None:
    sender = await way.dial()
    reader = await way.dial(max_message_bytes=10_000)
    await sender.send(queue, OutgoingMessage(body="x" * 3_000_000))
    await sender.send(queue, OutgoingMessage(body="small"))
    subscription = await reader.subscribe(queue, credit=2)
    delivery = await receive(subscription)
    assert delivery.message.body == "small"
    await delivery.accept()
    await reader.close()
    await sender.close()


async def test_more_senders_than_are_kept_open_all_deliver(way: Way, queue: Destination) -> None:
    connection = await way.dial()
    names = [Destination.to_subscribe(f"{queue.address}.{number}") for number in range(80)]
    await asyncio.gather(
        *(connection.send(name, OutgoingMessage(body=name.name)) for name in names * 2)
    )
    for name in (names[0], names[-1]):
        subscription = await connection.subscribe(name, credit=2)
        assert (await receive(subscription)).message.body == name.name
    await connection.close()
