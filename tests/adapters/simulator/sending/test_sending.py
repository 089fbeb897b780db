"""The simulator against a real broker: what it sends arrives, and its ledger tells the truth about it."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lxml import etree

from hes_simulator.expectation.facts import Kind
from hes_simulator.faults import ALL_FAULTS, Faults
from hes_simulator.ledger.ledger import Ledger
from hes_simulator.life.life import Pace
from hes_simulator.park.devices import Park
from hes_simulator.sending.files import send_files
from hes_simulator.sending.pouring import Outlet, Scheduled, pour
from hes_simulator.sending.running import Broker as Outlets
from hes_simulator.sending.running import run_burst, utc_now
from hes_simulator.sending.schedule import life_schedule
from jms_transport import Connection, Destination, TransportLost, connect
from tests.neighbours.broker import Broker

QUICK = 30.0
PARK = Park(network="north", size=20, seed=5)
PACE = Pace(rollout=50.0, rate=5.0)


@asynccontextmanager
async def connected(broker: Broker, user: str = "admin") -> AsyncIterator[Connection]:
    connection = await connect(broker.url_amqp, user=user, password=broker.password(user))
    yield connection
    await connection.close()


async def received(broker: Broker, address: str, count: int) -> list[str | bytes]:
    """Take `count` messages from a queue, in their order."""
    async with connected(broker) as connection, asyncio.timeout(QUICK):
        subscription = await connection.subscribe(Destination.to_subscribe(address), credit=200)
        bodies = []
        for _ in range(count):
            delivery = await subscription.receive()
            bodies.append(delivery.message.body)
            await delivery.accept()
        return bodies


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def outlet(connection: Connection, address: str, ledger: Ledger, faults: Faults) -> Outlet:
    return Outlet(
        connection=connection,
        destination=Destination.parse(address),
        ledger=ledger,
        stream="life",
        source="HES-north",
        faults=faults,
        now=utc_now,
    )


def schedule(ledger: Ledger, count: int) -> Iterator[Scheduled]:
    position = ledger.position("life")
    return itertools.islice(life_schedule(PARK, PACE, position, now=utc_now()), count)


async def test_what_is_sent_arrives_as_jms_text(broker: Broker, ledger: Ledger) -> None:
    address = "queue://SIM.TEXT"
    async with connected(broker, "hes") as connection:
        way = outlet(connection, address, ledger, Faults())
        await pour(way, schedule(ledger, 50), stop=asyncio.Event(), hurry=True)
    bodies = await received(broker, address, 50)
    assert {type(body) for body in bodies} == {str}
    ids = [etree.fromstring(str(body).encode()).findtext(".//{*}MessageID") for body in bodies]
    assert ids == [entry.message_id for entry in ledger.last(50)]


async def test_the_ledger_equals_what_arrived(broker: Broker, ledger: Ledger) -> None:
    """With every fault but other shapes, which this test's small reader does not understand."""
    address = "queue://SIM.LEDGER"
    faults = Faults(duplicates=0.1, disorder=0.1, late=0.1, clock=0.05, malformed=0.05)
    async with connected(broker, "hes") as connection:
        way = outlet(connection, address, ledger, faults)
        await pour(way, schedule(ledger, 800), stop=asyncio.Event(), hurry=True)
    counts = ledger.counts()
    assert counts["unsent"] == 0
    bodies = await received(broker, address, counts["sent"])
    assert len(bodies) == 800 + counts["fault duplicate"] + counts["fault malformed"]
    unique = dict.fromkeys(str(body) for body in bodies)
    assert len(bodies) - len(unique) == counts["fault duplicate"]
    arrived = Counter(event for body in unique for event in _events(body))
    told = Counter(
        (fact.device_id.removeprefix("north/"), fact.code)
        for entry in ledger.last(10_000)
        for fact in entry.facts
        if fact.kind is Kind.EVENT
    )
    # A malformed copy may still show its events to a reader as trusting as this one.
    assert told - arrived == Counter()
    assert sum((arrived - told).values()) <= counts["fault malformed"] * 4
    events_by_device = Counter(device for device, _ in told.elements())
    assert events_by_device == {
        device_id.removeprefix("north/"): kinds[Kind.EVENT]
        for device_id, kinds in ledger.told().items()
        if Kind.EVENT in kinds
    }


def _events(body: str) -> list[tuple[str, str]]:
    try:
        message = etree.fromstring(body.encode())
    except etree.XMLSyntaxError:
        return []
    return [
        (event.findtext("{*}Assets/{*}Names/{*}name") or "", kind.get("ref") or "")
        for event in message.iter("{*}EndDeviceEvent", "{*}EndDeviceEvents")
        for kind in event.findall("{*}EndDeviceEventType")
    ]


