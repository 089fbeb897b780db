"""What other replicas of the hub change of claims and joins is heard: the change stream of both collections.

While it is heard, the cache may be trusted; in between, every batch asks the database.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from device_hub.identities.cache import Cache
from device_hub.identities.claim_store import look_of_key
from device_hub.identities.joined import Joined
from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

Document = dict[str, Any]

CLAIMS: Final = "identities"
JOINS: Final = "joins"
_AWAIT_MS: Final = 1000
_RETRY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """``writer``: this process, whose own new claims are no news to it."""

    database: AsyncDatabase[Document]
    cache: Cache
    joined: Joined
    writer: str
    # Set while what others change is heard.
    hearing: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Listen for ever; trouble with the database costs queries."""
        while True:
            end_if_cancelled()
            try:
                await self._listen()
            except PyMongoError as error:
                log.warning("identities are not watched", error=str(error))
            finally:
                self.hearing.clear()
                self.cache.trust(watched=False)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen(self) -> None:
        pipeline: list[Document] = [
            {"$match": {"ns.coll": {"$in": [CLAIMS, JOINS]}}},
            {
                "$project": {
                    "operationType": True,
                    "ns": True,
                    "documentKey": True,
                    "fullDocument.writer": True,
                    "fullDocument.devices": True,
                }
            },
        ]
        async with await self.database.watch(pipeline, max_await_time_ms=_AWAIT_MS) as stream:
            await self.load_joins()
            self.cache.trust(watched=True)
            self.hearing.set()
            while stream.alive:
                end_if_cancelled()
                change = await stream.try_next()
                if change is not None:
                    await self._hear(change)

    async def _hear(self, change: Document) -> None:
        if change["ns"]["coll"] == JOINS:
            await self.load_joins()
            self.cache.forget_names(None)
            return
        made = change["operationType"] == "insert"
        claim = change.get("fullDocument", {})
        if not made or claim.get("writer") != self.writer:
            self.cache.forget(look_of_key(change["documentKey"]["_id"]))
            # Who had a name that moved is not told.
            self.cache.forget_names(map(self.joined.follow, claim["devices"]) if made else None)

    async def load_joins(self) -> None:
        """Read which devices are joined into which."""
        found = self.database[JOINS].find({"begun": {"$ne": True}}, {"into": True})
        self.joined.replace({one["_id"]: one["into"] async for one in found})
