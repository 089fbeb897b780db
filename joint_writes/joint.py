"""Many writes as one transaction; what a killed process left open is ended, and waited for no longer.

Theory of operation: MongoDB keeps a transaction open whose client was killed, for a minute as a rule, and until then
every write to what it touched waits. So whoever meets one that is in the way asks the database for transactions of its
own user in which nothing has happened for seconds, and ends their sessions. Ours have some milliseconds between two
requests. One that belongs to a living process after all, which stood still, is undone as a whole, and its work is
refused or done again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import structlog
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

log = structlog.get_logger()

# A transaction is a request more: it pays from so many writes on.
JOINT_FROM: Final = 8
LEFT_AFTER: Final = timedelta(seconds=3)
_PAUSES_SECONDS: Final = (0.0, 0.1, 0.5, 1.5, 2.0)
_SNAPSHOT: Final = ReadConcern("snapshot")
_SAFE: Final = WriteConcern("majority", wtimeout=10_000, j=True)
# What is undone as a whole, and may be done again.
_UNDONE: Final = "TransientTransactionError"

Work = Callable[[AsyncClientSession], Awaitable[None]]


class StandsInTheWay(Exception):
    """Raised by the work: it meets a document that keeps it from being done as a whole."""


class JointWrites:
    """``left_after``: a transaction in which nothing happened for so long is taken for one of a killed process."""

    def __init__(
        self, client: AsyncMongoClient[Any], *, left_after: timedelta = LEFT_AFTER
    ) -> None:
        self._client = client
        # Whoever asks for operations may ask for those of the moment only.
        self._admin = client.get_database("admin", read_concern=ReadConcern("local"))
        self._left_after = left_after

    async def done(self, work: Work, *, writes: int) -> bool:
        """Do ``work`` as one; False: nothing of it was done, and the caller goes document by document.

        That is so for few ``writes``, for a document that is there already or otherwise in the way, and when others
        change the same documents again and again. True: a majority has it, on disk. ``work`` may be called several
        times; what it reads and writes in its session is undone before each. Raises PyMongoError: not known.
        """
        if writes < JOINT_FROM:
            return False
        for pause in _PAUSES_SECONDS:
            await asyncio.sleep(pause)
            try:
                await self._once(work)
            except (BulkWriteError, StandsInTheWay):
                return False
            except PyMongoError as error:
                if not error.has_error_label(_UNDONE):
                    raise
                await self.end_left()
            else:
                return True
        return False

    async def _once(self, work: Work) -> None:
        async with (
            self._client.start_session(causal_consistency=True) as session,
            await session.start_transaction(_SNAPSHOT, _SAFE),
        ):
            await work(session)

    async def end_left(self) -> int:
        """End this user's transactions that a killed process left; return how many."""
        still = self._left_after // timedelta(microseconds=1)
        left = await self._admin.aggregate(
            [
                {"$currentOp": {"allUsers": False, "idleSessions": True}},
                {
                    "$match": {
                        "type": "idleSession",
                        "transaction.timeInactiveMicros": {"$gte": still},
                    }
                },
            ]
        )
        sessions = [{"id": each["lsid"]["id"]} async for each in left]
        if sessions:
            log.warning("transactions were left by a process that is gone", ended=len(sessions))
            await self._admin.command({"killSessions": sessions})
        return len(sessions)
