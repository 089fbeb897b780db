"""Who is cancelled while the driver takes its lock again leaves no lock that nobody gives back."""

import asyncio

import pytest
from pymongo import lock as locks

from change_streams.cancelled_waits import let_waits_be_cancelled


@pytest.fixture(autouse=True)
def mended() -> None:
    let_waits_be_cancelled()


async def test_a_wait_that_is_cancelled_while_it_takes_the_lock_again_gives_it_back() -> None:
    # The driver's own lock, condition and wait: without the mend this fails before Python 3.12.
    lock = locks._async_create_lock()
    condition = locks._async_create_condition(lock)
    waits = asyncio.Event()

    async def wait() -> None:
        async with lock:
            waits.set()
            await locks._async_cond_wait(condition, 0.02)

    waiting = asyncio.create_task(wait())
    await waits.wait()
    async with lock:
        # Until its time is over, and it wants the lock again.
        while not lock._waiters:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    # Nobody holds it now.
    async with asyncio.timeout(5), lock:
        assert lock.locked()


async def test_a_wait_whose_time_is_over_says_so() -> None:
    lock = locks._async_create_lock()
    condition = locks._async_create_condition(lock)
    async with lock:
        assert not await locks._async_cond_wait(condition, 0.01)
        assert lock.locked()


async def test_a_wait_that_is_told_ends_at_once() -> None:
    lock = locks._async_create_lock()
    condition = locks._async_create_condition(lock)

    async def tell() -> None:
        async with lock:
            condition.notify_all()

    async with lock, asyncio.TaskGroup() as group:
        group.create_task(tell())
        assert await locks._async_cond_wait(condition, 30)
