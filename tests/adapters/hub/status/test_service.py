"""What the hub's status finds in a real journal: commits that are not in the register, and what lies in quarantine."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient

from device_hub.journal.heads import Head, Heads
from device_hub.journal.journal import open_collection
from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.states import OPEN, REPLAY_REQUESTED
from device_hub.quarantine.store import Quarantine
from device_hub.status.progress import WatchedDeliveries
from service_chassis.scope import EVERYTHING
from service_status.hop import Hop, HopFacts
from tests.neighbours.mongod import Mongod

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Document = dict[str, Any]


@dataclass
class Hub:
    database: Any
    heads: Heads
    fails: bool = False

    def __post_init__(self) -> None:
        self.deliveries = WatchedDeliveries(
            self.deliver,
            Hop("journal to register", peer="smoc-service", now=lambda: NOON),
            open_collection(self.database, "commits"),
            open_collection(self.database, "positions"),
            self.heads,
            follower="register",
        )

    async def deliver(self, commits: Sequence[Document]) -> None:
        """As provisioning does: the register has them, then the heads move."""
        await self.heads.advance(
            [
                Head(device_id=one["device_id"], revision=one["revision"], silence_due_at=None)
                for one in commits
            ]
        )

    async def commit(self, device_id: str, revision: int, minute: int) -> Document:
        document = {
            "device_id": device_id,
            "revision": revision,
            "committed_at": NOON + timedelta(minutes=minute),
        }
        await self.database["commits"].insert_one(document)
        return document

    async def facts(self) -> HopFacts:
        [facts] = await self.deliveries.facts()
        return facts


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_hub_status")
        database = client["test_hub_status"]
        yield Hub(database, Heads(open_collection(database, "heads")))


async def test_a_journal_that_is_in_the_register_has_nothing_waiting(hub: Hub) -> None:
    assert (await hub.facts()).waiting_count == 0
    await hub.deliveries([await hub.commit("north/1", 1, 0), await hub.commit("north/2", 1, 1)])
    facts = await hub.facts()
    assert (facts.waiting_count, facts.done_count) == (0, 2)


async def test_commits_that_nobody_delivered_wait_since_the_oldest_was_committed(
    hub: Hub,
) -> None:
    await hub.deliveries([await hub.commit("north/1", 1, 0)])
    await hub.commit("north/1", 2, 5)
    await hub.commit("north/2", 1, 6)
    facts = await hub.facts()
    assert (facts.waiting_count, facts.waiting_since) == (2, NOON + timedelta(minutes=5))
    assert "2 commits of the journal are not in the register" in facts.detail


async def test_what_another_replica_delivered_does_not_wait(hub: Hub) -> None:
    first = await hub.commit("north/1", 1, 0)
    second = await hub.commit("north/2", 1, 1)
    other = Hub(hub.database, hub.heads)
    await other.deliveries([first, second])
    assert (await hub.facts()).waiting_count == 0


async def test_who_followed_long_ago_still_sees_what_waits(hub: Hub) -> None:
    """Another replica follows by now, and has delivered more than is looked through."""
    await hub.deliveries([await hub.commit("north/1", 1, 0)])
    later = [
        {"_id": ObjectId(), "device_id": f"north/{n}", "revision": 1, "committed_at": NOON}
        for n in range(2, 1_202)
    ]
    await hub.database["commits"].insert_many(later)
    await Hub(hub.database, hub.heads).deliveries(later)
    await hub.database["positions"].insert_one({"_id": "register", "last_id": later[-1]["_id"]})
    await hub.commit("north/1", 2, 5)
    facts = await hub.facts()
    assert (facts.waiting_count, facts.waiting_since) == (1, NOON + timedelta(minutes=5))


async def test_ids_that_did_not_come_in_their_order_are_no_standstill(hub: Hub) -> None:
    later = await hub.commit("north/1", 1, 0)
    last = await hub.commit("north/2", 1, 0)
    # The stream told them the other way round, and the follower keeps the one that came last.
    await hub.deliveries([last, later])
    await hub.database["positions"].insert_one({"_id": "register", "last_id": later["_id"]})
    assert (await Hub(hub.database, hub.heads).facts()).waiting_count == 0


async def test_of_a_long_backlog_no_more_than_a_thousand_are_counted(hub: Hub) -> None:
    await hub.database["commits"].insert_many(
        [{"device_id": f"north/{n}", "revision": 1, "committed_at": NOON} for n in range(1_200)]
    )
    facts = await hub.facts()
    assert facts.waiting_count == 1_000
    assert "1,000 or more commits" in facts.detail


async def test_without_the_database_what_is_known_is_told(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    mongod = Mongod.started(tmp_path_factory.mktemp("mongod"))
    async with AsyncMongoClient[Document](
        mongod.url, tz_aware=True, serverSelectionTimeoutMS=500
    ) as client:
        hub = Hub(client["test_hub_status"], Heads(client["test_hub_status"]["heads"]))
        await hub.deliveries([await hub.commit("north/1", 1, 0)])
        mongod.stop()
        assert (await hub.facts()).done_count == 1


async def test_the_quarantine_is_counted_with_the_age_of_its_oldest(mongod_url: str) -> None:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_hub_status")
        messages = open_collection(client["test_hub_status"], "quarantine")
        bodies = QuarantinedBodies(open_collection(client["test_hub_status"], "bodies"))
        quarantine = Quarantine(messages, bodies, resolved_kept=timedelta(days=1))
        await quarantine.prepare()
        assert await quarantine.waiting(OPEN) == (0, None)
        for number in range(3):
            at = NOON + timedelta(minutes=number)
            await quarantine.store([{"_id": f"q{number}", "network": "north", "reason": "x"}], at)
        assert await quarantine.waiting(OPEN) == (3, NOON)
        asked_at = NOON + timedelta(hours=1)
        await quarantine.request_replay(["q1"], EVERYTHING, all_open=False, reason="", at=asked_at)
        assert await quarantine.waiting(REPLAY_REQUESTED) == (1, asked_at)
