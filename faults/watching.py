"""When the chain serves again: a probe is published, and looked for in the journal and in the register."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pymongo.errors import PyMongoError

from benchmarks.trouble import BenchFailed
from faults.checking.reading import HUB, REGISTER

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient

    from faults.publishing import Publisher

_GLANCE_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """When a probe was seen, in monotonic seconds."""

    published_at: float
    in_journal_at: float
    in_register_at: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks straight into the database."""

    client: AsyncMongoClient[dict[str, Any]]

    async def served(self, publisher: Publisher) -> Served:
        """Publish a probe; return when it was seen in the journal and in the register.

        Raises:
            BenchFailed: not within three minutes.
        """
        device_id = publisher.traffic.probe_device_id
        published_at = time.monotonic()
        probe = publisher.probe()
        commit = await self._until_found(
            HUB, "commits", {"device_id": device_id, "origin.message_id": probe.message_id}
        )
        in_journal_at = time.monotonic()
        reached = {"_id": device_id, "revision": {"$gte": commit["revision"]}}
        await self._until_found(REGISTER, "devices", reached)
        return Served(
            published_at=published_at,
            in_journal_at=in_journal_at,
            in_register_at=time.monotonic(),
        )

    async def _until_found(
        self, database: str, collection: str, query: dict[str, Any]
    ) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        why = "it is not there"
        while time.monotonic() < deadline:
            try:
                found = await self.client[database][collection].find_one(query, {"revision": True})
            except PyMongoError as error:
                # mongod may be what is broken.
                why = str(error)
            else:
                if found is not None:
                    return found
            await asyncio.sleep(_GLANCE_SECONDS)
        raise BenchFailed(
            f"not served again after {_PATIENCE_SECONDS:.0f} s: {database}.{collection} {query}: {why}"
        )
