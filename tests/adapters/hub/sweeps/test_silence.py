"""Silent devices are found by a sweep over the heads, at a set pace; real heads, devices that remember being asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from pymongo import AsyncMongoClient

from device_hub.actors.turns_client import DeviceUnreachable
from device_hub.device.commands import Configure, NoteContact, NoteSilence, ReportFacts
from device_hub.device.lifecycle import lifecycle_of, silence_due_at
from device_hub.device.rules import Rules
from device_hub.device.values import Configuration, Lifecycle
from device_hub.journal.heads import Head, Heads
from device_hub.journal.journal import Journal, open_collection
from device_hub.sweeps.due_devices import Pace
from device_hub.sweeps.silence import SilenceSweep
from device_hub.turns.history import Memory
from device_hub.turns.turn import take_turn
from tests.neighbours.hub import all_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = Rules(silence_after=timedelta(hours=26))
Document = dict[str, Any]


@dataclass
class Devices:
    """Remembers who was asked; ``away`` cannot be reached."""

    away: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def check_silence(self, device_id: str, at: datetime) -> Verdict:
        del at
        self.asked.append(device_id)
        if device_id in self.away:
            raise DeviceUnreachable("UNAVAILABLE")
        return Verdict(outcome=Verdict.OUTCOME_RECORDED)


@pytest.fixture
async def database(mongod_url: str) -> AsyncIterator[Any]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_silence")
        yield client["test_silence"]


@pytest.fixture
async def heads(database: Any) -> Heads:
    made = Heads(open_collection(database, "heads"))
    await made.prepare()
    return made


def sweep_of(heads: Heads, database: Any, devices: Devices, now: datetime) -> SilenceSweep:
    return SilenceSweep(
        heads=heads,
        devices=devices,
        marks=open_collection(database, "positions"),
        every=timedelta(minutes=1),
        silence_after=RULES.silence_after,
        pace=Pace(10_000, 16),
        now=lambda: now,
    )


async def test_only_devices_whose_silence_is_due_are_asked(heads: Heads, database: Any) -> None:
    await heads.advance(
        [
            Head(device_id="north/DUE", revision=3, silence_due_at=NOON),
            Head(device_id="north/LATER", revision=3, silence_due_at=NOON + DAY),
            Head(device_id="north/NEVER", revision=3, silence_due_at=None),
        ]
    )
    devices = Devices()
    assert await sweep_of(heads, database, devices, NOON + timedelta(hours=1)).sweep() == 1
    assert devices.asked == ["north/DUE"]


async def test_a_device_is_asked_once_in_a_sweep_and_one_that_is_away_holds_up_nobody(
    heads: Heads, database: Any
) -> None:
    await heads.advance(
        [
            Head(device_id=f"north/SN-{n:04}", revision=1, silence_due_at=NOON + timedelta(0, n))
            for n in range(450)
        ]
    )
    devices = Devices(away={"north/SN-0007"})
    assert await sweep_of(heads, database, devices, NOON + DAY).sweep() == 450
    assert devices.asked == [f"north/SN-{n:04}" for n in range(450)]


async def test_a_head_never_goes_back(heads: Heads) -> None:
    await heads.advance([Head(device_id="north/SN-1", revision=5, silence_due_at=None)])
    await heads.advance([Head(device_id="north/SN-1", revision=4, silence_due_at=NOON)])
    assert await all_of(heads.silent_since(NOON + DAY)) == []
    assert await heads.after("", 10) == [("north/SN-1", 5)]


async def test_after_a_pause_the_sweep_waits_as_long_as_the_pause_was(
    heads: Heads, database: Any
) -> None:
    marks = open_collection(database, "positions")
    devices = Devices()

    async def quiet_until(swept_at: datetime | None) -> datetime:
        await marks.delete_many({})
        if swept_at is not None:
            await marks.insert_one({"_id": "silence-sweep", "swept_at": swept_at})
        return await sweep_of(heads, database, devices, NOON).quiet_until()

    assert await quiet_until(None) == NOON, "a first start"
    assert await quiet_until(NOON - timedelta(minutes=2)) == NOON, "a restart"
    assert await quiet_until(NOON - timedelta(hours=5)) == NOON + timedelta(hours=5)
    assert await quiet_until(NOON - 90 * DAY) == NOON + RULES.silence_after


async def test_a_restart_in_the_middle_of_a_long_sweep_is_no_pause(
    heads: Heads, database: Any
) -> None:
    await heads.advance(
        [Head(device_id=f"north/SN-{n}", revision=1, silence_due_at=NOON) for n in range(250)]
    )
    marks = open_collection(database, "positions")
    await marks.insert_one({"_id": "silence-sweep", "swept_at": NOON})
    seen: list[datetime] = []

    @dataclass
    class Slow(Devices):
        async def check_silence(self, device_id: str, at: datetime) -> Verdict:
            mark = await marks.find_one({"_id": "silence-sweep"}) or {}
            seen.append(mark["swept_at"])
            return await super().check_silence(device_id, at)

    late = NOON + timedelta(hours=1)
    await sweep_of(heads, database, Slow(), late).sweep()
    assert set(seen) == {late}


async def test_a_restart_does_not_end_the_wait_that_a_pause_made_due(
    heads: Heads, database: Any
) -> None:
    marks = open_collection(database, "positions")
    await marks.insert_one({"_id": "silence-sweep", "swept_at": NOON - timedelta(hours=5)})
    first = sweep_of(heads, database, Devices(), NOON)
    running = asyncio.create_task(first.run())
    async with asyncio.timeout(20):
        while "quiet_until" not in (await marks.find_one({"_id": "silence-sweep"}) or {}):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    again = sweep_of(heads, database, Devices(), NOON + timedelta(minutes=1))
    assert await again.quiet_until() == NOON + timedelta(hours=5)


async def test_a_silent_device_shows_poor_communication_until_it_is_heard(database: Any) -> None:
    journal = Journal(open_collection(database, "commits"), now=lambda: NOON)
    await journal.prepare()

    def facts(at: datetime) -> ReportFacts:
        return ReportFacts(network="north", identifier="SN-1", received_at=at, occurred_at=at)

    async def turn(memory: Memory, report_id: str, command: Any) -> Memory:
        taken = await take_turn(
            journal,
            memory,
            device_id="north/SN-1",
            report_id=report_id,
            command=command,
            rules=RULES,
        )
        return taken.memory

    in_operation = Configuration(lifecycle=Lifecycle.IN_OPERATION)
    memory = await turn(Memory(), "r1", Configure(facts=facts(NOON), configuration=in_operation))
    memory = await turn(memory, "r2", NoteContact(facts=facts(NOON + timedelta(hours=2))))
    due = silence_due_at(memory.device, RULES)
    assert due == NOON + timedelta(hours=28)

    early = await turn(memory, "s1", NoteSilence(at=due - timedelta(seconds=1)))
    assert early == memory, "not silent yet, nothing is committed"
    memory = await turn(memory, "s2", NoteSilence(at=due + timedelta(seconds=1)))
    assert lifecycle_of(memory.device).value is Lifecycle.POOR_COMMUNICATION
    assert silence_due_at(memory.device, RULES) is None, "known: not asked again"
    memory = await turn(memory, "r3", NoteContact(facts=facts(NOON + 2 * DAY)))
    assert lifecycle_of(memory.device).value is Lifecycle.IN_OPERATION
