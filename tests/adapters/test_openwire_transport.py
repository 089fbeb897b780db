"""OpenWire through the Java client, against a real ActiveMQ Classic broker."""

import asyncio
from pathlib import Path
from typing import Any

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
from jms_transport.openwire_jvm import start_jvm
from tests.neighbours.broker import Broker

pytestmark = pytest.mark.openwire

QUICK = 20.0


async def as_admin(broker: Broker, client_id: str = "") -> Connection:
    return await connect(
        broker.url_openwire,
        user="admin",
        password=broker.password("admin"),
        client_id=client_id,
        client_jars=broker.jars,
    )


async def over_amqp(broker: Broker) -> Connection:
    return await connect(broker.url_amqp, user="admin", password=broker.password("admin"))


async def receive(subscription: Subscription) -> Delivery:
    return await asyncio.wait_for(subscription.receive(), QUICK)


def queue(name: str) -> Destination:
    return Destination.to_subscribe(f"queue://{name}")


def send_compressed(broker: Broker, name: str, body: str) -> None:
    """What a head-end system does whose connection factory says useCompression."""
    jpype: Any = start_jvm(broker.jars)
    factory = jpype.JClass("org.apache.activemq.ActiveMQConnectionFactory")(broker.url_openwire)
    factory.setUseCompression(True)
    connection = factory.createConnection("hes", broker.password("hes"))
    connection.start()
    session = connection.createSession(False, 1)  # noqa: FBT003 - Java has no names for arguments
    producer = session.createProducer(session.createQueue(name))
    producer.send(session.createTextMessage(body))
    connection.close()


async def test_text_stays_text_and_bytes_stay_bytes(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("OW.KINDS"), credit=5)
    for body in ("<EventMessage>Zähler</EventMessage>", b"<EventMessage/>\x00\xff", ""):
        await connection.send(queue("OW.KINDS"), OutgoingMessage(body=body))
        delivery = await receive(subscription)
        assert delivery.message.body == body
        assert type(delivery.message.body) is type(body)
        await delivery.accept()
    await connection.close()


async def test_what_the_java_client_sends_reads_the_same_over_amqp(broker: Broker) -> None:
    java, amqp = await as_admin(broker), await over_amqp(broker)
    subscription = await amqp.subscribe(queue("OW.TO.AMQP"), credit=5)
    properties: dict[str, PropertyValue] = {
        "noun": "MeterConfig",
        "index": 7,
        "share": 0.5,
        "last": True,
        "big": 2**40,
    }
    for body in ("<EventMessage>Zähler</EventMessage>", b"<EventMessage/>\x00\xff"):
        await java.send(
            queue("OW.TO.AMQP"),
            OutgoingMessage(
                body=body, correlation_id="c-1", reply_to="queue://REPLY.HES", properties=properties
            ),
        )
        delivery = await receive(subscription)
        assert delivery.message.body == body
        assert type(delivery.message.body) is type(body)
        assert delivery.message.message_id.startswith("ID:")
        assert delivery.message.correlation_id == "c-1"
        assert delivery.message.reply_to == "queue://REPLY.HES"
        assert delivery.message.properties == properties
        await delivery.accept()
    await java.close()
    await amqp.close()


async def test_compressed_text_arrives_as_text_over_both_transports(broker: Broker) -> None:
    body = "<EndDeviceEvent/>" * 1000
    for number, connection in enumerate((await as_admin(broker), await over_amqp(broker))):
        await asyncio.to_thread(send_compressed, broker, f"OW.COMPRESSED.{number}", body)
        subscription = await connection.subscribe(queue(f"OW.COMPRESSED.{number}"), credit=1)
        delivery = await receive(subscription)
        assert delivery.message.body == body
        await delivery.accept()
        await connection.close()


def send_what_only_pretends_to_be_compressed(broker: Broker, name: str) -> None:
    jpype: Any = start_jvm(broker.jars)
    factory = jpype.JClass("org.apache.activemq.ActiveMQConnectionFactory")(broker.url_openwire)
    connection = factory.createConnection("hes", broker.password("hes"))
    connection.start()
    session = connection.createSession(False, 1)  # noqa: FBT003 - Java has no names for arguments
    made = session.createTextMessage()
    junk = jpype.JArray(jpype.JByte)(b"this is no zlib stream")
    made.setContent(jpype.JClass("org.apache.activemq.util.ByteSequence")(junk))
    made.setCompressed(True)
    session.createProducer(session.createQueue(name)).send(made)
    connection.close()


async def test_a_body_that_cannot_be_inflated_does_not_stop_those_behind_it(broker: Broker) -> None:
    connection = await as_admin(broker)
    await asyncio.to_thread(send_what_only_pretends_to_be_compressed, broker, "OW.JUNK")
    await connection.send(queue("OW.JUNK"), OutgoingMessage(body="behind it"))
    subscription = await connection.subscribe(queue("OW.JUNK"), credit=1)
    delivery = await receive(subscription)
    assert delivery.message.body == "behind it"
    await delivery.accept()
    await connection.close()


async def test_a_message_that_was_not_settled_comes_again_and_is_counted(broker: Broker) -> None:
    first = await as_admin(broker)
    subscription = await first.subscribe(queue("OW.LOST"), credit=5)
    for number in range(2):
        await first.send(queue("OW.LOST"), OutgoingMessage(body=str(number)))
    settled, held = await receive(subscription), await receive(subscription)
    await settled.accept()
    await first.close()
    with pytest.raises(TransportLost):
        await held.accept()

    second = await as_admin(broker)
    subscription = await second.subscribe(queue("OW.LOST"), credit=5)
    again = await receive(subscription)
    assert again.message.body == "1"
    assert again.message.delivery_count == 2
    await again.accept()
    await second.close()


