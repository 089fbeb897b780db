"""How far the journal and the register are, asked of the database itself: no service is disturbed.

The journal's count is kept by the database as it goes; a question costs it nothing. One commit raises one device's
revision by one, so the register is complete when its revisions add up to the journal's count.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from pymongo import AsyncMongoClient

from benchmarks.trouble import BenchFailed

Document = dict[str, Any]

# Where the stock way keeps its state, in Dapr's usual collection, and its register.
STOCK_DATABASE: Final = "stock_hub"
STOCK_REGISTER: Final = "register"

_GLANCE_SECONDS: Final = 0.01
# Adding up all revisions costs the database a millisecond or two.
_ADD_UP_SECONDS: Final = 0.05
# A count that stands still for so long will not move again.
_STANDSTILL_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A count, and the loop's time at which it was seen."""

    count: int
    at: float


@dataclass(frozen=True, slots=True)
class Counting:
    client: AsyncMongoClient[Document]

    async def journal(self) -> int:
        return int(await self.client["device_hub"]["commits"].estimated_document_count())

    async def register(self) -> int:
        return await self._revisions_of("smoc", "devices")

    async def stock_register(self) -> int:
        return await self._revisions_of(STOCK_DATABASE, STOCK_REGISTER)

    async def _revisions_of(self, database: str, collection: str) -> int:
        add_up: Document = {"$group": {"_id": None, "sum": {"$sum": "$revision"}}}
        answer = await (await self.client[database][collection].aggregate([add_up])).to_list()
        return int(answer[0]["sum"]) if answer else 0

    async def stock(self) -> int:
        """Return how many reports the devices in Dapr's actor state have taken."""
        states = self.client[STOCK_DATABASE]["daprCollection"].find({}, {"value": True})
        return sum([json.loads(one["value"])["revision"] async for one in states])

    async def revisions(self) -> dict[str, int]:
        """Return each device's revision in the register."""
        devices = self.client["smoc"]["devices"].find({}, {"revision": True})
        return {one["_id"]: one["revision"] async for one in devices}

    async def journal_at(self, count: int) -> Moment:
        return await _until(self.journal, count, _GLANCE_SECONDS, "journal")

    async def register_at(self, count: int) -> Moment:
        return await _until(self.register, count, _ADD_UP_SECONDS, "register")

    async def stock_register_at(self, count: int) -> Moment:
        return await _until(self.stock_register, count, _ADD_UP_SECONDS, "stock register")

    async def settled(self) -> None:
        """Wait until the register shows all that the journal holds."""
        await self.register_at(await self.journal())


async def _until(
    ask: Callable[[], Awaitable[int]], wanted: int, pause_seconds: float, what: str
) -> Moment:
    clock = asyncio.get_running_loop().time
    before, moved_at = -1, clock()
    while True:
        count, at = await ask(), clock()
        if count >= wanted:
            return Moment(count, at)
        if count != before:
            before, moved_at = count, at
        elif at - moved_at > _STANDSTILL_SECONDS:
            raise BenchFailed(
                f"the {what} stands still at {count} of {wanted} for {_STANDSTILL_SECONDS:.0f} s"
            )
        await asyncio.sleep(pause_seconds)
