"""The follower sees every commit, whatever happens to its position; a real change stream feeds it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect
from pymongo.write_concern import WriteConcern
from structlog.testing import capture_logs

from device_hub.journal.follower import Follower
from device_hub.journal.journal import open_collection
from device_hub.journal.lease import Holder
from device_hub.journal.newer import WrittenByNewerHub

Document = dict[str, Any]
Database = Any


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as opened:
        await opened.drop_database("test_follower")
        yield opened


class Listener:
    """Remembers what it was told, a number once, as receivers do; ``until`` waits for a condition on it."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.groups: list[int] = []
        self._changed = asyncio.Condition()

    async def deliver(self, group: Sequence[Document]) -> None:
        async with self._changed:
            told = [document["number"] for document in group]
            self.numbers += [number for number in told if number not in self.numbers]
            self.groups.append(len(group))
            self._changed.notify_all()

    async def until(self, condition: Callable[[list[int]], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: condition(self.numbers))


def follower_of(
    client: AsyncMongoClient[Document],
    listener: Listener,
    most: int = 500,
    most_bytes: int = 2**23,
) -> Follower:
    database = client["test_follower"]
    return Follower(
        name="test",
        client=client,
        commits=database["commits"],
        positions=database["positions"],
        deliver=listener.deliver,
        most=most,
        most_bytes=most_bytes,
    )


@asynccontextmanager
async def running(follower: Follower) -> AsyncIterator[None]:
    task = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended


async def commit(client: AsyncMongoClient[Document], *numbers: int) -> None:
    await client["test_follower"]["commits"].insert_many([{"number": n} for n in numbers])


async def until_kept(client: AsyncMongoClient[Document]) -> None:
    positions = client["test_follower"]["positions"]
    async with asyncio.timeout(20):
        while not (await positions.find_one({"_id": "test"}) or {}).get("resume_token"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_lay_there_before_and_what_comes_after_is_delivered_in_order(
    client: AsyncMongoClient[Document],
) -> None:
    await commit(client, 1, 2, 3)
    listener = Listener()
    async with running(follower_of(client, listener)):
        await listener.until(lambda numbers: numbers == [1, 2, 3])
        await commit(client, 4, 5)
        await listener.until(lambda numbers: numbers == [1, 2, 3, 4, 5])


async def test_it_resumes_where_it_was_and_misses_nothing(
    client: AsyncMongoClient[Document],
) -> None:
    first = Listener()
    async with running(follower_of(client, first)):
        await commit(client, 1)
        await first.until(lambda numbers: numbers == [1])
        await until_kept(client)
    await commit(client, 2, 3)
    second = Listener()
    async with running(follower_of(client, second)):
        await second.until(lambda numbers: {2, 3} <= set(numbers))


async def test_what_was_not_delivered_to_the_end_is_delivered_again(
    client: AsyncMongoClient[Document],
) -> None:
    class Broken(Exception):
        pass

    async def refuse(group: Sequence[Document]) -> None:
        raise Broken(group)

    await commit(client, 1)
    listener = Listener()
    follower = follower_of(client, listener)
    broken = Follower(
        name="test",
        client=client,
        commits=follower.commits,
        positions=follower.positions,
        deliver=refuse,
    )
    with pytest.raises(Broken):
        await asyncio.wait_for(broken.run(), 20)
    async with running(follower):
        await listener.until(lambda numbers: numbers == [1])


async def test_a_delivery_that_fails_again_and_again_is_one_trouble_whose_pauses_grow(
    client: AsyncMongoClient[Document],
) -> None:
    listener = Listener()
    errors = [AutoReconnect("no primary"), AutoReconnect("still none")]

    async def deliver(group: Sequence[Document]) -> None:
        if errors and group[0]["number"] == 2:
            raise errors.pop()
        await listener.deliver(group)

    await commit(client, 1)
    with capture_logs() as lines:
        async with running(replace(follower_of(client, listener), deliver=deliver)):
            await listener.until(lambda numbers: numbers == [1])
            await until_kept(client)
            await commit(client, 2)
            await listener.until(lambda numbers: numbers == [1, 2])
            await commit(client, 3)
            await listener.until(lambda numbers: numbers == [1, 2, 3])
    assert [line["failures"] for line in lines if line["event"] == "works again"] == [2]


async def test_a_position_that_cannot_be_used_leads_to_catching_up(
    client: AsyncMongoClient[Document],
) -> None:
    await commit(client, 1, 2)
    await client["test_follower"]["positions"].insert_one(
        {"_id": "test", "resume_token": {"_data": "8200000000000000002B0229296E04"}}
    )
    listener = Listener()
    async with running(follower_of(client, listener)):
        await commit(client, 3)
        await listener.until(lambda numbers: {1, 2, 3} <= set(numbers))


async def test_groups_are_bounded(client: AsyncMongoClient[Document]) -> None:
    await commit(client, *range(25))
    listener = Listener()
    async with running(follower_of(client, listener, most=10)):
        await listener.until(lambda numbers: len(numbers) >= 25)
    assert max(listener.groups) <= 10


async def test_groups_are_bounded_in_bytes_while_catching_up_and_while_following(
    client: AsyncMongoClient[Document],
) -> None:
    commits = client["test_follower"]["commits"]
    large = "x" * 10_000
    await commits.insert_many([{"number": n, "text": large} for n in range(10)])
    listener = Listener()
    async with running(follower_of(client, listener, most_bytes=25_000)):
        await listener.until(lambda numbers: len(numbers) >= 10)
        await commits.insert_many([{"number": n, "text": large} for n in range(10, 20)])
        await listener.until(lambda numbers: len(numbers) >= 20)
    assert listener.numbers == list(range(20))
    assert max(listener.groups) <= 3


async def test_a_commit_larger_than_a_group_travels_alone(
    client: AsyncMongoClient[Document],
) -> None:
    commits = client["test_follower"]["commits"]
    listener = Listener()
    async with running(follower_of(client, listener, most_bytes=1_000)):
        await commits.insert_one({"number": 1, "text": "x" * 5_000})
        await commits.insert_one({"number": 2, "text": "x" * 5_000})
        await listener.until(lambda numbers: numbers == [1, 2])
    assert set(listener.groups) == {1}


@asynccontextmanager
async def nothing_becomes_durable(client: AsyncMongoClient[Document]) -> AsyncIterator[None]:
    """The database writes, and tells its newest time; what a majority holds stays as it was.

    Its thread that flushes the journal waits for a request meanwhile. It goes on waiting afterwards, until there is
    one, and whoever waits for a majority without one (a drop, for example) would wait for ever.
    """
    await client.admin.command("configureFailPoint", "pauseJournalFlusherThread", mode="alwaysOn")
    try:
        yield
    finally:
        await client.admin.command("configureFailPoint", "pauseJournalFlusherThread", mode="off")
        flushed = client["test_follower"].get_collection(
            "flushed", write_concern=WriteConcern(w=1, j=True)
        )
        await flushed.insert_one({})


async def until_it_watches(client: AsyncMongoClient[Document]) -> None:
    """Return when the scan is over and the stream of changes is open."""
    asked: list[Document] = [
        {"$currentOp": {"allUsers": True}},
        {"$match": {"ns": "test_follower.commits", "op": "getmore"}},
    ]
    async with asyncio.timeout(20):
        while not await (await client.admin.aggregate(asked)).to_list():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_commit_that_no_majority_holds_yet_while_it_catches_up_is_not_missed(
    client: AsyncMongoClient[Document],
) -> None:
    commits = open_collection(client["test_follower"], "commits")
    await commits.insert_one({"number": 0})
    await commits.delete_many({})
    unsafe = commits.with_options(write_concern=WriteConcern(w=1, j=False))
    listener = Listener()
    follower = Follower(
        name="test",
        client=client,
        commits=commits,
        positions=client["test_follower"]["positions"],
        deliver=listener.deliver,
    )
    async with AsyncExitStack() as stack:
        async with nothing_becomes_durable(client):
            await unsafe.insert_one({"number": 1})
            await unsafe.insert_one({"number": 2})
            await stack.enter_async_context(running(follower))
            await until_it_watches(client)
        await listener.until(lambda numbers: numbers == [1, 2])


async def test_a_host_whose_clock_is_ahead_hides_nothing_that_others_committed(
    client: AsyncMongoClient[Document],
) -> None:
    """Its ``_id`` is of tomorrow: whoever looks back from there alone misses a day."""
    commits = client["test_follower"]["commits"]
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    listener = Listener()
    async with running(follower_of(client, listener)):
        await commits.insert_one({"_id": ObjectId.from_datetime(tomorrow), "number": 1})
        await listener.until(lambda numbers: numbers == [1])
        await until_kept(client)
    await commit(client, 2)
    await client["test_follower"]["positions"].update_one(
        {"_id": "test"}, {"$set": {"resume_token": {"_data": "8200000000000000002B0229296E04"}}}
    )
    second = Listener()
    async with running(follower_of(client, second)):
        await second.until(lambda numbers: 2 in numbers)


async def test_what_a_newer_hub_wrote_is_left_to_it_and_the_older_one_lives_on(
    client: AsyncMongoClient[Document],
) -> None:
    older_met = asyncio.Event()

    async def older(group: Sequence[Document]) -> None:
        older_met.set()
        raise WrittenByNewerHub(f"{len(group)} commits")

    await commit(client, 1)
    listener = Listener()
    newer = follower_of(client, listener)
    async with running(replace(newer, deliver=older, holder=Holder())):
        await asyncio.wait_for(older_met.wait(), 20)
        async with running(newer):
            await listener.until(lambda numbers: numbers == [1])
            await commit(client, 2)
            await listener.until(lambda numbers: numbers == [1, 2])
