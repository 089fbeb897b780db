"""What the Java client alone does: how its messages read over both transports, and what it needs."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jms_transport import Destination, OutgoingMessage, PropertyValue
from tests.neighbours.java_producer import JavaProducer
from tests.neighbours.ways import Way, receive, ways

pytestmark = pytest.mark.openwire


async def test_what_the_java_client_sends_reads_the_same_over_both_transports(
    way: Way, queue: Destination
) -> None:
    java, reader = await replace(way, transport="openwire").dial(), await way.dial()
    subscription = await reader.subscribe(queue, credit=5)
    properties: dict[str, PropertyValue] = {"noun": "MeterConfig", "index": 7, "big": 2**40}
    for body in ("<EventMessage>Zähler</EventMessage>", b"<EventMessage/>\x00\xff"):
        await java.send(
            queue,
            OutgoingMessage(
                body=body, correlation_id="c-1", reply_to="queue://REPLY.HES", properties=properties
            ),
        )
        delivery = await receive(subscription)
        assert delivery.message.body == body
        assert type(delivery.message.body) is type(body)
        assert delivery.message.correlation_id == "c-1"
        assert delivery.message.reply_to == "queue://REPLY.HES"
        assert delivery.message.properties == properties
        await delivery.accept()
    await java.close()
    await reader.close()


async def test_the_id_of_a_message_is_the_one_that_its_producer_was_told(
    way: Way, queue: Destination
) -> None:
    def send() -> str:
        producer = JavaProducer(way.broker)
        told = producer.send(queue, producer.session.createTextMessage("<EventMessage/>"))
        producer.close()
        return told

    told = await asyncio.to_thread(send)
    reader = await way.dial()
    delivery = await receive(await reader.subscribe(queue, credit=1))
    assert delivery.message.message_id == told
    await delivery.accept()
    await reader.close()


async def test_compressed_text_arrives_as_text(way: Way, queue: Destination) -> None:
    body = "<EndDeviceEvent/>" * 1000

    def send() -> None:
        producer = JavaProducer(way.broker, compressing=True)
        producer.send(queue, producer.session.createTextMessage(body))
        producer.close()

    await asyncio.to_thread(send)
    reader = await way.dial()
    delivery = await receive(await reader.subscribe(queue, credit=1))
    assert delivery.message.body == body
    await delivery.accept()
    await reader.close()


@pytest.mark.parametrize(
    "way", ways("classic-openwire"), indirect=True
)  # Artemis refuses the producer
async def test_a_body_that_cannot_be_inflated_does_not_stop_those_behind_it(
    way: Way, queue: Destination
) -> None:
    def send() -> None:
        producer = JavaProducer(way.broker)
        made = producer.session.createTextMessage()
        junk = producer.jpype.JArray(producer.jpype.JByte)(b"this is no zlib stream")
        made.setContent(producer.jpype.JClass("org.apache.activemq.util.ByteSequence")(junk))
        made.setCompressed(True)
        producer.send(queue, made)
        producer.close()

    await asyncio.to_thread(send)
    connection = await way.dial()
    await connection.send(queue, OutgoingMessage(body="behind it"))
    subscription = await connection.subscribe(queue, credit=1)
    junk = await receive(subscription)
    assert junk.message.body == b"this is no zlib stream"
    assert junk.message.illegible is not None
    assert junk.message.illegible.reason == "CONTENT_ENCODING"
    await junk.accept()
    delivery = await receive(subscription)
    assert delivery.message.body == "behind it"
    await delivery.accept()
    await connection.close()


def test_missing_jars_are_named(tmp_path: Path) -> None:
    # In a new process: a JVM that runs is used whatever the folder.
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


_STARTED_ASIDE = """
import os, threading
from deploy.runtime.paths import installed_activemq
from jms_transport.openwire.jvm import start_jvm

def work():
    java = start_jvm(installed_activemq(os.environ))
    print(java.JClass("java.lang.String")("from a thread"))

aside = threading.Thread(target=work)
aside.start()
aside.join()
"""


def test_a_process_ends_although_a_thread_that_is_gone_started_the_java_machine() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _STARTED_ASIDE], capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout.decode().strip()) == (0, "from a thread")
