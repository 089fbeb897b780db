"""AMQP 1.0 against a real ActiveMQ Classic broker."""

import asyncio
from pathlib import Path

import pytest

from jms_transport import (
    Connection,
    Delivery,
    Destination,
    OutgoingMessage,
    PropertyValue,
    Subscription,
    TlsFiles,
    TransportLost,
    TransportRefused,
    connect,
)
from tests.neighbours.broker import Broker

QUICK = 20.0


async def as_admin(broker: Broker, client_id: str = "") -> Connection:
    return await connect(
        broker.url_amqp, user="admin", password=broker.password("admin"), client_id=client_id
    )


async def receive(subscription: Subscription) -> Delivery:
    return await asyncio.wait_for(subscription.receive(), QUICK)


def queue(name: str) -> Destination:
    return Destination.to_subscribe(f"queue://{name}")


async def test_text_stays_text_and_bytes_stay_bytes(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.KINDS"), credit=5)
    for body in ("<EventMessage>Zähler</EventMessage>", b"\xef\xbb\xbf<EventMessage/>\x00\xff", ""):
        await connection.send(queue("AMQP.KINDS"), OutgoingMessage(body=body))
        delivery = await receive(subscription)
        assert delivery.message.body == body
        assert type(delivery.message.body) is type(body)
        await delivery.accept()
    await connection.close()


async def test_what_jms_says_around_the_body_arrives(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.PROPERTIES"), credit=5)
    properties: dict[str, PropertyValue] = {
        "noun": "MeterConfig",
        "index": 7,
        "share": 0.5,
        "last": True,
        "big": 2**40,
    }
    await connection.send(
        queue("AMQP.PROPERTIES"),
        OutgoingMessage(
            body="x", correlation_id="c-1", reply_to="queue://REPLY.HES", properties=properties
        ),
    )
    message = (await receive(subscription)).message
    assert message.message_id
    assert message.correlation_id == "c-1"
    assert message.reply_to == "queue://REPLY.HES"
    assert message.destination == "queue://AMQP.PROPERTIES"
    assert message.delivery_count == 1
    assert message.sent_at is not None
    assert message.properties == properties
    await connection.close()


async def test_a_message_of_many_frames_arrives_whole(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.LARGE"), credit=2)
    body = "".join(f"<EndDeviceEvent>{number}</EndDeviceEvent>" for number in range(400_000))
    await connection.send(queue("AMQP.LARGE"), OutgoingMessage(body=body))
    delivery = await receive(subscription)
    assert delivery.message.body == body
    await delivery.accept()
    await connection.close()


async def test_a_message_that_was_not_settled_comes_again_after_the_connection_is_lost(
    broker: Broker,
) -> None:
    first = await as_admin(broker)
    subscription = await first.subscribe(queue("AMQP.LOST"), credit=5)
    for number in range(3):
        await first.send(queue("AMQP.LOST"), OutgoingMessage(body=str(number)))
    settled, held = await receive(subscription), await receive(subscription)
    await settled.accept()
    await first.close()
    with pytest.raises(TransportLost):
        await held.accept()
    with pytest.raises(TransportLost):
        await receive(subscription)

    second = await as_admin(broker)
    subscription = await second.subscribe(queue("AMQP.LOST"), credit=5)
    again = [await receive(subscription) for _ in range(2)]
    assert [delivery.message.body for delivery in again] == ["1", "2"]
    assert again[0].message.delivery_count >= 1
    for delivery in again:
        await delivery.accept()
    await second.close()


async def test_a_rejected_message_comes_back_counted_and_ends_in_the_dead_letter_queue(
    broker: Broker,
) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.POISON"), credit=1)
    dead = await connection.subscribe(queue("DLQ.AMQP.POISON"), credit=1)
    await connection.send(queue("AMQP.POISON"), OutgoingMessage(body="poison"))

    async def reject_for_ever() -> None:
        while True:
            await (await subscription.receive()).reject("unreadable")

    rejecting = asyncio.create_task(reject_for_ever())
    # The broker's redelivery plugin brings it back four times: after 1, 2, 4 and 8 s.
    letter = await asyncio.wait_for(dead.receive(), 60)
    rejecting.cancel()
    assert letter.message.body == "poison"
    await letter.accept()
    await connection.close()


async def test_a_message_is_settled_only_once(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.ONCE"), credit=1)
    await connection.send(queue("AMQP.ONCE"), OutgoingMessage(body="x"))
    delivery = await receive(subscription)
    await delivery.accept()
    with pytest.raises(ValueError, match="settled before"):
        await delivery.reject("second thoughts")
    await connection.close()


async def test_no_more_than_the_credit_is_received_before_something_is_settled(
    broker: Broker,
) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("AMQP.CREDIT"), credit=3)
    await asyncio.gather(
        *(
            connection.send(queue("AMQP.CREDIT"), OutgoingMessage(body=str(number)))
            for number in range(10)
        )
    )
    held = [await receive(subscription) for _ in range(3)]
    # A round trip over the same connection: what the broker wanted to deliver would be here by now.
    await connection.send(queue("AMQP.CREDIT.MARK"), OutgoingMessage(body="mark"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(subscription.receive(), 0.2)
    for delivery in held:
        await delivery.accept()
    for _ in range(7):
        await (await receive(subscription)).accept()
    await connection.close()


async def test_a_durable_subscription_keeps_what_it_misses(broker: Broker) -> None:
    news = Destination.to_subscribe("topic://AMQP.NEWS?durable=park")
    connection = await as_admin(broker, client_id="park-1")
    await connection.subscribe(news, credit=5)
    await connection.close()

    away = await as_admin(broker)
    await away.send(news, OutgoingMessage(body="while you were away"))

    connection = await as_admin(broker, client_id="park-1")
    subscription = await connection.subscribe(news, credit=5)
    delivery = await receive(subscription)
    assert delivery.message.body == "while you were away"
    assert delivery.message.destination == "topic://AMQP.NEWS"
    await delivery.accept()
    await connection.close()
    await away.close()


async def test_a_durable_subscription_without_client_id_is_refused_at_once(broker: Broker) -> None:
    connection = await as_admin(broker)
    with pytest.raises(ValueError, match="client id"):
        await connection.subscribe(Destination.parse("topic://AMQP.NEWS?durable=park"), credit=5)
    await connection.close()


async def test_two_readers_of_a_virtual_topic_share_its_queue(broker: Broker) -> None:
    sender, one, two = [await as_admin(broker) for _ in range(3)]
    source = queue("Consumer.park.VirtualTopic.AMQP")
    readers = [await one.subscribe(source, credit=1), await two.subscribe(source, credit=1)]
    for number in range(20):
        await sender.send(
            Destination.parse("topic://VirtualTopic.AMQP"), OutgoingMessage(body=str(number))
        )
    taken: list[list[str | bytes]] = [[], []]

    async def take(reader: int) -> None:
        while sum(map(len, taken)) < 20:
            delivery = await readers[reader].receive()
            taken[reader].append(delivery.message.body)
            await delivery.accept()

    tasks = [asyncio.create_task(take(reader)) for reader in range(2)]
    await asyncio.wait(tasks, timeout=QUICK, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    assert sorted(map(str, taken[0] + taken[1]), key=int) == [str(n) for n in range(20)]
    assert taken[0]
    assert taken[1]
    for connection in (sender, one, two):
        await connection.close()


async def test_a_wrong_password_is_a_refusal_in_one_line(broker: Broker) -> None:
    with pytest.raises(TransportRefused) as refused:
        await connect(broker.url_amqp, user="connector", password=broker.password("hes"))
    assert str(broker.port) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_reading_without_permission_is_a_refusal_that_names_the_queue(broker: Broker) -> None:
    connection = await connect(broker.url_amqp, user="hes", password=broker.password("hes"))
    with pytest.raises(TransportRefused, match=r"AMQP\.FORBIDDEN"):
        await connection.subscribe(queue("AMQP.FORBIDDEN"), credit=1)
    await connection.close()


async def test_a_broker_that_is_not_there_is_a_loss() -> None:
    with pytest.raises(TransportLost, match="cannot be reached"):
        await connect("amqp://127.0.0.1:1")


async def test_tls_takes_the_client_s_certificate(broker: Broker) -> None:
    tls = TlsFiles(
        ca_file=broker.ca_file,
        certificate_file=broker.client_certificate,
        key_file=broker.client_key,
    )
    connection = await connect(
        broker.url_amqps, user="admin", password=broker.password("admin"), tls=tls
    )
    subscription = await connection.subscribe(queue("AMQP.TLS"), credit=1)
    await connection.send(queue("AMQP.TLS"), OutgoingMessage(body="over TLS"))
    delivery = await receive(subscription)
    assert delivery.message.body == "over TLS"
    await delivery.accept()
    await connection.close()


async def test_tls_without_the_client_s_certificate_does_not_connect(broker: Broker) -> None:
    with pytest.raises(TransportLost, match="client certificate"):
        await connect(
            broker.url_amqps,
            user="admin",
            password=broker.password("admin"),
            tls=TlsFiles(ca_file=broker.ca_file),
        )


async def test_tls_with_an_authority_that_is_not_trusted_is_refused(broker: Broker) -> None:
    with pytest.raises(TransportRefused, match="certificate verify failed"):
        await connect(broker.url_amqps, user="admin", password=broker.password("admin"))


async def test_a_certificate_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransportRefused, match=r"nowhere\.pem"):
        await connect("amqps://localhost", tls=TlsFiles(ca_file=tmp_path / "nowhere.pem"))


async def test_a_message_over_the_limit_is_refused_before_it_is_sent(broker: Broker) -> None:
    connection = await connect(
        broker.url_amqp, user="admin", password=broker.password("admin"), max_message_bytes=1000
    )
    with pytest.raises(TransportRefused, match="limit is 1000"):
        await connection.send(queue("AMQP.LIMIT"), OutgoingMessage(body="x" * 1001))
    await connection.close()


async def test_a_message_over_the_limit_is_not_read_and_holds_up_nobody(broker: Broker) -> None:
    sender = await as_admin(broker)
    reader = await connect(
        broker.url_amqp, user="admin", password=broker.password("admin"), max_message_bytes=10_000
    )
    await sender.send(queue("AMQP.TOO.LARGE"), OutgoingMessage(body="x" * 3_000_000))
    await sender.send(queue("AMQP.TOO.LARGE"), OutgoingMessage(body="small"))
    subscription = await reader.subscribe(queue("AMQP.TOO.LARGE"), credit=2)
    delivery = await receive(subscription)
    assert delivery.message.body == "small"
    await delivery.accept()
    await reader.close()
    await sender.close()


async def test_many_more_senders_than_are_kept_open_all_deliver(broker: Broker) -> None:
    connection = await as_admin(broker)
    names = [queue(f"AMQP.MANY.{number}") for number in range(80)]
    await asyncio.gather(
        *(connection.send(name, OutgoingMessage(body=name.name)) for name in names * 2)
    )
    for name in (names[0], names[-1]):
        subscription = await connection.subscribe(name, credit=2)
        assert (await receive(subscription)).message.body == name.name
    await connection.close()
