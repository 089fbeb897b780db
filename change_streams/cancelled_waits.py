"""A wait of MongoDB's driver that is cancelled leaves the driver's lock as it should.

The driver waits for a server, or a connection, by ``asyncio.wait_for`` around a condition's ``wait``. Before Python
3.12 that runs the wait in a task of its own. When the time is over that task takes the lock again; who is cancelled
meanwhile goes on without it, and releases a lock that it does not hold. Then the task takes the lock, and nobody gives
it back: no request of the process gets an answer from the database any more (CPython's issue 112202 is a relative).
A caller who hangs up, or a follower that ends, cancels at any moment.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Final, TypeVar

import pymongo.lock

ResultT = TypeVar("ResultT")

_MENDED_SINCE: Final = (3, 12)


def let_waits_be_cancelled() -> None:
    """Have the driver wait as Python 3.12 does, in the task that asks; call it before a client is made."""
    if sys.version_info < _MENDED_SINCE:
        pymongo.lock.wait_for = _wait_for  # type: ignore[attr-defined, assignment]


async def _wait_for(wait: Awaitable[ResultT], seconds: float | None) -> ResultT:
    """Return what ``wait`` gives, in this task; raise TimeoutError after ``seconds``."""
    async with asyncio.timeout(seconds):
        return await wait
