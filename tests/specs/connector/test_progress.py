"""How far a connector is, per source and towards the hub, and that it is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from meterpark.status.v1.status_service_pb2 import Teller

from iec_connector.counters import Counters
from iec_connector.feeds import FeedFacts
from iec_connector.forwarding.forwarding import HubUnavailable, Outcome, Parcel, Verdict
from iec_connector.progress import Progress, SourceProgress, Telling, WatchedRecord
from iec_connector.quarantine import Complaint
from iec_connector.reading.reading import Named, Reading, Unread
from iec_connector.understanding import Header, Understood
from jms_transport import Connection, TransportLost
from service_status.hop import Hop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Progress never looks into a connection.
CONNECTION = cast("Connection", object())
PARCELS = [Parcel(device_id="north/1", size_bytes=1, content=None)] * 2


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Source:
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.counters = Counters(self.clock)
        self.progress = SourceProgress(
            "hes",
            broker="amqp://hes.example:5672",
            destinations=["queue://IEC20_PUSH"],
            counters=self.counters,
            now=self.clock,
        )

    async def connects(self) -> None:
        async def dial() -> Connection:
            return CONNECTION

        await self.progress.dialled(dial)

    async def cannot_connect(self) -> None:
        async def dial() -> Connection:
            raise TransportLost("connection refused")

        with pytest.raises(TransportLost):
            await self.progress.dialled(dial)

    async def is_read_for(self, seconds: float, why: str) -> None:
        async def use(connection: Connection) -> None:
            assert connection is CONNECTION
            self.clock.passes(seconds)
            raise TransportLost(why)

        with pytest.raises(TransportLost):
            await self.progress.used(use, CONNECTION)


async def test_a_source_tells_where_it_reads_and_since_when_it_is_connected() -> None:
    source = Source()
    await source.connects()
    facts = source.progress.facts()
    assert facts.name == "source hes"
    assert facts.peer == "amqp://hes.example:5672"
    assert facts.destinations == ("queue://IEC20_PUSH",)
    assert "connected since 2026-03-01 12:00:00 UTC" in facts.detail
    assert facts.trouble is None


async def test_a_message_waits_until_it_is_settled_and_its_end_is_what_was_done() -> None:
    source = Source()
    await source.connects()
    with source.progress.message():
        source.clock.passes(5)
        assert source.progress.facts().waiting_since == NOON
        source.counters.add("messages_taken")
    facts = source.progress.facts()
    assert (facts.waiting_count, facts.done_count) == (0, 1)
    assert facts.last_done_at == NOON + timedelta(seconds=5)


async def test_a_message_that_was_lost_before_it_was_settled_is_no_progress() -> None:
    source = Source()
    await source.connects()
    with source.progress.message():
        source.counters.add("lost_before_settling")
    assert source.progress.facts().last_done_at is None


async def test_one_message_that_breaks_each_connection_is_one_trouble_since_the_first() -> None:
    source = Source()
    for _ in range(44):
        await source.connects()
        await source.is_read_for(1, "year 56396 is out of range")
        source.clock.passes(18)
    await source.connects()
    trouble = source.progress.facts().trouble
    assert trouble is not None
    assert (trouble.since, trouble.count) == (NOON + timedelta(seconds=1), 44)
    assert "out of range" in trouble.detail


async def test_a_connection_that_lasts_is_the_end_of_the_trouble() -> None:
    source = Source()
    await source.cannot_connect()
    await source.connects()
    assert source.progress.facts().trouble is not None
    source.clock.passes(10)
    assert source.progress.facts().trouble is None
    await source.is_read_for(3_600, "the broker went away")
    trouble = source.progress.facts().trouble
    assert trouble is not None
    assert (trouble.count, trouble.since) == (1, source.clock())


async def test_a_settled_message_is_the_end_of_the_trouble_too() -> None:
    source = Source()
    await source.cannot_connect()
    source.clock.passes(1)
    await source.connects()
    source.counters.add("messages_unreadable")
    assert source.progress.facts().trouble is None


async def test_what_the_hub_says_to_reports_is_noted() -> None:
    answers: list[Any] = [
        HubUnavailable("DEADLINE_EXCEEDED: 12 s"),
        [Verdict(outcome=Outcome.POSTPONED)] * 2,
        [Verdict(outcome=Outcome.POSTPONED), Verdict(outcome=Outcome.RECORDED)],
    ]

    async def record(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        assert len(parcels) == 2
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast("Sequence[Verdict]", answer)

    hop = Hop("reports", peer="device-hub", now=Clock())
    watched = WatchedRecord(record, hop)
    with pytest.raises(HubUnavailable):
        await watched(PARCELS)
    await watched(PARCELS)
    trouble = hop.facts().trouble
    assert trouble is not None
    assert (trouble.count, trouble.detail) == (2, "the hub postpones all 2 reports of a batch")
    await watched(PARCELS)
    assert (hop.facts().trouble, hop.facts().done_count) == (None, 1)


async def test_reports_wait_as_long_as_the_oldest_message() -> None:
    source = Source()
    progress = Progress(
        sources=[source.progress],
        reports=Hop("reports", peer="device-hub", now=source.clock),
        others=(),
        reports_waiting=lambda: 500,
    )
    with source.progress.message():
        source.clock.passes(60)
        [_, reports] = progress.facts()
    assert (reports.waiting_count, reports.waiting_since) == (500, NOON)


@dataclass
class Hub:
    """Hears what is told; the first word does not reach it."""

    heard: asyncio.Queue[tuple[Teller, bool]] = field(default_factory=asyncio.Queue)
    asked: int = 0
    feeds: Sequence[FeedFacts] = ()

    async def tell(self, teller: Teller, *, ends: bool, feeds: Sequence[FeedFacts] = ()) -> None:
        self.feeds = feeds
        self.asked += 1
        if self.asked == 1:
            raise HubUnavailable("not yet")
        await self.heard.put((teller, ends))


async def test_progress_is_told_again_and_again_and_in_the_end_good_bye() -> None:
    source, hub = Source(), Hub()
    telling = Telling(
        name="iec-connector at here:1",
        progress=Progress(
            sources=[source.progress],
            reports=Hop("reports", peer="device-hub", now=source.clock),
            others=(),
            reports_waiting=lambda: 0,
        ),
        tell=hub.tell,
        started_at=NOON,
        now=source.clock,
        every_seconds=0.001,
    )
    running = asyncio.create_task(telling.run())
    async with asyncio.timeout(10):
        (teller, ends), _ = await hub.heard.get(), await hub.heard.get()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not ends
    assert [hop.name for hop in teller.hops] == ["source hes", "reports"]
    assert [(feed.source, feed.network) for feed in hub.feeds] == [("hes", "")]
    while not hub.heard.empty():
        hub.heard.get_nowait()
    await telling.end(1)
    assert hub.heard.get_nowait()[1]


def reading(found: Understood | Unread, *device_ids: str) -> Reading:
    named = [Named(device_id=device_id, index=0) for device_id in device_ids]
    return Reading(found=found, named=named, verdicts=asyncio.get_running_loop().create_future())


async def test_a_message_is_of_the_feeds_of_its_devices_else_of_its_own_network() -> None:
    source = Source()
    await source.connects()
    understood = Understood(
        header=Header(timestamp=NOON - timedelta(seconds=7)), network="", reports=()
    )
    unread = Unread(complaint=Complaint(reason="NOUN_UNKNOWN", detail="?"), network="north")
    nothing = Unread(complaint=Complaint(reason="XML_MALFORMED", detail="?"))
    source.progress.received(reading(understood, "north/1", "north/2", "south/3"), NOON)
    source.progress.received(reading(unread), NOON)
    source.progress.received(reading(nothing), NOON)
    feeds = {feed.network: feed for feed in source.progress.feeds()}
    assert {name: feed.message_count for name, feed in feeds.items()} == {
        "": 1,
        "north": 2,
        "south": 1,
    }
    assert (feeds["north"].unreadable_count, feeds["south"].unreadable_count) == (1, 0)
    assert feeds["south"].recent_delay == timedelta(seconds=7)
    assert {feed.connected_since for feed in feeds.values()} == {NOON}
