"""A broker that restarts costs delay, not messages."""

import asyncio
from pathlib import Path

import pytest

from jms_transport import (
    Connection,
    Destination,
    OutgoingMessage,
    TransportLost,
    stay_connected,
)
from service_chassis.retries import Backoff
from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker
from tests.neighbours.ways import Transport, Way

IMPATIENT = Backoff(first_seconds=0.2, ceiling_seconds=1.0)


class Reader:
    """Reads for ever, and remembers what it accepted."""

    def __init__(self, way: Way) -> None:
        self.dial = way.dial
        self._queue = Destination.to_subscribe(f"queue://IEC20_PUSH.{way.transport}")
        self._changed = asyncio.Condition()
        self.accepted: list[str] = []
        self.connections = 0

    async def use(self, connection: Connection) -> None:
        self.connections += 1
        subscription = await connection.subscribe(self._queue, credit=10)
        while True:
            delivery = await subscription.receive()
            await delivery.accept()
            async with self._changed:
                self.accepted.append(str(delivery.message.body))
                self._changed.notify_all()

    async def is_sent(self, producer: Connection, bodies: set[str]) -> None:
        await asyncio.gather(
            *(producer.send(self._queue, OutgoingMessage(body=body)) for body in bodies)
        )

    async def until(self, bodies: set[str]) -> None:
        async with asyncio.timeout(90), self._changed:
            await self._changed.wait_for(lambda: bodies <= set(self.accepted))


BOTH: tuple[Transport, ...] = ("amqp", "openwire")


@pytest.mark.parametrize(
    ("of", "how", "transports"),
    [
        (Broker, "stop", ("amqp",)),
        pytest.param(Broker, "kill", BOTH, marks=pytest.mark.openwire),
        pytest.param(Artemis, "kill", BOTH, marks=pytest.mark.openwire),
    ],
    ids=["classic-stop", "classic-kill", "artemis-kill"],
)
async def test_after_a_restart_the_reader_reads_on_and_nothing_is_lost(
    tmp_path: Path, of: type[Broker], how: str, transports: tuple[Transport, ...]
) -> None:
    own_broker = await asyncio.to_thread(of.started, tmp_path)
    readers = [Reader(Way(broker=own_broker, transport=transport)) for transport in transports]
    reading = [
        asyncio.create_task(
            stay_connected("own broker", reader.dial, reader.use, backoff=IMPATIENT)
        )
        for reader in readers
    ]
    try:
        producers = [await reader.dial() for reader in readers]
        before = {f"before-{number}" for number in range(50)}
        for reader, producer in zip(readers, producers, strict=True):
            await reader.is_sent(producer, before)

        await asyncio.to_thread(getattr(own_broker, how))
        for reader, producer in zip(readers, producers, strict=True):
            with pytest.raises(TransportLost):
                await asyncio.wait_for(reader.is_sent(producer, {"lost"}), 30)
            await producer.close()
        await asyncio.to_thread(own_broker.start)

        after = {f"after-{number}" for number in range(50)}
        for reader in readers:
            producer = await reader.dial()
            await reader.is_sent(producer, after)
            await reader.until(before | after)
            assert reader.connections >= 2
            await producer.close()
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        own_broker.stop()
