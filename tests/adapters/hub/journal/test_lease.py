"""One of several hubs follows at a time; another one takes over, and the one before moves no position any more."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from device_hub.journal.follower import Follower
from device_hub.journal.lease import Holder, Lease, LeaseLost

Document = dict[str, Any]
DATABASE = "test_lease"
PLENTY = 600.0


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as opened:
        await opened.drop_database(DATABASE)
        yield opened


def lease(
    client: AsyncMongoClient[Document],
    worker: str,
    *,
    seconds: float = PLENTY,
    clock: Callable[[], float] = time.monotonic,
) -> Lease:
    """Return that of a process that has just started."""
    positions = client[DATABASE]["positions"]
    return Lease(positions, "test", Holder(worker), seconds=seconds, clock=clock)


async def kept(client: AsyncMongoClient[Document]) -> Document:
    return await client[DATABASE]["positions"].find_one({"_id": "test"}) or {}


async def as_if_it_were_over(client: AsyncMongoClient[Document], **held: str) -> None:
    """The database's clock goes on by a lease; with ``held``, only while that is what is kept."""
    positions = client[DATABASE]["positions"]
    passed = {"$subtract": ["$lease_until", round(1000 * 2 * PLENTY)]}
    await positions.update_one({"_id": "test", **held}, [{"$set": {"lease_until": passed}}])


async def is_waiting(waiting: "asyncio.Task[None]") -> bool:
    """Return whether it looked for the lease, in vain."""
    done, _ = await asyncio.wait({waiting}, timeout=1.5)
    return not done


async def test_the_lease_is_one_process_s_until_it_lets_go(
    client: AsyncMongoClient[Document],
) -> None:
    first, second = lease(client, "a"), lease(client, "b")
    await first.wait()
    waiting = asyncio.create_task(second.wait())
    assert await is_waiting(waiting)
    await first.let_go()
    async with asyncio.timeout(20):
        await waiting
    with pytest.raises(LeaseLost):
        await first.move({"last": 1})


async def test_a_lease_that_nobody_renewed_is_taken_and_the_old_holder_moves_nothing(
    client: AsyncMongoClient[Document],
) -> None:
    first, second = lease(client, "a"), lease(client, "b")
    await first.wait()
    await first.move({"last": 1, "token": {"_data": "$82"}})
    await as_if_it_were_over(client)
    await second.wait()
    for late in (first.move({"last": 2}), first.forget("token"), first.move({})):
        with pytest.raises(LeaseLost):
            await late
    # Too late to let go of what another one holds.
    await first.let_go()
    await second.move({"last": 3})
    position = await kept(client)
    assert (position["last"], position["token"], position["worker"]) == (3, {"_data": "$82"}, "b")


async def test_a_process_that_comes_back_takes_its_own_lease_at_once_and_the_dead_session_has_none(
    client: AsyncMongoClient[Document],
) -> None:
    before, after = lease(client, "a"), lease(client, "a")
    await before.wait()
    async with asyncio.timeout(20):
        await after.wait()
    with pytest.raises(LeaseLost):
        await before.move({"last": 1})
    # Only at its start: two of one name must not take it from each other for ever.
    waiting = asyncio.create_task(before.wait())
    assert await is_waiting(waiting)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_moving_and_renewing_make_it_last(client: AsyncMongoClient[Document]) -> None:
    held = lease(client, "a", seconds=0.3)
    await held.wait()
    until = (await kept(client))["lease_until"]
    await held.move({"last": 1})
    moved = (await kept(client))["lease_until"]
    assert until < moved
    renewing = asyncio.create_task(held.renew())
    async with asyncio.timeout(20):
        while (await kept(client))["lease_until"] <= moved:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)


