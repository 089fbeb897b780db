"""Heads move forward, many of them as one, and one that is ahead already stands in no other's way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from device_hub.journal.heads import Head, Heads
from device_hub.journal.journal import open_collection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Document = dict[str, Any]


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as opened:
        await opened.drop_database("test_heads")
        yield opened


@pytest.fixture
async def heads(client: AsyncMongoClient[Document]) -> Heads:
    made = Heads(open_collection(client["test_heads"], "heads"))
    await made.prepare()
    return made


def many(revision: int, count: int) -> list[Head]:
    return [
        Head(
            device_id=f"north/{number:03}",
            revision=revision,
            silence_due_at=NOON + timedelta(hours=revision),
            place=f"north/UP-{number}-{revision}",
        )
        for number in range(count)
    ]


def revisions(heads: list[Head]) -> dict[str, int]:
    return {head.device_id: head.revision for head in heads}


@pytest.mark.parametrize("count", [1, 7, 8, 300])
async def test_heads_that_are_new_and_heads_that_move_are_all_there(
    heads: Heads, count: int
) -> None:
    await heads.advance(many(1, count // 2))
    await heads.advance(many(2, count))
    held = dict(await heads.after("", count + 1))
    assert held == revisions(many(2, count))
    found = [device_id async for device_id in heads.silent_since(NOON + timedelta(hours=3))]
    assert sorted(found) == sorted(held)


@pytest.mark.parametrize("count", [7, 300])
async def test_a_head_that_is_ahead_stays_and_keeps_no_other_back(heads: Heads, count: int) -> None:
    ahead = Head(device_id="north/003", revision=9, silence_due_at=None, place="north/UP-9")
    await heads.advance([ahead])
    await heads.advance(many(2, count))
    assert dict(await heads.after("", count + 1)) == revisions(many(2, count)) | {"north/003": 9}
    assert await heads.at({"north/UP-9"}) == {"north/UP-9": ["north/003"]}


async def test_many_heads_move_as_one(heads: Heads, client: AsyncMongoClient[Document]) -> None:
    async with await client["test_heads"]["heads"].watch() as stream:
        await heads.advance(many(1, 50))
        async with asyncio.timeout(30):
            changes = [await anext(stream) for _ in range(50)]
    assert {one["documentKey"]["_id"] for one in changes} == revisions(many(1, 50)).keys()
    assert len({one["clusterTime"] for one in changes}) == 1
