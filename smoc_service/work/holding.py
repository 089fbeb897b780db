"""One process's hold on one piece of work. The work names its holder, and every change depends on that."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Generic, TypeVar

from service_chassis.cancellation import end_if_cancelled, fail_if_cancelled_by_nobody
from smoc_service.mongodb import as_stored
from smoc_service.work.collection import WorkCollection
from smoc_service.work.lasting import LEASE, Holder, LastingWork

WorkT = TypeVar("WorkT", bound=LastingWork)


class HoldingLost(Exception):
    """Another process holds the work, or it has ended."""


class Holding(Generic[WorkT]):
    """``work`` is the last known version: users change it, too, so the database may hold a newer one."""

    def __init__(
        self,
        collection: WorkCollection[WorkT],
        work_id: str,
        work: WorkT,
        holder: Holder,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._collection = collection
        self._work_id = work_id
        self._holder = holder
        self._now = now
        self.work = work

    async def change(self, change: Callable[[WorkT], WorkT]) -> WorkT:
        """Change the work as it is now, and renew the hold; raise ``HoldingLost``."""
        # It ends: a further round only comes when a user changed it in between.
        while True:
            document = await self._collection.documents.find_one({"_id": self._work_id})
            if document is None:
                raise HoldingLost
            work = self._collection.work(document)
            if not work.is_held_by(self._holder) or not work.is_worked_on:
                raise HoldingLost
            after = change(work).held(self._holder, as_stored(self._now()))
            if not after.is_worked_on:
                after = after.let_go()
            if await self._collection.put(document, after):
                if after.version > self.work.version:
                    self.work = after
                return after

    async def during(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work`` and renew the hold beside it; work whose hold is lost is broken off with ``HoldingLost``."""
        working = asyncio.create_task(work, name="work that is held")
        renewing = asyncio.create_task(self._renew(), name="hold on work")
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # In this order, and each awaited: nothing of it may still run when the next holder begins.
            for task in (renewing, working):
                if not task.done():
                    task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)
        for task in (working, renewing):
            fail_if_cancelled_by_nobody(task)
            if not task.cancelled():
                task.result()

    async def _renew(self) -> None:
        while True:
            end_if_cancelled()
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self.change(lambda each: each)