class Clock:
    """One process's own clock; it may begin anywhere."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


async def test_who_stood_still_for_longer_than_the_lease_asks_before_it_goes_on(
    client: AsyncMongoClient[Document],
) -> None:
    clock = Clock(at=-12_345.0)
    held = lease(client, "a", clock=clock)
    with pytest.raises(LeaseLost):
        await held.make_sure()
    await held.wait()
    until = (await kept(client))["lease_until"]
    # Within the lease nobody asks the database.
    clock.at += PLENTY - 1
    await held.make_sure()
    assert (await kept(client))["lease_until"] == until
    # After it, one that nobody took is renewed,
    clock.at += 2
    await held.make_sure()
    assert (await kept(client))["lease_until"] > until
    # and one that another one took is lost, for good.
    await as_if_it_were_over(client)
    await lease(client, "b").wait()
    clock.at += PLENTY
    for _ in range(2):
        with pytest.raises(LeaseLost):
            await held.make_sure()


async def test_moving_counts_as_having_asked(client: AsyncMongoClient[Document]) -> None:
    clock = Clock(at=0.0)
    held = lease(client, "a", clock=clock)
    await held.wait()
    clock.at += PLENTY
    await held.move({"last": 1})
    until = (await kept(client))["lease_until"]
    clock.at += PLENTY - 1
    await held.make_sure()
    assert (await kept(client))["lease_until"] == until


async def test_a_lease_from_a_clock_that_was_ahead_is_not_waited_for(
    client: AsyncMongoClient[Document],
) -> None:
    """The database's clock was set back by an hour, and who held the lease is dead."""
    first = lease(client, "a")
    await first.wait()
    hour = {"$add": ["$lease_until", 3_600_000]}
    await client[DATABASE]["positions"].update_one(
        {"_id": "test"}, [{"$set": {"lease_until": hour}}]
    )
    async with asyncio.timeout(20):
        await lease(client, "b").wait()
    with pytest.raises(LeaseLost):
        await first.move({})


async def test_work_that_does_not_get_on_keeps_the_lease_until_another_one_wants_it(
    client: AsyncMongoClient[Document],
) -> None:
    stuck = lease(client, "a", seconds=0.3)
    await stuck.wait()
    renewing = asyncio.create_task(stuck.renew(lambda: False))
    # It is over, nobody wants it, and it goes on being its own.
    await until_it_is_over(client)
    assert not renewing.done()
    await stuck.move({"last": 1})
    await lease(client, "b").wait()
    async with asyncio.timeout(20):
        with pytest.raises(LeaseLost):
            await renewing


async def until_it_is_over(client: AsyncMongoClient[Document]) -> None:
    over = {"$expr": {"$lte": ["$lease_until", "$$NOW"]}}
    async with asyncio.timeout(20):
        while await client[DATABASE]["positions"].find_one(over) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_the_time_is_the_database_s(client: AsyncMongoClient[Document]) -> None:
    await lease(client, "a").wait()
    ahead = (await kept(client))["lease_until"] - datetime.now(UTC)
    assert timedelta(0) < ahead <= timedelta(seconds=PLENTY + 5)


