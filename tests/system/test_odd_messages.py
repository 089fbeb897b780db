"""Odd messages through the whole chain: the good one behind them is in the register, and the queue is empty."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from meterpark.device_hub.v1.quarantine_pb2 import QuarantinedMessage, QuarantineState

from deploy.runtime.paths import installed_activemq
from jms_transport import Destination
from meterpark_cli.doctor.queue_depths import read_depths
from meterpark_cli.stack.broker_access import BrokerAccess
from tests.neighbours.java_producer import JavaProducer
from tests.neighbours.odd_amqp import ODD_TIME, encoded, send_raw
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON, events, meter_config
from tests.system.park import DESTINATION, Park, until

QUEUE = Destination.parse(DESTINATION)


def said_of(serial: str) -> str:
    """Return a message by which the meter's power is off."""
    return events((serial, "3.26.0.85", NOON))


async def send(park: Park, *messages: bytes) -> None:
    broker = park.stack.broker
    password = await asyncio.to_thread(Path(broker["password_file_hes"]).read_text)
    await send_raw(
        broker["url_amqp"], DESTINATION, *messages, user="hes", password=password.strip()
    )


async def seen_off(park: Park, *serials: str) -> None:
    for serial in serials:
        await until(
            lambda name=serial: park.device(f"north/{name}"),  # type: ignore[misc]
            lambda seen: seen.power.value == "OFF",
        )


async def in_quarantine(park: Park, text: bytes) -> QuarantinedMessage:
    found = await until(lambda: park.quarantined(text), lambda message: message is not None)
    assert found is not None
    return found


async def queue_is_empty(park: Park) -> None:
    """Return when the broker has nothing left in the queue, neither waiting nor in flight."""
    broker = park.stack.broker
    access = BrokerAccess(
        url=broker["url_amqp"],
        user="hes",
        password_file=Path(broker["password_file_hes"]),
        destination=DESTINATION,
    )
    await until(
        lambda: asyncio.to_thread(read_depths, access, [QUEUE.name], 10),
        lambda depths: depths[QUEUE.name].message_count == 0,
    )


def reconnects(park: Park) -> int:
    lines = park.stack.log("iec-connector").read_text(errors="replace").splitlines()
    return sum("failed, trying again" in line and "broker of" in line for line in lines)


async def test_odd_amqp_messages_hold_up_nobody(park: Park) -> None:
    before = reconnects(park)
    await send(
        park,
        # Read all the same: what is odd stands beside the body.
        encoded(said_of("ODD-1"), **ODD_TIME),
        encoded(said_of("ODD-2"), id="ID:~~"),
        encoded(said_of("ODD-3"), reply_to="~~", correlation_id="~~"),
        encoded(said_of("ODD-4"), properties={"na~~me": "va~~lue"}),
        encoded(said_of("ODD-5").encode("utf-16"), in_data=True, id=b"\x01\xff"),
        # Nobody can read these.
        encoded({b"\xff": "odd-7"}),
        encoded("<EventMessage>odd-8 ~~</EventMessage>"),
        encoded(b"odd-9 is no gzip", in_data=True, content_encoding="gzip"),
        encoded(["odd-10", 1], in_data=True),
        encoded(said_of("ODD-GOOD")),
    )
    await seen_off(park, "ODD-GOOD", *(f"ODD-{number}" for number in range(1, 6)))
    for text, reason in (
        (b"odd-7", "XML_MALFORMED"),
        (b"odd-8", "TEXT_ENCODING"),
        (b"odd-9", "CONTENT_ENCODING"),
        (b"odd-10", "XML_MALFORMED"),
    ):
        message = await in_quarantine(park, text)
        assert message.reason == reason
        assert message.detail
        assert message.source == "hes-simulator"
    await queue_is_empty(park)
    assert reconnects(park) == before, "no message ended the connection"


@asynccontextmanager
async def connector_with(
    stack: RunningStack, change: Callable[[dict[str, Any]], None]
) -> AsyncIterator[None]:
    """Run the stack's connector with another configuration, and then with its own again."""
    file = stack.stack.state.connector_configuration
    own = file.read_text()
    changed = yaml.safe_load(own)
    change(changed)
    file.write_text(yaml.safe_dump(changed))
    stack.restart_process("iec-connector")
    stack.wait_until_ready()
    try:
        yield
    finally:
        file.write_text(own)
        stack.restart_process("iec-connector")
        stack.wait_until_ready()


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBroker:
    stack: RunningStack

    @property
    def jars(self) -> Path:
        return installed_activemq(os.environ)

    @property
    def url_openwire(self) -> str:
        return str(self.stack.broker["url_openwire"])

    def password(self, user: str) -> str:
        return Path(self.stack.broker[f"password_file_{user}"]).read_text().strip()


