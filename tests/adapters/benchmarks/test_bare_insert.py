"""What the database alone does is measured with copies, and with the indexes of the journal; nothing of it stays."""

from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.measures.bare_insert import DATABASE, bare_insert
from device_hub.journal.journal import Journal, open_collection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_copies_of_commits_are_inserted_and_gone_afterwards(mongod_url: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongod_url) as client:
        journal = open_collection(client["test_bare_insert"], "commits")
        await journal.drop()
        await Journal(journal, now=lambda: NOON).prepare()
        await journal.insert_many(
            [{"device_id": "SN-1", "revision": n, "report_id": f"r{n}"} for n in range(1, 1_201)]
        )
        done = await bare_insert(client, journal, {}, 1_000)
        assert done.rate > 0
        assert DATABASE not in await client.list_database_names()
        assert await journal.count_documents({}) == 1_200
