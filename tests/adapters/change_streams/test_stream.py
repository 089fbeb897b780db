"""A change stream of a real MongoDB: from where it begins, and when there is no way on."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect

from change_streams import Changes, Position, PositionLost, changes, follow, point_of_time
from service_chassis.retries import Backoff, Retries

Document = dict[str, Any]

INSERTED: list[Mapping[str, Any]] = [{"$match": {"operationType": "insert"}}]


@pytest.fixture
async def numbers(mongod_url: str) -> AsyncIterator[AsyncCollection[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True, w="majority") as client:
        await client.drop_database("test_change_streams")
        yield client["test_change_streams"]["numbers"]


async def add(numbers: AsyncCollection[Document], *added: int) -> None:
    await numbers.insert_many([{"_id": number} for number in added])


async def lost_position(numbers: AsyncCollection[Document]) -> Position:
    """Return a position from before the collection was made anew."""
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        await add(numbers, 1)
        await read(stream, 1)
        position = stream.position
    await numbers.drop()
    return position


async def read(stream: Changes[Document], count: int) -> list[int]:
    found: list[int] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            event = await stream.next()
            if event is not None:
                found.append(event["fullDocument"]["_id"])
    return found


async def test_a_stream_without_a_position_begins_now(numbers: AsyncCollection[Document]) -> None:
    await add(numbers, 1)
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        await add(numbers, 2)
        assert await read(stream, 1) == [2]


async def test_a_stream_that_opens_with_changes_has_its_position_when_the_first_is_read(
    numbers: AsyncCollection[Document],
) -> None:
    await add(numbers, 1)
    before = await point_of_time(numbers)
    await add(numbers, 2, 3)
    async with changes(numbers, INSERTED, since=before, patience_seconds=0.1) as stream:
        had_position = [stream.has_position]
        with pytest.raises(TypeError, match="no position before the first change"):
            _ = stream.position
        [first] = await read(stream, 1)
        had_position.append(stream.has_position)
        position = stream.position
    assert had_position == [False, True]
    async with changes(numbers, INSERTED, after=position, patience_seconds=0.1) as stream:
        assert stream.has_position
        assert await read(stream, 3 - first) == list(range(first + 1, 4))


async def test_a_stream_goes_on_behind_its_position(numbers: AsyncCollection[Document]) -> None:
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        await add(numbers, 1, 2)
        assert await read(stream, 1) == [1]
        position = stream.position
    await add(numbers, 3)
    async with changes(numbers, INSERTED, after=position, patience_seconds=0.1) as stream:
        assert await read(stream, 2) == [2, 3]


async def test_a_position_comes_before_a_point_of_time(numbers: AsyncCollection[Document]) -> None:
    await add(numbers, 1)
    point = await point_of_time(numbers)
    async with changes(numbers, INSERTED, since=point, patience_seconds=0.1) as stream:
        await add(numbers, 2, 3)
        # What was written at that very point comes again.
        assert await read(stream, 2) == [1, 2]
        position = stream.position
    async with changes(
        numbers, INSERTED, after=position, since=point, patience_seconds=0.1
    ) as stream:
        assert await read(stream, 1) == [3]


async def test_a_collection_that_is_not_there_has_no_point_of_time_yet(
    numbers: AsyncCollection[Document],
) -> None:
    with pytest.raises(AutoReconnect, match="numbers is not there yet"):
        await point_of_time(numbers)


async def test_changes_come_in_groups_that_are_bounded(numbers: AsyncCollection[Document]) -> None:
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        await add(numbers, *range(5))
        groups: list[int] = []
        async with asyncio.timeout(20):
            while sum(groups) < 5:
                events, _ = await stream.some(2, 0.1)
                groups.append(len(events))
        assert max(groups) == 2


async def test_when_nothing_more_is_there_the_group_says_so(
    numbers: AsyncCollection[Document],
) -> None:
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        assert await stream.some(10, 0.1) == ([], True)


async def test_a_position_from_before_the_collection_was_made_anew_is_lost(
    numbers: AsyncCollection[Document],
) -> None:
    lost = await lost_position(numbers)
    with pytest.raises(PositionLost):
        async with changes(numbers, INSERTED, after=lost, patience_seconds=0.1) as stream:
            await read(stream, 1)


async def test_a_collection_that_is_made_anew_ends_the_stream(
    numbers: AsyncCollection[Document],
) -> None:
    await add(numbers, 1)
    async with changes(numbers, INSERTED, patience_seconds=0.1) as stream:
        await numbers.drop()
        with pytest.raises(PositionLost):
            await read(stream, 1)


async def test_a_follower_whose_position_is_lost_forgets_it_and_goes_on(
    numbers: AsyncCollection[Document],
) -> None:
    lost = await lost_position(numbers)
    kept: list[Position | None] = [lost]
    begun, seen = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with changes(numbers, INSERTED, after=kept[-1], patience_seconds=0.1) as stream:
            if kept[-1] is None:
                begun.set()
            assert await read(stream, 1) == [2]
            seen.set()

    async def forget() -> None:
        kept.append(None)

    retries = Retries("follow numbers", Backoff(first_seconds=0.0, ceiling_seconds=0.0))
    following = asyncio.create_task(follow(work, retries, anew=forget))
    try:
        async with asyncio.timeout(20):
            await begun.wait()
            await add(numbers, 2)
            await seen.wait()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert kept == [lost, None]