class Listener:
    """Remembers what it was told, and tells when something came."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._changed = asyncio.Condition()

    async def deliver(self, group: Sequence[Document]) -> None:
        async with self._changed:
            self.numbers += [one["number"] for one in group]
            self._changed.notify_all()

    async def until(self, condition: Callable[[list[int]], bool]) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: condition(self.numbers))


Deliver = Callable[[Sequence[Document]], Awaitable[None]]


@asynccontextmanager
async def following(
    client: AsyncMongoClient[Document],
    deliver: Deliver,
    *,
    seconds: float,
    stuck_seconds: float = PLENTY,
) -> AsyncIterator["asyncio.Task[None]"]:
    """A process that follows, or waits for its turn."""
    database = client[DATABASE]
    follower = Follower(
        name="test",
        client=client,
        commits=database["commits"],
        positions=database["positions"],
        deliver=deliver,
        lease_seconds=seconds,
        stuck_seconds=stuck_seconds,
    )
    running = asyncio.create_task(follower.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def commit(client: AsyncMongoClient[Document], *numbers: int) -> None:
    await client[DATABASE]["commits"].insert_many([{"number": number} for number in numbers])


async def test_of_two_followers_one_delivers_and_the_other_goes_on_where_it_was(
    client: AsyncMongoClient[Document],
) -> None:
    await commit(client, 0)
    first, second = Listener(), Listener()
    async with AsyncExitStack() as running:
        one = await running.enter_async_context(following(client, first.deliver, seconds=PLENTY))
        await first.until(lambda numbers: 0 in numbers)
        await running.enter_async_context(following(client, second.deliver, seconds=PLENTY))
        for number in range(1, 20):
            await commit(client, number)
            await first.until(lambda numbers, due=number: due in numbers)  # type: ignore[misc]
        assert second.numbers == []
        # It ends politely, and lets go.
        one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        await commit(client, 20, 21)
        await second.until(lambda numbers: {20, 21} <= set(numbers))
    assert set(first.numbers) == set(range(20))


async def test_a_follower_that_was_not_heard_of_is_taken_over_from_and_nothing_is_missed(
    client: AsyncMongoClient[Document],
) -> None:
    await commit(client, 0)
    first, second = Listener(), Listener()
    async with AsyncExitStack() as running:
        await running.enter_async_context(following(client, first.deliver, seconds=PLENTY))
        await first.until(lambda numbers: 0 in numbers)
        holder = (await kept(client))["session"]
        await running.enter_async_context(following(client, second.deliver, seconds=PLENTY))
        async with asyncio.timeout(30):
            while (await kept(client))["session"] == holder:
                # Again and again: it lives, and each position that it keeps renews its lease.
                await as_if_it_were_over(client, session=holder)
                await asyncio.sleep(0.01)
        # The old holder does not know yet, and may deliver this as well.
        await commit(client, *range(1, 10))
        await second.until(lambda numbers: set(range(1, 10)) <= set(numbers))
        await commit(client, 10)
        await second.until(lambda numbers: 10 in numbers)
        assert (await kept(client))["session"] != holder


async def test_who_cannot_deliver_leaves_it_to_another_one(
    client: AsyncMongoClient[Document],
) -> None:
    """Its own way to the register is broken; the other one's is not."""
    await commit(client, 0)
    tried, broken_off = asyncio.Event(), asyncio.Event()

    async def hangs(group: Sequence[Document]) -> None:
        assert [one["number"] for one in group] == [0]
        tried.set()
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()

    other = Listener()
    async with AsyncExitStack() as running:
        await running.enter_async_context(following(client, hangs, seconds=0.5, stuck_seconds=0))
        async with asyncio.timeout(20):
            await tried.wait()
        await running.enter_async_context(following(client, other.deliver, seconds=PLENTY))
        await commit(client, 1)
        await other.until(lambda numbers: {0, 1} <= set(numbers))
        async with asyncio.timeout(20):
            await broken_off.wait()


async def test_a_long_delivery_of_the_only_one_is_not_broken_off(
    client: AsyncMongoClient[Document],
) -> None:
    await commit(client, 0)
    listener = Listener()
    begun: list[int] = []

    async def slowly(group: Sequence[Document]) -> None:
        begun.extend(one["number"] for one in group)
        await until_it_is_over(client)
        await listener.deliver(group)

    async with following(client, slowly, seconds=0.3, stuck_seconds=0):
        await listener.until(lambda numbers: 0 in numbers)
        await commit(client, 1)
        await listener.until(lambda numbers: 1 in numbers)
    assert begun == listener.numbers
    assert begun.count(1) == 1


async def test_who_loses_the_lease_and_its_position_at_once_waits_for_its_turn(
    client: AsyncMongoClient[Document],
) -> None:
    database = client[DATABASE]
    await commit(client, 0)
    listener = Listener()
    theirs = {"worker": "b", "session": "theirs"}

    async def deliver(group: Sequence[Document]) -> None:
        await listener.deliver(group)
        if listener.numbers[-1] == 1:
            await database["positions"].update_one({"_id": "test"}, {"$set": theirs})
            await database["commits"].drop()
            await asyncio.Event().wait()

    with capture_logs() as lines:
        async with following(client, deliver, seconds=PLENTY) as running:
            await listener.until(lambda numbers: 0 in numbers)
            async with asyncio.timeout(20):
                while "resume_token" not in await kept(client):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await commit(client, 1)
            async with asyncio.timeout(30):
                while not [one for one in lines if "another process" in one["event"]]:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            # It forgot nothing that is another one's by now.
            assert "resume_token" in await kept(client)
            await as_if_it_were_over(client)
            await commit(client, 2)
            await listener.until(lambda numbers: 2 in numbers)
            assert not running.done()
