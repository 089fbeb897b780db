"""A broker that restarts costs delay, not messages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from jms_transport import (
    Backoff,
    Connection,
    Destination,
    OutgoingMessage,
    TransportLost,
    connect,
    stay_connected,
)
from tests.neighbours.broker import Broker

QUEUE = Destination.to_subscribe("queue://IEC20_PUSH")
IMPATIENT = Backoff(first_seconds=0.2, ceiling_seconds=1.0)


@pytest.fixture
async def own_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """One that may be stopped and killed."""
    own = Broker.started(tmp_path_factory.mktemp("own-broker"))
    yield own
    own.stop()


class Reader:
    """Reads for ever, and remembers what it accepted."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._changed = asyncio.Condition()
        self.accepted: list[str] = []
        self.connections = 0

    async def dial(self) -> Connection:
        password = self._broker.password("admin")
        return await connect(self._broker.url_amqp, user="admin", password=password)

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


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_after_a_restart_the_reader_reads_on_and_nothing_is_lost(
    own_broker: Broker, how: str
) -> None:
    reader = Reader(own_broker)
    reading = asyncio.create_task(
        stay_connected("own broker", reader.dial, reader.use, backoff=IMPATIENT)
    )
    producer = await reader.dial()
    before = {f"before-{number}" for number in range(50)}
    await asyncio.gather(*(producer.send(QUEUE, OutgoingMessage(body=body)) for body in before))

    await asyncio.to_thread(getattr(own_broker, how))
    with pytest.raises(TransportLost):
        await asyncio.wait_for(producer.send(QUEUE, OutgoingMessage(body="lost")), 30)
    await producer.close()
    await asyncio.to_thread(own_broker.start)

    producer = await reader.dial()
    after = {f"after-{number}" for number in range(50)}
    await asyncio.gather(*(producer.send(QUEUE, OutgoingMessage(body=body)) for body in after))
    await reader.until(before | after)
    assert reader.connections >= 2
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await producer.close()