@pytest.mark.openwire
async def test_odd_java_messages_hold_up_nobody(park: Park) -> None:
    broker = StackBroker(stack=park.stack)

    def over_openwire(configuration: dict[str, Any]) -> None:
        [source] = configuration["sources"]
        source["broker"]["url"] = broker.url_openwire
        del source["broker"]["tls"]
        configuration["openwire_jars"] = str(broker.jars)

    def publish() -> None:
        hes = JavaProducer(broker)
        text = hes.session.createTextMessage
        hes.send(QUEUE, text(hes.half_a_pair()))
        around = text(said_of("JAVA-1"))
        around.setJMSCorrelationID(hes.half_a_pair())
        around.setStringProperty("noun", hes.half_a_pair())
        hes.send(QUEUE, around)
        late = text(said_of("JAVA-2"))
        late.setJMSTimestamp(2**62)
        hes.keep_timestamps = True
        hes.send(QUEUE, late)
        hes.keep_timestamps = False
        a_map = hes.session.createMapMessage()
        a_map.setString("java-3", hes.half_a_pair())
        hes.send(QUEUE, a_map)
        hes.send(QUEUE, text(said_of("JAVA-GOOD")))
        hes.close()

    async with connector_with(park.stack, over_openwire):
        before = reconnects(park)
        await asyncio.to_thread(publish)
        await seen_off(park, "JAVA-GOOD", "JAVA-1", "JAVA-2")
        half = await in_quarantine(park, b"a\xed\xa0\x80b")
        assert half.reason in {"TEXT_ENCODING", "XML_MALFORMED"}
        assert (await in_quarantine(park, b"java-3")).reason == "XML_MALFORMED"
        await queue_is_empty(park)
        assert reconnects(park) == before


async def test_a_large_message_is_kept_whole_and_replayed_when_it_may_be_read(park: Park) -> None:
    body = meter_config("LARGE-1", "INVENTORY").replace(
        "</EventMessage>", f"<!--{'x' * 3_000_000}--></EventMessage>"
    )

    def small(configuration: dict[str, Any]) -> None:
        configuration["sources"][0]["limits"] = {"message_bytes": 1_000_000}

    async with connector_with(park.stack, small):
        await park.publish(body)
        message = await in_quarantine(park, b"LARGE-1")
        assert message.reason == "MESSAGE_TOO_LARGE"
        assert message.kept_size_bytes > 3_000_000
        assert not message.truncated
        await queue_is_empty(park)
    await park.replay(message.quarantine_id)
    device = await until(lambda: park.device("north/LARGE-1"), lambda seen: seen.revision > 0)
    assert device.lifecycle.value == "INVENTORY"
    resolved = await until(
        lambda: park.quarantined(b"LARGE-1"),
        lambda found: found is not None and found.replay_count == 1,
    )
    assert resolved is not None
    assert resolved.state == QuarantineState.QUARANTINE_STATE_RESOLVED


@pytest.mark.parametrize(
    "serial",
    ["a|b", "a||b", "a@b", "a%2Fb", "Zähler-Süd", "a b", "a.b:c;d,e", "..", "1" * 128],
    ids=["bar", "bars", "at", "escape", "umlauts", "space", "signs", "dots", "longest"],
)
async def test_a_device_of_any_name_is_woken_and_shown(park: Park, serial: str) -> None:
    """Dapr 1.18 fails at some characters of an actor's id; the hub's own ids never hold them."""
    name = f"{serial}-odd"[-128:]
    await park.publish(events((name, "3.26.0.85", NOON)))
    device = await until(
        lambda: park.device(f"north/{name}"), lambda seen: seen.power.value == "OFF"
    )
    assert device.revision == 1
    assert [commit.revision for commit in await park.journal(f"north/{name}")] == [1]


@pytest.mark.parametrize(
    "serial", ["a/b-odd", "../a-odd", "9" * 200], ids=["slash", "path", "too long"]
)
async def test_a_name_that_no_device_can_have_waits_in_the_quarantine(
    park: Park, serial: str
) -> None:
    await park.publish(events((serial, "3.26.0.85", NOON)))
    message = await in_quarantine(park, serial.encode())
    assert message.detail
