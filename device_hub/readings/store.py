"""Readings in MongoDB, for minutes: any replica of the hub may be asked for one, and any may give it to a connector."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from contract_limits import READINGS_PER_CLAIM

Document = dict[str, Any]

KEPT: Final = timedelta(minutes=10)
LEASE: Final = timedelta(seconds=30)
WAITING_OF_ONE: Final = 5
WAITING_OF_ALL: Final = 100


class ReadingUnknown(Exception):
    """No reading of this caller, or under this lease, has this id."""


class TooManyReadings(Exception):
    """So many wait that another one would only wait longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message to be read, leased to a connector."""

    reading_id: str
    lease: str
    source: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading as its person sees it; ``understood`` is None while it waits."""

    requested_at: datetime
    # What was understood, as the connector has told it (MessageUnderstood).
    understood: bytes | None


class Readings:
    def __init__(self, readings: AsyncCollection[Document]) -> None:
        self._readings = readings

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._readings.create_index("forgotten_at", name="forget", expireAfterSeconds=0)
        await self._readings.create_index(
            [("waiting", ASCENDING), ("requested_at", ASCENDING)], name="waiting", sparse=True
        )

    async def request(
        self, reading_id: str, subject: str, *, source: str, body: bytes, at: datetime
    ) -> None:
        """Keep a message until a connector takes it; the same id again changes nothing. Raise TooManyReadings."""
        waiting = {"waiting": True, "forgotten_at": {"$gt": at}}
        if (
            await self._readings.count_documents({**waiting, "subject": subject}) >= WAITING_OF_ONE
            or await self._readings.count_documents(waiting) >= WAITING_OF_ALL
        ) and await self._readings.find_one({"_id": reading_id}, {"_id": True}) is None:
            raise TooManyReadings
        try:
            await self._readings.insert_one(
                {
                    "_id": reading_id,
                    "subject": subject,
                    "source": source,
                    "body": body,
                    "requested_at": at,
                    "waiting": True,
                    "forgotten_at": at + KEPT,
                }
            )
        except DuplicateKeyError:
            return

    async def get(self, reading_id: str, subject: str, at: datetime) -> Reading:
        """Return a caller's own reading; raise ReadingUnknown."""
        found = await self._readings.find_one(
            {"_id": reading_id, "subject": subject, "forgotten_at": {"$gt": at}}, {"body": False}
        )
        if found is None:
            raise ReadingUnknown(reading_id)
        return Reading(requested_at=found["requested_at"], understood=found.get("understood"))

    async def claim(self, at: datetime) -> list[Claimed]:
        """Lease the messages that wait longest to a connector."""
        claimed: list[Claimed] = []
        while len(claimed) < READINGS_PER_CLAIM:
            found = await self._readings.find_one_and_update(
                {
                    "waiting": True,
                    "forgotten_at": {"$gt": at},
                    "$or": [{"lease_until": {"$exists": False}}, {"lease_until": {"$lt": at}}],
                },
                {"$set": {"lease": secrets.token_urlsafe(16), "lease_until": at + LEASE}},
                sort=[("requested_at", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                break
            claimed.append(
                Claimed(
                    reading_id=found["_id"],
                    lease=found["lease"],
                    source=found["source"],
                    body=bytes(found["body"]),
                )
            )
        return claimed

    async def complete(self, reading_id: str, lease: str, understood: bytes, at: datetime) -> None:
        """Keep what was understood, and forget the message; raise ReadingUnknown without the lease."""
        done = await self._readings.update_one(
            {"_id": reading_id, "lease": lease},
            {
                "$set": {"understood": understood, "forgotten_at": at + KEPT},
                "$unset": {"waiting": "", "body": "", "lease_until": ""},
            },
        )
        if not done.matched_count:
            raise ReadingUnknown(reading_id)
