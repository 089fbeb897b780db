"""Large bodies of quarantined messages, in parts of their own, each within one document and one call.

Parts are stored before their message is, and go after it went: a message that can be seen has its whole body.
Parts of which the message never came are forgotten after a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

Document = dict[str, Any]

_MARGIN = timedelta(days=1)
"""How long parts outlive their message, or wait for it."""


class BodyIncomplete(Exception):
    """Parts of this body are missing: they have to be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPart:
    """Bytes of a body from ``offset`` on."""

    quarantine_id: str
    body_id: str
    offset: int
    content: bytes


class QuarantinedBodies:
    def __init__(self, parts: AsyncCollection[Document]) -> None:
        self._parts = parts

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._parts.create_index(
            [("quarantine_id", ASCENDING), ("body_id", ASCENDING), ("offset", ASCENDING)],
            name="by_body",
        )
        await self._parts.create_index("forgotten_at", name="forget", expireAfterSeconds=0)

    async def store(self, parts: Sequence[BodyPart], at: datetime) -> None:
        """Store parts; each is forgotten after a day, unless :meth:`keep` is called. Twice is as once."""
        await self._parts.bulk_write(
            [
                UpdateOne(
                    {"_id": f"{part.quarantine_id}/{part.body_id}/{part.offset:012d}"},
                    {
                        "$set": {
                            "quarantine_id": part.quarantine_id,
                            "body_id": part.body_id,
                            "offset": part.offset,
                            "size": len(part.content),
                            "content": part.content,
                        },
                        "$setOnInsert": {"forgotten_at": at + _MARGIN},
                    },
                    upsert=True,
                )
                for part in parts
            ],
            ordered=False,
        )

    async def keep(self, quarantine_id: str, body_id: str, size: int, at: datetime) -> None:
        """Keep a body until it is forgotten on demand; raises BodyIncomplete when not all of it is here."""
        body = {"quarantine_id": quarantine_id, "body_id": body_id}
        await self._parts.update_many(body, {"$unset": {"forgotten_at": ""}})
        end = 0
        async for part in self._parts.find(body, {"content": False}).sort("offset", ASCENDING):
            if part["offset"] != end:
                break
            end += part["size"]
        if end != size:
            await self._parts.update_many(body, {"$set": {"forgotten_at": at + _MARGIN}})
            raise BodyIncomplete(f"{quarantine_id}: {end} bytes of {size}")

    async def keep_all(self, quarantine_ids: Sequence[str]) -> None:
        """Keep all parts of these messages."""
        await self._parts.update_many(
            {"quarantine_id": {"$in": [*quarantine_ids]}}, {"$unset": {"forgotten_at": ""}}
        )

    async def forget(self, quarantine_id: str, at: datetime) -> None:
        """Let the parts go some time after ``at``, when the message itself goes."""
        await self._parts.update_many(
            {"quarantine_id": quarantine_id}, {"$set": {"forgotten_at": at + _MARGIN}}
        )

    async def drop_others(self, quarantine_id: str, body_id: str) -> None:
        """Remove the parts of bodies that this message had before."""
        await self._parts.delete_many({"quarantine_id": quarantine_id, "body_id": {"$ne": body_id}})

    async def read(self, quarantine_id: str, body_id: str, offset: int) -> bytes:
        """Return the bytes from ``offset`` to the end of the part in which it lies; empty at the end of the body."""
        part = await self._parts.find_one(
            {"quarantine_id": quarantine_id, "body_id": body_id, "offset": {"$lte": offset}},
            sort=[("offset", DESCENDING)],
        )
        return b"" if part is None else bytes(part["content"])[offset - part["offset"] :]
