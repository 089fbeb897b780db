"""Group commit: many share one insert, each stands or falls alone; a real mongod with fail points."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener, CommandStartedEvent
from pymongo.write_concern import WriteConcern

from device_hub.journal.group_commit import (
    DocumentRefused,
    GroupCommit,
    Inserted,
    KeyTaken,
    WriteFailed,
    written,
)
from tests.neighbours.mongod import Mongod

Document = dict[str, Any]


class Inserts(CommandListener):
    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.ordered: list[bool] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "insert":
            self.sizes.append(len(event.command["documents"]))
            self.ordered.append(event.command["ordered"])

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


@pytest.fixture
def inserts() -> Inserts:
    return Inserts()


@pytest.fixture
async def collection(mongod_url: str, inserts: Inserts) -> AsyncIterator[AsyncCollection[Document]]:
    async with AsyncMongoClient[dict[str, Any]](
        mongod_url, event_listeners=[inserts], heartbeatFrequencyMS=500
    ) as client:
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


# --- chains --------------------------------------------------------------------------------------


def chain(name: str, count: int, **more: Any) -> list[RawBSONDocument]:
    return [written({"_id": f"{name}-{n}", "key": f"{name}-{n}", **more}) for n in range(count)]


async def keys(collection: AsyncCollection[Document], name: str) -> list[str]:
    found = collection.find({"key": {"$regex": f"^{name}-"}}, {"key": True})
    return sorted([each["key"] async for each in found], key=lambda key: int(key.split("-")[1]))


async def test_chains_that_are_ready_together_share_an_ordered_insert(
    collection: AsyncCollection[Document], inserts: Inserts
) -> None:
    group = GroupCommit(collection)
    told = await asyncio.gather(*(group.insert_chain(chain(f"c{n}", 10)) for n in range(40)))
    assert told == [Inserted(10)] * 40
    assert inserts.sizes == [400]
    assert inserts.ordered == [True]


async def test_a_chain_ends_at_a_taken_key_and_the_others_go_on(
    collection: AsyncCollection[Document],
) -> None:
    group = GroupCommit(collection)
    await group.insert({"key": "b-3"})
    first, broken, third = await asyncio.gather(
        *(group.insert_chain(chain(name, 6)) for name in ("a", "b", "c"))
    )
    assert (first, third) == (Inserted(6), Inserted(6))
    assert broken.count == 3
    assert isinstance(broken.stop, KeyTaken)
    assert await keys(collection, "b") == ["b-0", "b-1", "b-2", "b-3"]


@asynccontextmanager
async def troubled(collection: AsyncCollection[Document], *, after: int) -> AsyncIterator[None]:
    """Within the block mongod takes ``after`` documents, then none.

    It tries all of a command at once first (counted as one, skipped), and one by one when that fails: so the command
    has to hold a taken key, at its end.
    """
    admin = collection.database.client.admin
    await admin.command(
        "configureFailPoint",
        "failCollectionInserts",
        mode={"skip": after + 1},
        data={"collectionNS": collection.full_name},
    )
    try:
        yield
    finally:
        await admin.command("configureFailPoint", "failCollectionInserts", mode="off")


async def test_a_database_in_trouble_in_the_middle_of_a_chain_leaves_no_hole_and_blames_no_document(
    collection: AsyncCollection[Document],
) -> None:
    group = GroupCommit(collection)
    await group.insert({"key": "c-5"})
    async with troubled(collection, after=9):
        first, broken, third = await asyncio.gather(
            *(group.insert_chain(chain(name, 6)) for name in ("a", "b", "c"))
        )
    assert first == Inserted(6)
    assert broken.count == 3
    assert await keys(collection, "b") == ["b-0", "b-1", "b-2"]
    for stopped in (broken, third):
        assert isinstance(stopped.stop, WriteFailed)
    assert third.count == 0
    assert await group.insert_chain(chain("b", 6)[3:]) == Inserted(3)


async def test_a_database_in_trouble_with_a_lone_document_blames_no_document(
    collection: AsyncCollection[Document],
) -> None:
    group = GroupCommit(collection)
    await group.insert({"key": 3})
    async with troubled(collection, after=1):
        told = await asyncio.gather(
            *(group.insert({"key": key}) for key in (1, 2, 3)), return_exceptions=True
        )
    assert [type(each) for each in told] == [type(None), WriteFailed, WriteFailed]
    await group.insert({"key": 2})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("OutOfDiskSpace", 14031),
        ("NotWritablePrimary", 10107),
        ("PrimarySteppedDown", 189),
        ("InterruptedDueToReplStateChange", 11602),
        ("ShutdownInProgress", 91),
        ("MaxTimeMSExpired", 50),
        ("WriteConflict", 112),
        ("LockTimeout", 24),
        ("ExceededMemoryLimit", 146),
        ("Unauthorized", 13),
    ],
)
async def test_what_the_database_cannot_do_now_is_no_fault_of_a_document(
    collection: AsyncCollection[Document], name: str, code: int
) -> None:
    admin = collection.database.client.admin
    group = GroupCommit(collection)
    for attempt in ("alone", "chain"):
        await admin.command(
            "configureFailPoint",
            "failCommand",
            # Twice: the driver tries some of them again by itself.
            mode={"times": 2},
            data={"failCommands": ["insert"], "errorCode": code},
        )
        documents = chain(f"{name}{attempt}", 1 if attempt == "alone" else 3)
        told = await group.insert_chain(documents)
        await admin.command("configureFailPoint", "failCommand", mode="off")
        assert told.count == 0
        assert isinstance(told.stop, PyMongoError), told.stop


async def test_a_chain_without_its_majority_is_not_acknowledged(
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
    told = await GroupCommit(collection).insert_chain(chain("a", 5))
    await admin.command("configureFailPoint", "failCommand", mode="off")
    assert told.count == 0
    assert isinstance(told.stop, PyMongoError)


async def test_an_insert_is_bounded_in_bytes(
    collection: AsyncCollection[Document], inserts: Inserts
) -> None:
    group = GroupCommit(collection, most_bytes=100_000)
    fat = "x" * 30_000
    told = await asyncio.gather(
        *(group.insert_chain(chain(f"c{n}", 2, fat=fat)) for n in range(4)),
        *(group.insert({"key": n, "fat": fat}) for n in range(7)),
    )
    assert told[:4] == [Inserted(2)] * 4
    assert sorted(inserts.sizes) == [1, 2, 2, 2, 2, 3, 3]


async def test_a_kill_in_the_middle_of_chains_leaves_no_hole(tmp_path: Path) -> None:
    own = await asyncio.to_thread(Mongod.started, tmp_path)
    try:
        async with AsyncMongoClient[Document](
            own.url, serverSelectionTimeoutMS=1000, heartbeatFrequencyMS=500
        ) as client:
            commits = client["kill"].get_collection(
                "commits", write_concern=WriteConcern(w="majority", j=True)
            )
            await commits.create_index("key", unique=True)
            group = GroupCommit(commits)
            under_way = [
                asyncio.create_task(group.insert_chain(chain(f"c{n}", 100, fat="x" * 1500)))
                for n in range(60)
            ]
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.to_thread(own.kill)
            told = await asyncio.gather(*under_way)
            await asyncio.to_thread(own.start)
            for number, inserted in enumerate(told):
                name = f"c{number}"
                found = await keys(commits, name)
                assert found == [f"{name}-{n}" for n in range(len(found))], "a hole"
                assert len(found) >= inserted.count, "acknowledged and lost"
            assert any(inserted.stop for inserted in told)
            assert any(inserted.stop is None for inserted in told)
    finally:
        await asyncio.to_thread(own.stop)
