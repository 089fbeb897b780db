"""What works on the hub's database alone: its client, and claiming the names of all devices again."""

from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from change_streams import let_waits_be_cancelled
from device_hub.device.rules import Rules
from device_hub.identities.assembly import open_identities
from device_hub.journal.heads import Heads
from device_hub.journal.journal import Journal, open_collection
from device_hub.settings import DatabaseSettings
from park_backup.half_restored import refuse_half_restored

Document = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC)


def open_client(settings: DatabaseSettings) -> AsyncMongoClient[Document]:
    """Return a client that waits for nothing yet; trouble with the database is an error within seconds."""
    let_waits_be_cancelled()
    return AsyncMongoClient(
        settings.mongodb_url.get_secret_value(),
        **settings.login,
        tz_aware=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=20_000,
        appname="device_hub",
    )


async def rebuild_identities(settings: DatabaseSettings) -> int:
    """Claim for every device what its journal says that it is called; returns for how many devices.

    Raises:
        HalfRestored: what lies there is no journal.
    """
    async with open_client(settings) as client:
        database = client[settings.mongodb_database]
        await refuse_half_restored(database)
        known_as = open_identities(
            database,
            journal=Journal(open_collection(database, "commits"), now=now),
            heads=Heads(open_collection(database, "heads")),
            rules=Rules(),
            cached=1_000,
            now=now,
        )
        await known_as.prepare()
        await known_as.watching.load_joins()
        return await known_as.rebuild.run(now())
