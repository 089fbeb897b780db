"""The journal: one history per device, each report once; turns of several hosts on a real mongod."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from device_hub.device.commands import NoteContact, RecordEvent, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import EndDeviceEvent, Meaning, Power
from device_hub.journal.journal import BY_REPORT, BY_REVISION, Journal, open_collection
from device_hub.turns.history import (
    AlreadyCommitted,
    Commit,
    HistoryMoved,
    Memory,
)
from device_hub.turns.turn import (
    HistoryUnsettled,
    Outcome,
    Taken,
    recall,
    take_turn,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEVICE = "north/SN-1"
Document = dict[str, Any]


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as opened:
        await opened.drop_database("test_journal")
        yield opened


@pytest.fixture
async def journal(client: AsyncMongoClient[Document]) -> Journal:
    made = Journal(open_collection(client["test_journal"], "commits"), now=lambda: NOON)
    await made.prepare()
    return made


def facts(minute: int) -> ReportFacts:
    at = NOON + timedelta(minutes=minute)
    return ReportFacts(network="north", identifier="SN-1", received_at=at, occurred_at=at)


def power(minute: int, meaning: Meaning) -> RecordEvent:
    code = "3.26.0.85" if meaning is Meaning.POWER_LOST else "3.26.0.216"
    return RecordEvent(facts=facts(minute), event=EndDeviceEvent(code=code, meaning=meaning))


async def turn(journal: Journal, memory: Memory, report_id: str, command: Any) -> Taken:
    return await take_turn(
        journal,
        memory,
        device_id=DEVICE,
        report_id=report_id,
        command=command,
        rules=Rules(),
    )


async def until_taken(journal: Journal, memory: Memory, report_id: str, command: Any) -> Taken:
    """Ask again while the turn is postponed, as the connector does."""
    while True:
        try:
            return await turn(journal, memory, report_id, command)
        except HistoryUnsettled:
            continue


async def test_what_was_committed_is_recalled_as_it_was(journal: Journal) -> None:
    taken = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    taken = await turn(journal, taken.memory, "r2", power(1, Meaning.POWER_RESTORED))
    assert await recall(journal, DEVICE) == taken.memory
    assert taken.memory.revision == 2


async def test_a_state_of_another_version_is_replayed_from_the_events(
    journal: Journal, client: AsyncMongoClient[Document]
) -> None:
    taken = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    taken = await turn(journal, taken.memory, "r2", power(1, Meaning.POWER_RESTORED))
    await client["test_journal"]["commits"].update_many({}, {"$set": {"after": {"version": 0}}})
    assert await recall(journal, DEVICE) == taken.memory


async def test_a_report_that_comes_twice_is_committed_once(
    journal: Journal, client: AsyncMongoClient[Document]
) -> None:
    first = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    again = await turn(journal, first.memory, "r1", power(0, Meaning.POWER_LOST))
    cold = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    assert (again.outcome, again.revision) == (Outcome.RECORDED, 1)
    assert (cold.outcome, cold.revision) == (Outcome.RECORDED, 1)
    assert await client["test_journal"]["commits"].count_documents({}) == 1


async def test_two_hosts_that_believe_they_own_a_device_make_one_history(
    journal: Journal, client: AsyncMongoClient[Document]
) -> None:
    async def host(name: str) -> None:
        own = Journal(open_collection(client["test_journal"], "commits"), now=lambda: NOON)
        memory = Memory()
        for number in range(10):
            meaning = Meaning.POWER_LOST if number % 2 else Meaning.POWER_RESTORED
            command = power(number, meaning)
            taken = await until_taken(own, memory, f"{name}-{number}", command)
            memory = taken.memory

    async with asyncio.timeout(60):
        await asyncio.gather(host("a"), host("b"))
    commits = await journal.commits(DEVICE, after=0, limit=100)
    assert [commit["revision"] for commit in commits] == list(range(1, 21))
    assert len({commit["report_id"] for commit in commits}) == 20
    replayed = await journal.device_after({**commits[-1], "after": {"version": 0}})
    assert replayed == (await recall(journal, DEVICE)).device


async def test_the_unique_indexes_say_which_law_was_broken(journal: Journal) -> None:
    taken = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    device = taken.memory.device
    moved = Commit(device_id=DEVICE, revision=1, report_id="r2", events=[], after=device)
    stored = await journal.commit([moved])
    assert (stored.count, type(stored.stop)) == (0, HistoryMoved)
    again = Commit(device_id=DEVICE, revision=2, report_id="r1", events=[], after=device)
    stored = await journal.commit([again])
    assert isinstance(stored.stop, AlreadyCommitted)
    assert (stored.count, stored.stop.revision) == (0, 1)


async def test_the_two_indexes_are_there_and_unique(
    journal: Journal, client: AsyncMongoClient[Document]
) -> None:
    del journal
    indexes = await client["test_journal"]["commits"].index_information()
    assert indexes[BY_REVISION]["unique"]
    assert indexes[BY_REVISION]["key"] == [("device_id", 1), ("revision", 1)]
    assert indexes[BY_REPORT]["unique"]
    assert indexes[BY_REPORT]["key"] == [("device_id", 1), ("report_id", 1)]


async def test_a_commit_that_fails_leaves_the_memory_good_and_may_be_asked_again(
    journal: Journal, client: AsyncMongoClient[Document]
) -> None:
    first = await turn(journal, Memory(), "r1", power(0, Meaning.POWER_LOST))
    await client.admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 2},
        data={"failCommands": ["insert"], "closeConnection": True},
    )
    with pytest.raises(PyMongoError):
        await turn(journal, first.memory, "r2", power(1, Meaning.POWER_RESTORED))
    await client.admin.command("configureFailPoint", "failCommand", mode="off")
    again = await turn(journal, first.memory, "r2", power(1, Meaning.POWER_RESTORED))
    assert again.revision == 2
    assert again.memory.device.supply.value is Power.ON


async def test_a_contact_within_the_interval_leaves_no_commit(journal: Journal) -> None:
    first = await turn(journal, Memory(), "r1", NoteContact(facts=facts(0)))
    soon = await turn(journal, first.memory, "r2", NoteContact(facts=facts(5)))
    later = await turn(journal, soon.memory, "r3", NoteContact(facts=facts(61)))
    assert (first.revision, soon.outcome, later.revision) == (1, Outcome.UNCHANGED, 2)
