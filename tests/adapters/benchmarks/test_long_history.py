"""A device with a long history is one that the hub's own journal reads, and goes on with."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from benchmarks.devices.long_history import lengthen
from benchmarks.trouble import BenchFailed
from device_hub.device.commands import RecordEvent, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.journal.journal import Journal, open_collection
from device_hub.turns.history import Memory
from device_hub.turns.turn import recall, take_turn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEVICE = "north/SN-1"
POWER_LOST = RecordEvent(
    facts=ReportFacts(network="north", identifier="SN-1", received_at=NOON, occurred_at=NOON),
    event=EndDeviceEvent(code="3.26.0.85", meaning=Meaning.POWER_LOST),
)


async def test_a_history_is_as_long_as_asked_and_the_next_report_follows_it(
    mongod_url: str,
) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_long_history")
        commits = open_collection(client["test_long_history"], "commits")
        journal = Journal(commits, now=lambda: NOON)
        await journal.prepare()

        async def turn(report_id: str) -> int:
            taken = await take_turn(
                journal,
                await recall(journal, DEVICE, Memory()),
                device_id=DEVICE,
                report_id=report_id,
                command=POWER_LOST,
                rules=Rules(),
            )
            return taken.memory.revision

        await turn("first")
        before = await journal.newest(DEVICE, 0)
        await lengthen(commits, DEVICE, 1_234)
        after = await journal.newest(DEVICE, 0)
        assert before is not None
        assert after == Memory(device=before.device, revision=1_234)
        assert await commits.count_documents({"device_id": DEVICE}) == 1_234
        assert await turn("last") == 1_235


async def test_a_device_that_is_not_there_has_no_history(mongod_url: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongod_url) as client:
        with pytest.raises(BenchFailed, match="no commit of north/SN-2"):
            await lengthen(client["test_long_history"]["commits"], "north/SN-2", 10)
