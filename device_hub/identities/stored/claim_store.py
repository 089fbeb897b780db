"""The claims in the database: one document per network, scheme and value; its key arbitrates between replicas."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claim, Look
from device_hub.identities.rules.names import look_of

Document = dict[str, Any]

_BY_LOOK = "by_look"
_BY_DEVICE = "by_device"
_DUPLICATE_KEY = 11000


class ClaimStore:
    def __init__(
        self, claims: AsyncCollection[Document], *, writer: str, now: Callable[[], datetime]
    ) -> None:
        """``writer``: this process, so that it knows its own claims when it watches them."""
        self._claims = claims
        self._writer = writer
        self._now = now

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._claims.create_index([("look", ASCENDING)], name=_BY_LOOK)
        await self._claims.create_index([("devices", ASCENDING)], name=_BY_DEVICE)

    async def find(self, looks: Collection[Look]) -> dict[Look, list[Claim]]:
        """Return the claims on identifiers of these looks; one query, none without looks."""
        found: dict[Look, list[Claim]] = {look: [] for look in looks}
        if looks:
            wanted = {"look": {"$in": [_written(look) for look in looks]}}
            async for document in self._claims.find(wanted, hint=_BY_LOOK):
                claim = _read(document)
                found[claim.look].append(claim)
        return found

    async def of_devices(self, devices: Collection[str]) -> list[Claim]:
        """Return all claims by these devices; one query, none without devices."""
        if not devices:
            return []
        wanted = {"devices": {"$in": list(devices)}}
        return [_read(one) async for one in self._claims.find(wanted, hint=_BY_DEVICE)]

    async def make(self, claims: Sequence[Claim]) -> list[Claim]:
        """Store new claims; return those that another process has made meanwhile."""
        if not claims:
            return []
        at = self._now()
        documents = [
            {
                "_id": _key(claim.network, claim.identifier),
                "look": _written(claim.look),
                "devices": list(claim.devices),
                "claimed_at": at,
                "writer": self._writer,
            }
            for claim in claims
        ]
        try:
            await self._claims.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            return [claims[index] for index in _taken(error)]
        return []

    async def withdraw(self, claims: Iterable[Claim]) -> None:
        """Take back claims that this process has just made."""
        for claim in claims:
            await self._claims.delete_one(
                {
                    "_id": _key(claim.network, claim.identifier),
                    "devices": list(claim.devices),
                    "writer": self._writer,
                }
            )

    async def share(self, claims: Sequence[Claim]) -> None:
        """Note that the last device of each claim has the name, too."""
        if claims:
            updates = [
                UpdateOne(
                    {"_id": _key(claim.network, claim.identifier), "pinned": {"$ne": True}},
                    {"$addToSet": {"devices": claim.devices[-1]}},
                )
                for claim in claims
            ]
            await self._claims.bulk_write(updates, ordered=False)

    async def pin(self, claim: Claim) -> None:
        """Give the identifier to the one device of ``claim``, whoever had it: an operator decided so."""
        await self._claims.update_one(
            {"_id": _key(claim.network, claim.identifier)},
            {
                "$set": {
                    "look": _written(claim.look),
                    "devices": list(claim.devices),
                    "pinned": True,
                    "claimed_at": self._now(),
                    # Tell the cache of this process, too: it may hold that the name has no claim.
                    "writer": "",
                }
            },
            upsert=True,
        )


def _key(network: str, identifier: Identifier) -> Document:
    return {"network": network, "scheme": identifier.scheme, "value": identifier.value}


def look_of_key(key: Document) -> Look:
    """Return the look of the identifier whose claim has this key."""
    return key["network"], look_of(key["value"])


def _written(look: Look) -> str:
    return "/".join(look)


def _read(document: Document) -> Claim:
    key = document["_id"]
    return Claim(
        key["network"],
        Identifier(key["scheme"], key["value"]),
        tuple(document["devices"]),
        pinned=document.get("pinned", False),
    )


def _taken(error: BulkWriteError) -> list[int]:
    details: Any = error.details or {}
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one["code"] != _DUPLICATE_KEY for one in errors):
        raise error
    return [int(one["index"]) for one in errors]
