"""Reading a source: in order, through losses, and to a good end."""

import asyncio
from typing import Self

from iec_connector.counters import Counters
from iec_connector.intake.intake import Intake
from iec_connector.intake.settlement import Settlement
from iec_connector.progress import SourceProgress
from iec_connector.quarantine import Quarantine
from iec_connector.reading.reading import Reader, Understand
from iec_connector.replies.desk import ReplyDesk
from jms_transport import Connection, Destination, TransportLost, TransportRefused
from tests.specs.connector.fakes import (
    AT,
    AT_ONCE,
    SOURCE,
    FakeConnection,
    FakeDelivery,
    FakeHub,
    forwarder_to,
    incoming,
    to_parcel,
    understand_words,
)


class Park:
    """An intake between a fake broker and a fake hub."""

    def __init__(
        self,
        hub: FakeHub,
        dials: list[FakeConnection | Exception],
        understand: Understand = understand_words,
    ) -> None:
        self.hub = hub
        self.dials = dials
        self.forwarder = forwarder_to(hub)
        self.counters = Counters()
        self.intake = Intake(
            source=SOURCE,
            destinations=(Destination.to_subscribe("queue://IEC20_PUSH"),),
            credit=10,
            dial=self.dial,
            reader=Reader(self.forwarder, to_parcel, understand),
            settlement=Settlement(
                source=SOURCE.name,
                quarantine=Quarantine(hub.quarantine, AT_ONCE),
                quarantined_body_bytes=1024,
                replies_to=(),
                replies=ReplyDesk(self.counters),
                counters=self.counters,
                now=lambda: AT,
            ),
            backoff=AT_ONCE,
            progress=SourceProgress(
                SOURCE.name,
                broker="amqp://hes.example:5672",
                destinations=["queue://IEC20_PUSH"],
                counters=self.counters,
                now=lambda: AT,
            ),
            now=lambda: AT,
            grace_seconds=0.05,
        )

    async def dial(self) -> Connection:
        dialled = self.dials.pop(0)
        if isinstance(dialled, Exception):
            raise dialled
        return dialled

    async def __aenter__(self) -> Self:
        self.forwarding = asyncio.create_task(self.forwarder.run())
        self.reading = asyncio.create_task(self.intake.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self.reading, self.forwarding):
            task.cancel()
        await asyncio.gather(self.reading, self.forwarding, return_exceptions=True)


async def until_settled(*deliveries: FakeDelivery) -> None:
    async with asyncio.timeout(20):
        while not all(delivery.log for delivery in deliveries):  # noqa: ASYNC110
            await asyncio.sleep(0)


def deliver(connection: FakeConnection, *bodies: str) -> list[FakeDelivery]:
    deliveries = [FakeDelivery(incoming(body, number)) for number, body in enumerate(bodies)]
    for delivery in deliveries:
        connection.subscription.deliveries.put_nowait(delivery)
    return deliveries


async def test_reports_leave_in_the_order_in_which_their_messages_came() -> None:
    connection = FakeConnection()
    deliveries = deliver(connection, *(["A"] * 20))
    async with Park(FakeHub(), [connection]) as park:
        await until_settled(*deliveries)
    recorded = [parcel.content for parcel in park.hub.recorded]
    assert recorded == [f"ID:broker-{number}-0" for number in range(20)]


async def test_after_a_loss_it_dials_again_and_reads_on() -> None:
    first, second = FakeConnection(), FakeConnection()
    before = deliver(first, "A")
    after = deliver(second, "B")
    refusals = [TransportLost("no route"), TransportRefused("wrong password")]
    dials: list[FakeConnection | Exception] = [first, *refusals, second]
    async with Park(FakeHub(), dials):
        await until_settled(*before)
        first.subscription.deliveries.put_nowait(TransportLost("connection lost"))
        await until_settled(*after)
        assert first.closed


async def test_stopped_it_takes_no_more_and_settles_what_is_under_way() -> None:
    hub = FakeHub(gate=asyncio.Event())
    connection = FakeConnection()
    under_way = deliver(connection, "A")
    async with Park(hub, [connection]) as park:
        while not hub.batches:  # noqa: ASYNC110
            await asyncio.sleep(0)
        park.reading.cancel()
        await asyncio.sleep(0)
        late = deliver(connection, "B")
        assert hub.gate is not None
        hub.gate.set()
        await asyncio.gather(park.reading, return_exceptions=True)
    assert connection.subscription.stopped
    assert connection.closed
    assert under_way[0].log == ["accepted"]
    assert late[0].log == []


async def test_stopped_while_the_hub_is_away_it_leaves_the_message_to_the_broker() -> None:
    hub = FakeHub(gate=asyncio.Event())
    connection = FakeConnection()
    under_way = deliver(connection, "A")
    async with Park(hub, [connection]) as park:
        while not hub.batches:  # noqa: ASYNC110
            await asyncio.sleep(0)
        park.reading.cancel()
        await asyncio.gather(park.reading, return_exceptions=True)
    assert under_way[0].log == []
    assert connection.closed


async def test_a_defect_in_settling_ends_the_connection_and_the_next_one_reads_on() -> None:
    first, second = FakeConnection(), FakeConnection()
    [delivery] = deliver(first, "A")

    async def broken() -> None:
        raise ZeroDivisionError

    delivery.accept = broken  # type: ignore[method-assign]
    again = deliver(second, "A", "B")
    async with Park(FakeHub(), [first, second]):
        await until_settled(*again)
        assert first.closed
