"""Group commit: many share one insert, each stands or falls alone; a real mongod with fail points."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener, CommandStartedEvent
from pymongo.write_concern import WriteConcern

from device_hub.group_commit import DocumentRefused, GroupCommit, KeyTaken

Document = dict[str, Any]


class Inserts(CommandListener):
    def __init__(self) -> None:
        self.sizes: list[int] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "insert":
            self.sizes.append(len(event.command["documents"]))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


@pytest.fixture
def inserts() -> Inserts:
    return Inserts()


@pytest.fixture
async def collection(mongod_url: str, inserts: Inserts) -> AsyncIterator[AsyncCollection[Document]]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, event_listeners=[inserts]) as client:
        await client.drop_database("test_group_commit")
        made = client["test_group_commit"].get_collection(
            "commits", write_concern=WriteConcern(w="majority", j=True)
        )
        await made.create_index("key", unique=True)
        yield made


async def test_documents_that_are_ready_together_share_inserts(
    collection: AsyncCollection[Document], inserts: Inserts
) -> None:
    group = GroupCommit(collection, most=100)
    await asyncio.gather(*(group.insert({"key": number}) for number in range(1000)))
    assert await collection.count_documents({}) == 1000
    assert len(inserts.sizes) <= 12
    assert max(inserts.sizes) <= 100


async def test_a_taken_key_fails_its_own_document_only(
    collection: AsyncCollection[Document],
) -> None:
    group = GroupCommit(collection)
    await group.insert({"key": 7})
    results = await asyncio.gather(
        *(group.insert({"key": number}) for number in range(10)), return_exceptions=True
    )
    assert [type(result) for result in results if result is not None] == [KeyTaken]
    assert await collection.count_documents({}) == 10


async def test_a_document_the_database_cannot_take_fails_alone(
    collection: AsyncCollection[Document],
) -> None:
    await collection.database.command("collMod", "commits", validator={"bad": {"$ne": True}})
    group = GroupCommit(collection)
    results = await asyncio.gather(
        group.insert({"key": 1}), group.insert({"key": 2, "bad": True}), return_exceptions=True
    )
    assert results[0] is None
    assert isinstance(results[1], DocumentRefused)


async def test_a_document_the_driver_cannot_write_down_fails_alone(
    collection: AsyncCollection[Document],
) -> None:
    group = GroupCommit(collection)
    results = await asyncio.gather(
        group.insert({"key": 1}),
        group.insert({"key": 2, "nul\0": True}),
        group.insert({"key": 3, "large": "x" * 17_000_000}),
        group.insert({"key": 4, "number": 2**70}),
        group.insert({"key": 5}),
        return_exceptions=True,
    )
    assert [type(result) for result in results if result is not None] == [DocumentRefused] * 3
    assert await collection.count_documents({}) == 2


async def test_an_insert_that_fails_tells_everyone_who_waits(
    collection: AsyncCollection[Document],
) -> None:
    admin = collection.database.client.admin
    await admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 2},
        data={"failCommands": ["insert"], "errorCode": 96},
    )
    group = GroupCommit(collection)
    results = await asyncio.gather(
        *(group.insert({"key": number}) for number in range(5)), return_exceptions=True
    )
    await admin.command("configureFailPoint", "failCommand", mode="off")
    assert all(isinstance(result, PyMongoError) for result in results)
    await group.insert({"key": 99})


async def test_a_commit_without_its_majority_is_not_acknowledged(
    collection: AsyncCollection[Document],
) -> None:
    admin = collection.database.client.admin
    await admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 1},
        data={
            "failCommands": ["insert"],
            "writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"},
        },
    )
    with pytest.raises(PyMongoError):
        await GroupCommit(collection).insert({"key": 1})
    await admin.command("configureFailPoint", "failCommand", mode="off")
