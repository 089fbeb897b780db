"""What other replicas of the hub change of claims and joins is heard: the change stream of both collections.

While it is heard, the cache may be trusted; in between, every batch asks the database.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from change_streams import Event, changes, follow
from device_hub.identities.stored.cache import Cache
from device_hub.identities.stored.claim_store import look_of_key
from device_hub.identities.stored.joined import Joined
from service_chassis.retries import Retries

Document = dict[str, Any]

CLAIMS: Final = "identities"
JOINS: Final = "joins"
_PATIENCE_SECONDS: Final = 1.0


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
        """Follow for ever. During trouble with the database the cache is empty, which costs queries."""
        retries = Retries("watch identities")

        async def listen() -> None:
            try:
                await self._listen(retries)
            finally:
                self.hearing.clear()
                self.cache.trust(watched=False)

        await follow(listen, retries)

    async def _listen(self, retries: Retries) -> None:
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
        async with changes(self.database, pipeline, patience_seconds=_PATIENCE_SECONDS) as stream:
            await self.load_joins()
            self.cache.trust(watched=True)
            self.hearing.set()
            retries.got_on()
            while True:
                change = await stream.next()
                if change is not None:
                    await self._hear(change)

    async def _hear(self, change: Event) -> None:
        if change["ns"]["coll"] == JOINS:
            await self.load_joins()
            self.cache.forget_names(None)
            return
        made = change["operationType"] == "insert"
        claim = change.get("fullDocument", {})
        if not made or claim.get("writer") != self.writer:
            self.cache.forget(look_of_key(change["documentKey"]["_id"]))
            # The event does not say which device had the name before.
            self.cache.forget_names(map(self.joined.follow, claim["devices"]) if made else None)

    async def load_joins(self) -> None:
        """Read which devices are joined into which."""
        found = self.database[JOINS].find({"begun": {"$ne": True}}, {"into": True})
        self.joined.replace({one["_id"]: one["into"] async for one in found})
