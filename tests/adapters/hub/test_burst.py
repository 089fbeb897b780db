"""Many reports of one device at once, on a real mongod: an actor takes them in few steps, and answers in time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Configuration, Contact, Report

from device_hub.device.rules import Rules
from device_hub.journal.group_commit import INSERT_BYTES
from device_hub.journal.journal import BY_REPORT
from device_hub.turns.history import (
    Memory,
    Stored,
)
from device_hub.turns.turn import (
    MOST_IN_A_CHAIN,
    Ask,
    Turns,
)
from device_hub.turns.within_time import TimeIsUp, WithinTime
from device_hub.wire.reports import to_command
from tests.neighbours.hub import Hub, hub_on, outcomes, power_lost, said

RECORDED, POSTPONED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_POSTPONED
DEVICE = "north/SN-1"


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    async with hub_on(mongod_url, "test_burst") as made:
        yield made


def burst(count: int, *, start: int = 0) -> list[Report]:
    return [power_lost(f"r-{n}", "SN-1", n % 60) for n in range(start, start + count)]


def ids(count: int) -> list[str]:
    return [f"r-{n}" for n in range(count)]


async def test_500_reports_of_one_device_are_as_many_commits_in_few_inserts(hub: Hub) -> None:
    hub.commands.names.clear()
    verdicts = await hub.tell(*burst(500))
    assert outcomes(verdicts) == [RECORDED] * 500
    assert [verdict.revision for verdict in verdicts] == list(range(1, 501))
    assert await hub.history(DEVICE) == ids(500)
    assert hub.commands.names.count("insert") <= 500 / MOST_IN_A_CHAIN


async def test_a_group_that_comes_again_is_answered_from_one_query(hub: Hub) -> None:
    first = await hub.tell(*burst(500))
    hub.commands.names.clear()
    again = await hub.tell(*burst(500))
    assert again == first
    assert hub.commands.names.count("find") == 1
    assert hub.commands.names.count("insert") == 0


async def test_a_group_that_comes_again_to_another_host_is_answered_the_same(hub: Hub) -> None:
    first = await hub.tell(*burst(300))
    hub.forget_devices()
    assert (await hub.tell(*burst(500)))[:300] == first
    assert await hub.history(DEVICE) == ids(500)


async def test_500_identical_reports_are_one_commit(hub: Hub) -> None:
    verdicts = await hub.tell(*(burst(1) * 500))
    assert outcomes(verdicts) == [RECORDED] * 500
    assert {verdict.revision for verdict in verdicts} == {1}
    assert await hub.history(DEVICE) == ["r-0"]


async def test_a_report_with_an_impossible_time_is_refused_within_its_group(hub: Hub) -> None:
    reports = burst(3)
    reports[1].occurred_time.seconds = 10**15
    refused = Verdict.OUTCOME_REFUSED
    assert outcomes(await hub.tell(*reports)) == [RECORDED, refused, RECORDED]


async def test_a_journal_in_trouble_postpones_the_rest_of_a_group(hub: Hub) -> None:
    admin = hub.commits.database.client.admin
    await admin.command(
        "configureFailPoint",
        "failCommand",
        # The first chain passes.
        mode={"skip": 1},
        data={"failCommands": ["insert"], "errorCode": 14031},
    )
    try:
        verdicts = await hub.tell(*burst(250))
    finally:
        await admin.command("configureFailPoint", "failCommand", mode="off")
    late = 250 - MOST_IN_A_CHAIN
    assert outcomes(verdicts) == [RECORDED] * MOST_IN_A_CHAIN + [POSTPONED] * late
    assert outcomes(await hub.tell(*burst(250))) == [RECORDED] * 250
    assert await hub.history(DEVICE) == ids(250)


async def test_an_insert_of_a_device_with_much_to_remember_is_bounded_in_bytes(hub: Hub) -> None:
    fat = {f"note-{n}": "x" * 500 for n in range(50)}
    for number in range(3):
        names = {f"{number}-{word}": text for word, text in fat.items()}
        await hub.tell(said(f"c-{number}", "SN-1", 1, configuration=Configuration(names=names)))
    documents = await hub.journal.commits(DEVICE, after=0, limit=10)
    size = len(str(documents[-1]))
    count = min(500, 3 * INSERT_BYTES // size)
    hub.commands.names.clear()
    hub.commands.inserted_bytes.clear()
    assert outcomes(await hub.tell(*burst(count))) == [RECORDED] * count
    assert len(hub.commands.inserted_bytes) >= 2
    assert max(hub.commands.inserted_bytes) <= INSERT_BYTES


async def test_a_lookup_of_many_devices_reads_their_own_keys_only(hub: Hub) -> None:
    """No cross product: 40 devices with 40 reports each, one of each asked for."""
    for device in range(40):
        await hub.tell(*(power_lost(f"r-{n}", f"D-{device}", n) for n in range(40)))
    asked = {(f"north/D-{number}", f"r-{number}") for number in range(40)}
    assert await hub.journal.find_all(asked) == {
        (f"north/D-{number}", f"r-{number}"): number + 1 for number in range(40)
    }
    pairs = [{"device_id": device, "report_id": {"$in": [report]}} for device, report in asked]
    explained = await hub.commits.database.command(
        "explain",
        {"find": "commits", "filter": {"$or": pairs}, "hint": BY_REPORT},
        verbosity="executionStats",
    )
    assert explained["executionStats"]["totalKeysExamined"] <= 2 * len(asked)
    assert await hub.journal.find_all(set()) == {}


class Slow:
    """A journal that answers the first chain, and then nobody."""

    def __init__(self, hub: Hub) -> None:
        self._journal = hub.journal
        self._answered = False
        self.newest, self.find = hub.journal.newest, hub.journal.find

    async def commit(self, chain: Any) -> Stored:
        if self._answered:
            await asyncio.Event().wait()
        self._answered = True
        return await self._journal.commit(chain)


async def test_what_does_not_fit_into_a_turn_is_postponed_and_the_rest_is_answered(
    hub: Hub,
) -> None:
    hub.forget_devices(journal=Slow(hub), turn_seconds=2.0)
    verdicts = await hub.tell(*burst(250))
    late = 250 - MOST_IN_A_CHAIN
    assert outcomes(verdicts) == [RECORDED] * MOST_IN_A_CHAIN + [POSTPONED] * late
    assert "TimeIsUp: not within 2 s" in verdicts[-1].detail


async def test_a_commit_that_was_not_waited_for_counts_once_when_it_is_asked_again(
    hub: Hub,
) -> None:
    hub.forget_devices(turn_seconds=0.0)
    assert outcomes(await hub.tell(*burst(5))) == [POSTPONED] * 5
    reports = burst(5)
    asks = [Ask(report_id=each.report_id, command=to_command(each)) for each in reports]
    turns = Turns(
        WithinTime(hub.journal, 0.0), Memory(), device_id=DEVICE, reports=asks[:1], rules=Rules()
    )
    with pytest.raises(TimeIsUp):
        await turns.take()
    hub.forget_devices(turn_seconds=5.0)
    assert outcomes(await hub.tell(*reports)) == [RECORDED] * 5
    assert await hub.history(DEVICE) == ids(5)


async def test_a_burst_of_one_device_lets_others_have_their_turns(hub: Hub) -> None:
    hot = asyncio.create_task(hub.tell(*burst(500)))
    answered = 0
    while not hot.done():
        await hub.tell(said(f"q-{answered}", f"Q-{answered}", 1, contact=Contact()))
        answered += 1
    assert outcomes(await hot) == [RECORDED] * 500
    assert answered > 1
