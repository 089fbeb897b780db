"""The follower sees every commit, whatever happens to its position; a real change stream feeds it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from device_hub.follower import Follower

Document = dict[str, Any]
Database = Any


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as opened:
        await opened.drop_database("test_follower")
        yield opened


class Listener:
    """Remembers what it was told; ``until`` waits for a condition on it."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.groups: list[int] = []
        self._changed = asyncio.Condition()

    async def deliver(self, group: Sequence[Document]) -> None:
        async with self._changed:
            self.numbers += [document["number"] for document in group]
            self.groups.append(len(group))
            self._changed.notify_all()

    async def until(self, condition: Callable[[list[int]], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: condition(self.numbers))


def follower_of(
    client: AsyncMongoClient[Document], listener: Listener, most: int = 500
) -> Follower:
    database = client["test_follower"]
    return Follower(
        name="test",
        client=client,
        commits=database["commits"],
        positions=database["positions"],
        deliver=listener.deliver,
        most=most,
    )


@asynccontextmanager
async def running(follower: Follower) -> AsyncIterator[None]:
    task = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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
