"""What the register needs of its collections, held against a real MongoDB and against those in memory.

So the schedules of the register (tests/specs/smoc/schedules) run against promises that MongoDB keeps.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from tests.specs.hub.schedules.choices import Choices
from tests.specs.smoc.schedules.database import MemoryClient

Document = dict[str, Any]


@pytest.fixture(params=["mongodb", "memory"])
async def devices(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield MemoryClient(Choices()).collection("devices")
        return
    url = request.getfixturevalue("mongod_url")
    async with AsyncMongoClient[Document](url, tz_aware=True) as client:
        await client.drop_database("test_register_collections")
        yield client["test_register_collections"]["devices"]


async def refused(devices: Any, *writes: Any) -> dict[int, int]:
    """Write; return which writes were refused, and by which code."""
    try:
        await devices.bulk_write([*writes], ordered=False, session=None)
    except BulkWriteError as error:
        return {one["index"]: one["code"] for one in (error.details or {})["writeErrors"]}
    return {}


async def held(devices: Any, *ids: Any) -> list[Document]:
    found = devices.find({"_id": {"$in": list(ids)}}, session=None, batch_size=10)
    return sorted([one async for one in found], key=lambda one: str(one["_id"]))


def replaced(condition: Document, **after: Any) -> ReplaceOne[Document]:
    return ReplaceOne({"_id": "a", **condition}, {"_id": "a", **after}, upsert=True)


async def test_an_id_is_taken_once_and_others_are_written(devices: Any) -> None:
    assert await refused(devices, InsertOne({"_id": "a", "n": 1})) == {}
    writes = [InsertOne({"_id": one, "n": 2}) for one in ("a", "b")]
    assert await refused(devices, *writes) == {0: 11000}
    assert [(one["_id"], one["n"]) for one in await held(devices, "a", "b")] == [("a", 1), ("b", 2)]


async def test_an_id_that_is_a_document_is_taken_once(devices: Any) -> None:
    key = {"device_id": "a", "revision": 1}
    assert await refused(devices, InsertOne({"_id": key})) == {}
    assert await refused(devices, InsertOne({"_id": key})) == {0: 11000}
    assert await refused(devices, InsertOne({"_id": {**key, "revision": 2}})) == {}


async def test_a_replacement_happens_only_if_its_condition_holds(devices: Any) -> None:
    first = {"revision": 0, "work.version": None}
    assert await refused(devices, replaced(first, revision=1)) == {}
    assert await refused(devices, replaced(first, revision=2)) == {0: 11000}
    assert await refused(devices, replaced({"revision": 1, "work.version": None}, revision=3)) == {}
    assert await held(devices, "a") == [{"_id": "a", "revision": 3}]


async def test_a_condition_on_a_field_within_and_on_one_that_is_missing(devices: Any) -> None:
    assert await refused(devices, InsertOne({"_id": "a", "work": {"version": 2}})) == {}
    assert await refused(devices, replaced({"work.version": 1}, n=1)) == {0: 11000}
    assert await refused(devices, replaced({"work.version": None}, n=2)) == {0: 11000}
    assert await refused(devices, replaced({"work.version": 2, "milestones": None}, n=3)) == {}
    assert (await held(devices, "a"))[0]["n"] == 3
