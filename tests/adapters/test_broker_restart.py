"""A broker that restarts costs delay, not messages."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from jms_transport import (
    Backoff,
    Connection,
    Destination,
    OutgoingMessage,
    TransportLost,
    stay_connected,
)
from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker
from tests.neighbours.ways import Way

QUEUE = Destination.to_subscribe("queue://IEC20_PUSH")
IMPATIENT = Backoff(first_seconds=0.2, ceiling_seconds=1.0)


class Reader:
    """Reads for ever, and remembers what it accepted."""

    def __init__(self, way: Way) -> None:
        self.dial = way.dial
        self._changed = asyncio.Condition()
        self.accepted: list[str] = []
        self.connections = 0

    async def use(self, connection: Connection) -> None:
        self.connections += 1
        subscription = await connection.subscribe(QUEUE, credit=10)
        while True:
            delivery = await subscription.receive()
            await delivery.accept()
            async with self._changed:
                self.accepted.append(str(delivery.message.body))
                self._changed.notify_all()

    async def until(self, bodies: set[str]) -> None:
        async with asyncio.timeout(90), self._changed:
            await self._changed.wait_for(lambda: bodies <= set(self.accepted))


@pytest.mark.parametrize(
    ("of", "transport", "how"),
    [
        (Broker, "amqp", "stop"),
        (Broker, "amqp", "kill"),
        pytest.param(Broker, "openwire", "kill", marks=pytest.mark.openwire),
        (Artemis, "amqp", "kill"),
        pytest.param(Artemis, "openwire", "stop", marks=pytest.mark.openwire),
    ],
)
async def test_after_a_restart_the_reader_reads_on_and_nothing_is_lost(
    tmp_path: Path, of: type[Broker], transport: Literal["amqp", "openwire"], how: str
) -> None:
    own_broker = await asyncio.to_thread(of.started, tmp_path)
    try:
        await _reads_on_after(how, Way(broker=own_broker, transport=transport))
    finally:
        own_broker.stop()


async def _reads_on_after(how: str, way: Way) -> None:
    reader = Reader(way)
    reading = asyncio.create_task(
        stay_connected("own broker", reader.dial, reader.use, backoff=IMPATIENT)
    )
    producer = await reader.dial()
    before = {f"before-{number}" for number in range(50)}
    await asyncio.gather(*(producer.send(QUEUE, OutgoingMessage(body=body)) for body in before))

    await asyncio.to_thread(getattr(way.broker, how))
    with pytest.raises(TransportLost):
        await asyncio.wait_for(producer.send(QUEUE, OutgoingMessage(body="lost")), 30)
    await producer.close()
    await asyncio.to_thread(way.broker.start)

    producer = await reader.dial()
    after = {f"after-{number}" for number in range(50)}
    await asyncio.gather(*(producer.send(QUEUE, OutgoingMessage(body=body)) for body in after))
    await reader.until(before | after)
    assert reader.connections >= 2
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await producer.close()