async def test_a_simulator_whose_broker_dies_goes_on_without_a_gap(
    ledger: Ledger, tmp_path: Path
) -> None:
    broker = Broker.started(tmp_path / "broker")
    address = "queue://SIM.RESUME"
    try:
        async with connected(broker, "hes") as connection:
            way = outlet(connection, address, ledger, ALL_FAULTS)
            await pour(way, schedule(ledger, 300), stop=asyncio.Event(), hurry=True)
            broker.kill()
            with pytest.raises(TransportLost):
                await pour(way, schedule(ledger, 300), stop=asyncio.Event(), hurry=True)
        assert ledger.counts()["unsent"] > 0
        broker.start()
        async with connected(broker, "hes") as connection:
            way = outlet(connection, address, ledger, ALL_FAULTS)
            await pour(way, schedule(ledger, 100), stop=asyncio.Event(), hurry=True)
        counts = ledger.counts()
        assert counts["unsent"] == 0
        bodies = await received(broker, address, counts["sent"])
    finally:
        broker.kill()
    seen = {body.encode() if isinstance(body, str) else body for body in bodies}
    assert len(seen) == counts["sent"] - counts["fault duplicate"]
    assert all(any(e.message_id.encode() in body for body in seen) for e in ledger.last(10_000))


async def test_stopping_leaves_the_rest_in_the_schedule(broker: Broker, ledger: Ledger) -> None:
    stop = asyncio.Event()
    stop.set()
    async with connected(broker, "hes") as connection:
        way = outlet(connection, "queue://SIM.STOP", ledger, Faults())
        await pour(way, schedule(ledger, 50), stop=stop, hurry=True)
    assert ledger.position("life") is None
    assert ledger.counts() == {"sent": 0, "unsent": 0}


async def test_a_burst_sends_exactly_what_was_asked_for(broker: Broker, ledger: Ledger) -> None:
    address = "queue://SIM.BURST"
    way = Outlets(
        url=broker.url_amqp,
        user="hes",
        password=broker.password("hes"),
        destination=Destination.parse(address),
    )
    result = await run_burst(
        PARK, way, messages=700, events_per_message=3, in_flight=32, ledger=ledger
    )
    assert (result.messages, result.events) == (700, 2100)
    bodies = await received(broker, address, 700)
    assert len({str(body) for body in bodies}) == 700
    assert ledger.counts()["fact event"] == 2100


async def test_files_arrive_as_they_are(broker: Broker, tmp_path: Path) -> None:
    address = Destination.parse("queue://SIM.FILES")
    raw = "\ufeff<EventMessage>Zähler</EventMessage>\r\n".encode()
    (tmp_path / "message.xml").write_bytes(raw)
    async with connected(broker, "hes") as connection:
        for as_bytes in (False, True):
            [result] = await send_files(
                [tmp_path / "message.xml"],
                connection=connection,
                destination=address,
                as_bytes=as_bytes,
            )
            assert result.accepted
            assert result.size == len(raw)
    assert await received(broker, address.address, 2) == [
        "<EventMessage>Zähler</EventMessage>\r\n",
        raw,
    ]


async def test_files_can_go_to_a_topic(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "message.xml").write_text("<EventMessage/>")
    topic = Destination.to_subscribe("topic://SIM.TOPIC?lossy=true")
    async with connected(broker) as listening, connected(broker, "hes") as connection:
        subscription = await listening.subscribe(topic, credit=5)
        await send_files(
            [tmp_path / "message.xml"],
            connection=connection,
            destination=Destination.parse("topic://SIM.TOPIC"),
            as_bytes=False,
        )
        delivery = await asyncio.wait_for(subscription.receive(), QUICK)
        assert delivery.message.body == "<EventMessage/>"
        await delivery.accept()


async def test_a_file_that_fails_does_not_keep_the_others_back(
    broker: Broker, tmp_path: Path
) -> None:
    (tmp_path / "good.xml").write_text("<EventMessage/>")
    (tmp_path / "binary").write_bytes(b"\xff\x00\xfe\x80")
    paths = [tmp_path / "missing.xml", tmp_path / "binary", tmp_path / "good.xml"]
    async with connected(broker, "hes") as connection:
        results = await send_files(
            paths,
            connection=connection,
            destination=Destination.parse("queue://SIM.PARTLY"),
            as_bytes=False,
        )
    assert [result.accepted for result in results] == [False, False, True]
    assert "No such file" in results[0].detail
    assert "--bytes" in results[1].detail
    assert await received(broker, "queue://SIM.PARTLY", 1) == ["<EventMessage/>"]


async def test_after_a_lost_connection_no_file_is_said_to_be_sent(
    broker: Broker, tmp_path: Path
) -> None:
    (tmp_path / "message.xml").write_text("<EventMessage/>")
    async with connected(broker, "hes") as connection:
        await connection.close()
        results = await send_files(
            [tmp_path / "message.xml"] * 2,
            connection=connection,
            destination=Destination.parse("queue://SIM.LOST"),
            as_bytes=False,
        )
    assert [result.accepted for result in results] == [False, False]
    assert results[1].detail.startswith("not sent")
