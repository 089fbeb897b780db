"""Topics: who is away misses nothing, and several readers share the work, as far as each broker can."""

import asyncio

import pytest

from jms_transport import (
    Connection,
    Destination,
    OutgoingMessage,
    Subscription,
    TransportRefused,
)
from tests.neighbours.ways import Way, receive, ways

PATIENCE_SECONDS = 20.0


async def test_a_durable_subscription_keeps_what_it_misses(way: Way, name: str) -> None:
    news = Destination.to_subscribe(f"topic://{name}?durable=park")
    connection = await way.dial(client_id=name)
    await connection.subscribe(news, credit=5)
    await connection.close()

    sender = await way.dial()
    await sender.send(news, OutgoingMessage(body="while you were away"))

    connection = await way.dial(client_id=name)
    subscription = await connection.subscribe(news, credit=5)
    delivery = await receive(subscription)
    assert delivery.message.body == "while you were away"
    assert delivery.message.destination == f"topic://{name}"
    await delivery.accept()
    await connection.close()

    await sender.send(news, OutgoingMessage(body="next"))
    connection = await way.dial(client_id=name)
    subscription = await connection.subscribe(news, credit=5)
    assert (await receive(subscription)).message.body == "next", "what was accepted is forgotten"
    await connection.close()
    await sender.close()


async def test_a_durable_subscription_without_client_id_is_refused_at_once(
    way: Way, name: str
) -> None:
    connection = await way.dial()
    with pytest.raises(ValueError, match="client id"):
        await connection.subscribe(Destination.parse(f"topic://{name}?durable=park"), credit=5)
    await connection.close()


@pytest.mark.parametrize("way", ways("artemis-amqp"), indirect=True)
@pytest.mark.parametrize("with_client_id", [False, True])
async def test_two_readers_share_a_subscription_that_keeps_what_both_miss(
    way: Way, name: str, *, with_client_id: bool
) -> None:
    news = Destination.to_subscribe(f"topic://{name}?shared=park")
    client_id = name if with_client_id else ""
    one, two = [await way.dial(client_id=client_id) for _ in range(2)]
    readers = [await connection.subscribe(news, credit=1) for connection in (one, two)]
    await _each_message_goes_to_one_of(readers, await way.dial(), news)
    await one.close()
    await two.close()

    sender = await way.dial()
    await sender.send(news, OutgoingMessage(body="while both were away"))
    back = await way.dial(client_id=client_id)
    delivery = await receive(await back.subscribe(news, credit=1))
    assert delivery.message.body == "while both were away"
    await delivery.accept()
    await back.close()
    await sender.close()


@pytest.mark.parametrize(
    "way", ways("classic-amqp", "classic-openwire", "artemis-openwire"), indirect=True
)
async def test_a_shared_subscription_is_refused_where_every_reader_would_get_every_message(
    way: Way, name: str
) -> None:
    connection = await way.dial()
    with pytest.raises(TransportRefused, match="no shared subscriptions: use a virtual topic"):
        await connection.subscribe(Destination.to_subscribe(f"topic://{name}?shared=park"), 1)
    await connection.close()


@pytest.mark.parametrize("way", ways("classic-amqp", "classic-openwire"), indirect=True)
async def test_two_readers_share_a_virtual_topic_s_queue_that_keeps_what_both_miss(
    way: Way, name: str
) -> None:
    news = Destination.parse(f"topic://VirtualTopic.{name}")
    source = Destination.to_subscribe(f"queue://Consumer.park.VirtualTopic.{name}")
    one, two = [await way.dial() for _ in range(2)]
    readers = [await connection.subscribe(source, credit=1) for connection in (one, two)]
    await _each_message_goes_to_one_of(readers, await way.dial(), news)
    await one.close()
    await two.close()

    sender = await way.dial()
    await sender.send(news, OutgoingMessage(body="while both were away"))
    back = await way.dial()
    delivery = await receive(await back.subscribe(source, credit=1))
    assert delivery.message.body == "while both were away"
    await delivery.accept()
    await back.close()
    await sender.close()


async def test_a_topic_that_may_lose_messages_delivers_to_whoever_listens(
    way: Way, name: str
) -> None:
    news = Destination.to_subscribe(f"topic://{name}?lossy=true")
    connections = [await way.dial() for _ in range(2)]
    readers = [await connection.subscribe(news, credit=1) for connection in connections]
    await connections[0].send(news, OutgoingMessage(body="to all"))
    for reader in readers:
        delivery = await receive(reader)
        assert delivery.message.body == "to all"
        await delivery.accept()
    for connection in connections:
        await connection.close()


async def _each_message_goes_to_one_of(
    readers: list[Subscription], sender: Connection, news: Destination
) -> None:
    bodies = [str(number) for number in range(20)]
    for body in bodies:
        await sender.send(news, OutgoingMessage(body=body))
    taken: list[list[str]] = [[] for _ in readers]
    all_taken = asyncio.Event()

    async def take(number: int) -> None:
        while True:
            delivery = await readers[number].receive()
            await delivery.accept()
            taken[number].append(str(delivery.message.body))
            if sum(map(len, taken)) >= len(bodies):
                all_taken.set()

    tasks = [asyncio.create_task(take(number)) for number in range(len(readers))]
    await asyncio.wait_for(all_taken.wait(), PATIENCE_SECONDS)
    for task in tasks:
        task.cancel()
    assert sorted((body for share in taken for body in share), key=int) == bodies
    assert all(taken), "each reader has its share"
    await sender.close()
