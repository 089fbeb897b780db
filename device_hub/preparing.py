"""The hub's database before the first call: whole, with its indexes, and with the names of all devices."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from pymongo.asynchronous.database import AsyncDatabase

from device_hub.identities.assembly import IdentityParts
from park_backup.half_restored import refuse_half_restored

Document = dict[str, Any]


class Prepares(Protocol):
    async def prepare(self) -> None:
        """Create indexes; harmless when they exist."""
        ...


async def prepare(
    database: AsyncDatabase[Document],
    known_as: IdentityParts,
    now: Callable[[], datetime],
    *parts: Prepares,
) -> None:
    """Create the indexes, and once the identities; raise HalfRestored."""
    await refuse_half_restored(database)
    for part in parts:
        await part.prepare()
    await known_as.prepare()
    await known_as.watching.load_joins()
    await known_as.rebuild.once(now())
