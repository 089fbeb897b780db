"""Heads are a cache: what is lost or changed there comes again from the journal, and nothing else is touched."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from device_hub.device.commands import Configure, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import Configuration, Lifecycle
from device_hub.journal.heads import Head, Heads, head_of
from device_hub.journal.heads_check import HeadsCheck
from device_hub.journal.journal import Journal, open_collection
from device_hub.turns.history import Memory
from device_hub.turns.turn import take_turn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = Rules(silence_after=timedelta(hours=24))
DEVICES = 450
Document = dict[str, Any]


class Hub:
    """A journal with its heads, as turns and the follower leave them."""

    def __init__(self, client: AsyncMongoClient[Document]) -> None:
        database = client["test_heads_check"]
        self.stored = database["heads"]
        self.commits = database["commits"]
        self.journal = Journal(open_collection(database, "commits"), now=lambda: NOON)
        self.heads = Heads(open_collection(database, "heads"))
        self.check = HeadsCheck(
            journal=self.journal,
            heads=self.heads,
            rules=RULES,
            every=timedelta(days=1),
            pace_seconds=0,
            settle_seconds=0,
        )

    async def record(self, device_id: str, minute: int) -> None:
        at = NOON + timedelta(minutes=minute)
        said = Configuration(lifecycle=Lifecycle.IN_OPERATION, attributes={"model": f"M{minute}"})
        newest = await self.journal.newest(device_id, 0)
        await take_turn(
            self.journal,
            newest or Memory(),
            device_id=device_id,
            report_id=f"r{minute}",
            command=Configure(
                facts=ReportFacts(
                    network="north",
                    identifier=device_id.partition("/")[2],
                    received_at=at,
                    occurred_at=at,
                ),
                configuration=said,
            ),
            rules=RULES,
        )

    async def follow(self) -> None:
        """Write the heads of all devices, as the follower does."""
        ids = [device_id async for device_id in self.journal.devices()]
        found = await self.journal.newest_of(ids)
        await self.heads.advance(
            [head_of(id_, one.revision, one.device, RULES) for id_, one in found.items()]
        )

    async def all(self) -> list[Document]:
        return await self.stored.find().sort("_id", 1).to_list()


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_heads_check")
        made = Hub(client)
        await made.journal.prepare()
        await made.heads.prepare()
        yield made


async def lose_all(stored: Any) -> None:
    await stored.drop()


async def lose_some(stored: Any) -> None:
    await stored.delete_many({"_id": {"$regex": "[05]$"}})


async def change_one(stored: Any, change: Document) -> None:
    await stored.update_one({"_id": "north/7"}, {"$set": change})


DAMAGES = {
    "all are lost": lose_all,
    "some are lost": lose_some,
    "a time is wrong": partial(change_one, change={"silence_due_at": NOON + timedelta(days=99)}),
    "a time is missing": partial(change_one, change={"silence_due_at": None}),
    "a plan that is none": partial(change_one, change={"plan_due_at": NOON}),
    "a place that is none": partial(change_one, change={"place": "north/nowhere"}),
    "behind": partial(change_one, change={"revision": 1}),
    "ahead": partial(change_one, change={"revision": 99}),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_what_is_missing_or_wrong_comes_again_from_the_journal(
    hub: Hub, damage: Callable[[Any], Awaitable[None]]
) -> None:
    await asyncio.gather(*(hub.record(f"north/{number}", 0) for number in range(DEVICES)))
    await hub.record("north/7", 1)
    await hub.follow()
    before = await hub.all()
    assert len(before) == DEVICES
    assert await hub.check.check() == 0
    await damage(hub.stored)
    damaged = await hub.all()
    different = [one for one in before if one not in damaged]
    assert different
    with capture_logs() as lines:
        assert await hub.check.check() == len(different)
    assert sum(one.get("mended", 0) for one in lines if one["log_level"] == "warning") == len(
        different
    )
    assert await hub.all() == before
    assert await hub.check.check() == 0


async def test_a_head_that_moves_on_while_it_is_mended_stays_as_it_is(hub: Hub) -> None:
    await hub.record("north/7", 0)
    await hub.follow()
    [seen] = (await hub.heads.stored(["north/7"])).values()
    moved = Head(device_id="north/7", revision=3, silence_due_at=None)
    await hub.heads.advance([moved])
    late = Head(device_id="north/7", revision=2, silence_due_at=NOON)
    await hub.heads.mend([(seen, late), (None, late)])
    assert await hub.heads.stored(["north/7"]) == {"north/7": moved}


class FollowedAfterOneLook(Heads):
    """The follower comes right after somebody looked for the first time."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.stored)
        self.looks = 0
        self._hub = hub

    async def stored(self, device_ids: Collection[str]) -> dict[str, Head]:
        found = await super().stored(device_ids)
        self.looks += 1
        if self.looks == 1:
            await self._hub.follow()
        return found


async def test_a_commit_that_its_head_follows_in_a_moment_is_not_told(hub: Hub) -> None:
    await hub.record("north/7", 0)
    heads = FollowedAfterOneLook(hub)
    with capture_logs() as lines:
        assert await replace(hub.check, heads=heads).check() == 0
    assert heads.looks == 2
    assert [one for one in lines if one["log_level"] == "warning"] == []


async def test_a_device_that_only_a_newer_hub_can_read_is_left_to_it_and_others_are_mended(
    hub: Hub,
) -> None:
    await asyncio.gather(*(hub.record(f"north/{number}", 0) for number in range(20)))
    await hub.follow()
    before = await hub.all()
    newer = {"after.version": 99, "events.0.type": "of_a_newer_hub"}
    await hub.commits.update_one({"device_id": "north/7"}, {"$set": newer})
    await lose_all(hub.stored)
    with capture_logs() as lines:
        assert await hub.check.check() == len(before) - 1
    assert [one["device_id"] for one in lines if one["event"] == "left to a newer hub"]
    assert await hub.all() == [one for one in before if one["_id"] != "north/7"]


async def test_a_step_in_the_index_finds_each_device_however_long_its_history(hub: Hub) -> None:
    for minute in range(20):
        await asyncio.gather(*(hub.record(f"north/{number}", minute) for number in range(5)))
    database = hub.commits.database
    await database.command("profile", 2)
    try:
        found = [device_id async for device_id in hub.journal.devices()]
    finally:
        await database.command("profile", 0)
    assert sorted(found) == [f"north/{number}" for number in range(5)]
    [profiled] = await database["system.profile"].find({"command.aggregate": "commits"}).to_list()
    assert "DISTINCT_SCAN" in profiled["planSummary"]
    assert profiled["keysExamined"] <= len(found) + 1
    assert profiled["docsExamined"] == 0
