"""Many writes as one, against a real MongoDB: all or none, whoever else writes, and whoever was killed."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from joint_writes import JointWrites, StandsInTheWay

Document = dict[str, Any]

# A process that writes number 3 in a transaction, says so, and gets no further.
KILLED_IN_THE_MIDDLE = """
import sys
from pymongo import MongoClient
client = MongoClient(sys.argv[1])
session = client.start_session()
session.start_transaction()
found = {"$set": {"of": "the killed one"}}
client["test_joint"]["numbers"].update_one({"_id": 3}, found, session=session)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def numbers(mongod_url: str) -> AsyncIterator[AsyncCollection[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_joint")
        collection = client["test_joint"]["numbers"]
        await collection.insert_many([{"_id": number, "of": "before"} for number in range(5)])
        yield collection


async def held(numbers: AsyncCollection[Document]) -> dict[int, str]:
    return {one["_id"]: one["of"] async for one in numbers.find()}


BEFORE = dict.fromkeys(range(5), "before")
AFTER = dict.fromkeys(range(20), "after")


class Twenty:
    """Writes twenty numbers, and counts how often it was asked to."""

    def __init__(self, numbers: AsyncCollection[Document]) -> None:
        self.numbers = numbers
        self.times = 0

    async def __call__(self, session: AsyncClientSession) -> None:
        self.times += 1
        writes = [ReplaceOne({"_id": n}, {"of": "after"}, upsert=True) for n in range(20)]
        await self.numbers.bulk_write(writes, session=session)


async def test_all_is_one_operation_for_the_database(numbers: AsyncCollection[Document]) -> None:
    async with await numbers.watch() as stream:
        assert await JointWrites(numbers.database.client).done(Twenty(numbers), writes=20)
        async with asyncio.timeout(30):
            changes = [await anext(stream) for _ in range(20)]
    assert await held(numbers) == AFTER
    assert len({change["clusterTime"] for change in changes}) == 1


async def test_few_writes_are_left_to_the_caller(numbers: AsyncCollection[Document]) -> None:
    work = Twenty(numbers)
    assert not await JointWrites(numbers.database.client).done(work, writes=7)
    assert work.times == 0


async def test_a_document_that_is_there_already_keeps_all_back(
    numbers: AsyncCollection[Document],
) -> None:
    async def insert(session: AsyncClientSession) -> None:
        await numbers.insert_many([{"_id": n, "of": "after"} for n in (8, 9, 4)], session=session)

    assert not await JointWrites(numbers.database.client).done(insert, writes=20)
    assert await held(numbers) == BEFORE


async def test_what_the_work_finds_in_its_way_keeps_all_back(
    numbers: AsyncCollection[Document],
) -> None:
    async def find(session: AsyncClientSession) -> None:
        await Twenty(numbers)(session)
        raise StandsInTheWay

    assert not await JointWrites(numbers.database.client).done(find, writes=20)
    assert await held(numbers) == BEFORE


async def test_a_defect_of_the_work_is_raised_and_nothing_is_done(
    numbers: AsyncCollection[Document],
) -> None:
    async def fail(session: AsyncClientSession) -> None:
        await Twenty(numbers)(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await JointWrites(numbers.database.client).done(fail, writes=20)
    assert await held(numbers) == BEFORE


async def test_another_s_change_in_between_has_it_done_again(
    numbers: AsyncCollection[Document],
) -> None:
    work = Twenty(numbers)

    async def meet(session: AsyncClientSession) -> None:
        await numbers.find_one({"_id": 3}, session=session)
        if not work.times:
            await numbers.update_one({"_id": 3}, {"$set": {"of": "another"}})
        await work(session)

    assert await JointWrites(numbers.database.client).done(meet, writes=20)
    assert work.times == 2
    assert await held(numbers) == AFTER


async def test_who_meets_others_again_and_again_does_nothing(
    numbers: AsyncCollection[Document],
) -> None:
    work = Twenty(numbers)

    async def meet(session: AsyncClientSession) -> None:
        await numbers.find_one({"_id": 3}, session=session)
        await numbers.update_one({"_id": 3}, {"$set": {"of": f"another {work.times}"}})
        await work(session)

    assert not await JointWrites(numbers.database.client).done(meet, writes=20)
    assert await held(numbers) == BEFORE | {3: f"another {work.times - 1}"}


async def test_what_a_killed_process_left_open_is_ended(
    mongod_url: str, numbers: AsyncCollection[Document]
) -> None:
    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", KILLED_IN_THE_MIDDLE, mongod_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"open\n"
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    joint = JointWrites(numbers.database.client, left_after=timedelta(0))
    assert await joint.done(Twenty(numbers), writes=20)
    assert await held(numbers) == AFTER


async def test_one_that_is_at_work_is_not_ended(numbers: AsyncCollection[Document]) -> None:
    joint = JointWrites(numbers.database.client, left_after=timedelta(minutes=1))
    async with (
        numbers.database.client.start_session() as other,
        await other.start_transaction(),
    ):
        await numbers.update_one({"_id": 3}, {"$set": {"of": "the other"}}, session=other)
        assert not await joint.done(Twenty(numbers), writes=20)
    assert await held(numbers) == BEFORE | {3: "the other"}


async def test_one_that_was_ended_knows_that_nothing_was_done(
    numbers: AsyncCollection[Document],
) -> None:
    joint = JointWrites(numbers.database.client, left_after=timedelta(0))
    async with numbers.database.client.start_session() as other:
        await other.start_transaction()
        await numbers.update_one({"_id": 3}, {"$set": {"of": "the other"}}, session=other)
        await joint.end_left()
        with pytest.raises(OperationFailure) as raised:
            await other.commit_transaction()
    assert raised.value.has_error_label("TransientTransactionError")
    assert await held(numbers) == BEFORE
