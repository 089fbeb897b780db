"""The broker dies while a run publishes: what the ledger notes is there, in order, and nothing was left out."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.ledger.ledger import Book, Ledger
from faults.publishing import Publisher
from hes_simulator.sending.running import Broker as Hes
from jms_transport import Connection, Destination, connect
from service_chassis.tasks import in_background
from tests.neighbours.broker import Broker
from tests.specs.faults.as_stored import traffic

QUEUE = Destination.parse("queue://FAULTS_PUBLISHED")
SAID = traffic(seed=5, devices=20, messages=800)
KILLED_BEHIND = 200


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Broker]:
    started = Broker.started(tmp_path / "broker")
    yield started
    started.stop()


async def received(broker: Broker) -> list[str]:
    """Take what lies in the queue, in order."""
    connection: Connection = await connect(
        broker.url_amqp, user="connector", password=broker.password("connector")
    )
    subscription = await connection.subscribe(QUEUE, credit=5_000)
    bodies = [""]
    last = SAID.message(SAID.messages + 1).body
    try:
        async with asyncio.timeout(60):
            while bodies[-1] != last:
                delivery = await subscription.receive()
                bodies.append(str(delivery.message.body))
                await delivery.accept()
    finally:
        await connection.close()
    return bodies[1:]


async def test_a_broker_that_dies_loses_no_message_that_is_in_the_ledger(
    mortal: Broker, tmp_path: Path
) -> None:
    hes = Hes(url=mortal.url_amqp, user="hes", password=mortal.password("hes"), destination=QUEUE)
    ledger = Ledger(SAID)
    with (tmp_path / "ledger.jsonl").open("w") as lines:
        publisher = Publisher(broker=hes, traffic=SAID, book=Book(lines, ledger), rate=None)
        async with in_background({"publishing": publisher.run()}):
            publisher.probe()
            while ledger.published < KILLED_BEHIND:  # noqa: ASYNC110 - a count, not an event
                await asyncio.sleep(0)
            await asyncio.to_thread(mortal.kill)
            await asyncio.to_thread(mortal.start)
            await publisher.the_rest()
            publisher.probe()
            bodies = await received(mortal)
    assert set(ledger.copies) == set(range(SAID.messages + 2))
    first = list(dict.fromkeys(bodies))
    numbers = {SAID.message(number).body: number for number in ledger.copies}
    in_order = [numbers[body] for body in first if numbers[body] < SAID.messages]
    assert in_order == list(range(SAID.messages))
    assert publisher.sent_again > 0


async def test_a_publisher_that_has_nothing_left_ends_when_it_is_cancelled(
    mortal: Broker, tmp_path: Path
) -> None:
    hes = Hes(url=mortal.url_amqp, user="hes", password=mortal.password("hes"), destination=QUEUE)
    said = traffic(seed=6, messages=30)
    with (tmp_path / "ledger.jsonl").open("w") as lines:
        publisher = Publisher(broker=hes, traffic=said, book=Book(lines, Ledger(said)), rate=None)
        async with asyncio.timeout(60), in_background({"publishing": publisher.run()}):
            await publisher.the_rest()
            # All is published: what wakes it and what ends it come in one moment.
            await publisher.the_rest()
    assert publisher.planned_left == 0
