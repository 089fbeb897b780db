"""How deep queues are, asked of a real ActiveMQ Classic with its statistics plugin."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from jms_transport import Destination, OutgoingMessage, TlsFiles, connect
from meterpark_cli.doctor.queue_depths import DepthsUnknown, QueueDepth, read_depths
from meterpark_cli.stack.broker_access import BrokerAccess
from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker


def access(broker: Broker, url: str, user: str = "hes") -> BrokerAccess:
    return BrokerAccess(
        url=url,
        user=user,
        password_file=broker.password_file(user),
        destination="",
        tls=TlsFiles(
            ca_file=broker.ca_file,
            certificate_file=broker.client_certificate,
            key_file=broker.client_key,
        ),
    )


async def send(broker: Broker, queue: str, count: int) -> None:
    hes = await connect(broker.url_amqp, user="hes", password=broker.password("hes"))
    for _ in range(count):
        await hes.send(Destination.parse(f"queue://{queue}"), OutgoingMessage(body="<x/>"))
    await hes.close()


async def depths(broker: Broker, *queues: str, url: str = "") -> dict[str, QueueDepth]:
    asked = access(broker, url or broker.url_amqp)
    return await asyncio.to_thread(read_depths, asked, queues, 10)


async def test_depth_age_and_readers_of_each_queue_that_there_is(broker: Broker) -> None:
    await send(broker, "DEPTH.ONE", 3)
    await send(broker, "DEPTH.TWO", 1)
    found = await depths(broker, "DEPTH.ONE", "DEPTH.NEVER", "DEPTH.TWO")
    assert set(found) == {"DEPTH.ONE", "DEPTH.TWO"}
    one = found["DEPTH.ONE"]
    assert (one.message_count, one.consumer_count, one.unsettled_count) == (3, 0, 0)
    assert one.oldest_at is not None
    assert abs(datetime.now(UTC) - one.oldest_at) < timedelta(minutes=5)


async def test_what_is_handed_out_and_not_settled_counts_as_waiting(broker: Broker) -> None:
    await send(broker, "DEPTH.HELD", 3)
    reader = await connect(broker.url_amqp, user="connector", password=broker.password("connector"))
    subscription = await reader.subscribe(Destination.to_subscribe("queue://DEPTH.HELD"), 10)
    deliveries = [await subscription.receive() for _ in range(3)]
    held = (await depths(broker, "DEPTH.HELD"))["DEPTH.HELD"]
    assert (held.message_count, held.consumer_count, held.unsettled_count) == (3, 1, 3)
    for delivery in deliveries:
        await delivery.accept()
    await reader.close()
    after = (await depths(broker, "DEPTH.HELD"))["DEPTH.HELD"]
    assert (after.message_count, after.dequeued_count - held.dequeued_count) == (0, 3)


async def test_it_is_asked_over_tls_too(broker: Broker) -> None:
    await send(broker, "DEPTH.TLS", 1)
    found = await depths(broker, "DEPTH.TLS", url=broker.url_amqps)
    assert found["DEPTH.TLS"].message_count == 1


async def test_a_broker_that_cannot_be_asked_is_said_to_be_unknown(broker: Broker) -> None:
    with pytest.raises(DepthsUnknown, match="only be checked over AMQP"):
        await depths(broker, "DEPTH.ONE", url=broker.url_openwire)
    with pytest.raises(DepthsUnknown):
        await depths(broker, "DEPTH.ONE", url="amqp://127.0.0.1:1")


async def test_a_broker_of_another_kind_is_said_to_be_unknown(artemis: Artemis) -> None:
    asked = BrokerAccess(
        url=artemis.url_amqp,
        user="connector",
        password_file=artemis.password_file("connector"),
        destination="",
    )
    with pytest.raises(DepthsUnknown, match="no statistics plugin of ActiveMQ Classic"):
        await asyncio.to_thread(read_depths, asked, ["DEPTH.ONE"], 10)
