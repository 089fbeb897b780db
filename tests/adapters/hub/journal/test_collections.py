"""What the journal needs of its collection, held against a real MongoDB and against the one in memory.

So the thousands of schedules (tests/specs/hub/schedules) run against promises that MongoDB keeps.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError

from device_hub.journal.group_commit import written
from device_hub.journal.journal import BY_REPORT, BY_REVISION, Journal, open_collection
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.database import MemoryCommits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Document = dict[str, Any]


@pytest.fixture(params=["mongodb", "memory"])
async def commits(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield MemoryCommits(Choices())
        return
    url = request.getfixturevalue("mongod_url")
    async with AsyncMongoClient[Document](url, tz_aware=True) as client:
        await client.drop_database("test_collections")
        collection = open_collection(client["test_collections"], "commits")
        await Journal(collection, now=lambda: NOON).prepare()
        yield collection


def document(device: str, revision: int, report: str = "") -> RawBSONDocument:
    return written(
        {
            "device_id": device,
            "revision": revision,
            "report_id": report or f"{device}-{revision}",
            "at": NOON,
        }
    )


async def refused(commits: Any, documents: Sequence[Any], *, ordered: bool) -> dict[int, int]:
    """Insert; return which documents were refused, and by which code."""
    try:
        await commits.insert_many(documents, ordered=ordered)
    except BulkWriteError as error:
        told = error.details or {}
        assert not told["writeConcernErrors"]
        return {one["index"]: one["code"] for one in told["writeErrors"]}
    return {}


async def held(commits: Any) -> list[tuple[str, int]]:
    found = await commits.find({"device_id": {"$in": ["a", "b", "c"]}}).to_list()
    return sorted((one["device_id"], one["revision"]) for one in found)


async def test_what_is_inserted_is_read_back_byte_for_byte(commits: Any) -> None:
    wanted = document("a", 1)
    await commits.insert_many([wanted], ordered=True)
    [found] = await commits.find({"device_id": "a"}).to_list()
    assert bson.encode(found) == bytes(wanted.raw)
    assert found["at"] == NOON


async def test_an_ordered_insert_ends_at_the_first_that_is_not_taken(commits: Any) -> None:
    await commits.insert_many([document("a", 2)], ordered=True)
    chain = [document("a", revision, f"r{revision}") for revision in (1, 2, 3)]
    assert await refused(commits, chain, ordered=True) == {1: 11000}
    assert await held(commits) == [("a", 1), ("a", 2)]


async def test_an_unordered_insert_takes_each_that_it_can(commits: Any) -> None:
    await commits.insert_many([document("b", 1)], ordered=True)
    lone = [document("a", 1), document("b", 1, "another"), document("c", 1)]
    assert await refused(commits, lone, ordered=False) == {1: 11000}
    assert await held(commits) == [("a", 1), ("b", 1), ("c", 1)]


async def test_a_report_counts_once_for_its_device_and_again_for_another(commits: Any) -> None:
    await commits.insert_many([document("a", 1, "r")], ordered=True)
    assert await refused(commits, [document("a", 2, "r")], ordered=True) == {0: 11000}
    assert await refused(commits, [document("b", 1, "r")], ordered=True) == {}


async def test_the_newest_behind_a_revision_is_found(commits: Any) -> None:
    await commits.insert_many([document("a", n) for n in (1, 2, 3)], ordered=True)
    newest = [("revision", -1)]
    for after, expected in ((0, 3), (2, 3), (3, None)):
        found = await commits.find_one({"device_id": "a", "revision": {"$gt": after}}, sort=newest)
        assert (found and found["revision"]) == expected


async def test_commits_are_found_in_order_and_so_many(commits: Any) -> None:
    await commits.insert_many([document("a", n) for n in (1, 2, 3, 4)], ordered=True)
    query = {"device_id": "a", "revision": {"$gt": 1}}
    found = await commits.find(query).sort("revision", 1).limit(2).to_list()
    assert [one["revision"] for one in found] == [2, 3]
    until = commits.find({"device_id": "a", "revision": {"$lte": 2}}).sort("revision", -1)
    assert [one["revision"] async for one in until] == [2, 1]


async def test_reports_of_several_devices_are_found(commits: Any) -> None:
    await commits.insert_many([document("a", 1, "r"), document("b", 1, "r")], ordered=True)
    pairs = [
        {"device_id": "a", "report_id": {"$in": ["r", "s"]}},
        {"device_id": "b", "report_id": {"$in": ["s"]}},
    ]
    found = commits.find({"$or": pairs}, {"_id": False, "device_id": True}, hint=BY_REPORT)
    assert [one["device_id"] async for one in found] == ["a"]


async def test_the_newest_of_several_devices_are_found(commits: Any) -> None:
    await commits.insert_many([document("a", 1), document("b", 1), document("a", 2)], ordered=True)
    pipeline = [
        {"$match": {"device_id": {"$in": ["a", "b", "c"]}}},
        {"$sort": {"device_id": -1, "revision": -1}},
        {"$group": {"_id": "$device_id", "newest": {"$first": "$$ROOT"}}},
    ]
    cursor = await commits.aggregate(pipeline, hint=BY_REVISION, batchSize=4)
    assert {one["_id"]: one["newest"]["revision"] async for one in cursor} == {"a": 2, "b": 1}