async def test_each_message_is_settled_for_itself(broker: Broker) -> None:
    first = await as_admin(broker)
    subscription = await first.subscribe(queue("OW.EACH"), credit=5)
    for number in range(3):
        await first.send(queue("OW.EACH"), OutgoingMessage(body=str(number)))
    held = [await receive(subscription) for _ in range(3)]
    await held[1].accept()
    await first.close()

    second = await as_admin(broker)
    subscription = await second.subscribe(queue("OW.EACH"), credit=5)
    again = [await receive(subscription) for _ in range(2)]
    assert [delivery.message.body for delivery in again] == ["0", "2"]
    for delivery in again:
        await delivery.accept()
    await second.close()


async def test_a_rejected_message_ends_in_the_dead_letter_queue(broker: Broker) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("OW.POISON"), credit=1)
    dead = await connection.subscribe(queue("DLQ.OW.POISON"), credit=1)
    await connection.send(queue("OW.POISON"), OutgoingMessage(body="poison"))

    async def reject_for_ever() -> None:
        while True:
            await (await subscription.receive()).reject("unreadable")

    rejecting = asyncio.create_task(reject_for_ever())
    letter = await asyncio.wait_for(dead.receive(), 60)
    rejecting.cancel()
    assert letter.message.body == "poison"
    await letter.accept()
    await connection.close()


async def test_no_more_than_the_credit_is_received_before_something_is_settled(
    broker: Broker,
) -> None:
    connection = await as_admin(broker)
    subscription = await connection.subscribe(queue("OW.CREDIT"), credit=3)
    for number in range(10):
        await connection.send(queue("OW.CREDIT"), OutgoingMessage(body=str(number)))
    held = [await receive(subscription) for _ in range(3)]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(subscription.receive(), 0.2)
    for delivery in held:
        await delivery.accept()
    for _ in range(7):
        await (await receive(subscription)).accept()
    await connection.close()


async def test_a_durable_subscription_keeps_what_it_misses(broker: Broker) -> None:
    news = Destination.to_subscribe("topic://OW.NEWS?durable=park")
    connection = await as_admin(broker, client_id="park-ow")
    await connection.subscribe(news, credit=5)
    await connection.close()

    away = await as_admin(broker)
    await away.send(news, OutgoingMessage(body="while you were away"))

    connection = await as_admin(broker, client_id="park-ow")
    subscription = await connection.subscribe(news, credit=5)
    delivery = await receive(subscription)
    assert delivery.message.body == "while you were away"
    await delivery.accept()
    await connection.close()
    await away.close()


async def test_a_wrong_password_is_a_refusal_in_one_line(broker: Broker) -> None:
    with pytest.raises(TransportRefused) as refused:
        await connect(
            broker.url_openwire,
            user="connector",
            password=broker.password("hes"),
            client_jars=broker.jars,
        )
    assert str(broker.port) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_reading_without_permission_is_a_refusal_that_names_the_queue(broker: Broker) -> None:
    connection = await connect(
        broker.url_openwire,
        user="hes",
        password=broker.password("hes"),
        client_jars=broker.jars,
    )
    with pytest.raises(TransportRefused, match=r"OW\.FORBIDDEN"):
        await connection.subscribe(queue("OW.FORBIDDEN"), credit=1)
    await connection.close()


async def test_a_broker_that_is_not_there_is_a_loss(broker: Broker) -> None:
    with pytest.raises(TransportLost, match="refused"):
        await connect("tcp://127.0.0.1:1", client_jars=broker.jars)


async def test_tls_takes_the_client_s_certificate_and_nobody_without(broker: Broker) -> None:
    tls = TlsFiles(
        ca_file=broker.ca_file,
        certificate_file=broker.client_certificate,
        key_file=broker.client_key,
    )
    connection = await connect(
        broker.url_openwire_tls,
        user="admin",
        password=broker.password("admin"),
        tls=tls,
        client_jars=broker.jars,
    )
    await connection.send(queue("OW.TLS"), OutgoingMessage(body="over TLS"))
    await connection.close()
    with pytest.raises(TransportLost, match="client certificate"):
        await connect(
            broker.url_openwire_tls,
            user="admin",
            password=broker.password("admin"),
            tls=TlsFiles(ca_file=broker.ca_file),
            client_jars=broker.jars,
        )


async def test_a_broker_that_stops_ends_the_subscription(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = Broker.started(tmp_path_factory.mktemp("own-broker"))
    try:
        connection = await as_admin(own)
        subscription = await connection.subscribe(queue("OW.STOPPED"), credit=1)
        await asyncio.to_thread(own.kill)
        with pytest.raises(TransportLost):
            await receive(subscription)
        await connection.close()
    finally:
        own.stop()


def test_missing_jars_are_named(tmp_path: Path, broker: Broker) -> None:
    jpype: Any = start_jvm(broker.jars)
    assert jpype.isJVMStarted()
    # A JVM that runs is used whatever the directory, so the check is looked at where it can be: in a new process.
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = (
        "import asyncio, pathlib, sys\n"
        "from jms_transport import TransportRefused, connect\n"
        "try:\n"
        "    asyncio.run(connect('tcp://127.0.0.1', client_jars=pathlib.Path(sys.argv[1])))\n"
        "except TransportRefused as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == (
        f"OpenWire needs the ActiveMQ client: no activemq-client*.jar in {tmp_path}"
    )
