"""The newest of each connector's feeds, in MongoDB: each replica of the hub answers the same, also after a restart."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from device_hub.feeds.feed import PRESENT, ToldFeed
from service_chassis.scope import Scope

Document = dict[str, Any]

KEPT: Final = timedelta(days=90)
MOST_READ: Final = 2_000


class FeedStore:
    def __init__(self, feeds: AsyncCollection[Document]) -> None:
        self._feeds = feeds

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._feeds.create_index(
            "heard_at", name="forget", expireAfterSeconds=int(KEPT.total_seconds())
        )
        await self._feeds.create_index(
            [("network", ASCENDING), ("source", ASCENDING)], name="by_network"
        )

    async def store(self, teller: str, feeds: Sequence[ToldFeed]) -> None:
        """Keep what a connector tells; the times of its last messages outlive its restart."""
        if feeds:
            await self._feeds.bulk_write([_update(teller, feed) for feed in feeds], ordered=False)

    async def end(self, teller: str, at: datetime) -> None:
        """Note that a connector ended in good order: what it told is no longer the present."""
        await self._feeds.update_many(
            {"teller": teller, "heard_at": {"$gt": at - PRESENT}}, {"$set": {"ended": True}}
        )

    async def told(self, scope: Scope) -> tuple[list[ToldFeed], bool]:
        """Return the feeds of the caller's networks, and whether there are more than are read at once."""
        query = {} if scope.networks is None else {"network": {"$in": sorted(scope.networks)}}
        found = await self._feeds.find(query).sort("heard_at", -1).limit(MOST_READ + 1).to_list()
        return [_told(document) for document in found[:MOST_READ]], len(found) > MOST_READ


def _update(teller: str, feed: ToldFeed) -> UpdateOne:
    always = {
        "teller": teller,
        "source": feed.source,
        "network": feed.network,
        "heard_at": feed.heard_at,
        "since": feed.since,
        "message_count": feed.message_count,
        "unreadable_count": feed.unreadable_count,
        "recent_count": feed.recent_count,
        "recent_seconds": feed.recent_seconds,
        "recent_delay_seconds": feed.recent_delay_seconds,
        "connected": feed.connected,
        "trouble": feed.trouble,
        "ended": False,
    }
    # Absent after a restart until the next message: what was known before stays.
    last = {
        name: at
        for name, at in (
            ("last_message_at", feed.last_message_at),
            ("last_created_at", feed.last_created_at),
        )
        if at is not None
    }
    return UpdateOne(
        {"_id": {"teller": teller, "source": feed.source, "network": feed.network}},
        {"$set": {**always, **last}},
        upsert=True,
    )


def _told(document: Document) -> ToldFeed:
    heard_at: datetime = document["heard_at"]
    if document.get("ended"):
        heard_at -= PRESENT + timedelta(seconds=1)
    return ToldFeed(
        source=document["source"],
        network=document["network"],
        heard_at=heard_at,
        since=document["since"],
        message_count=document["message_count"],
        unreadable_count=document["unreadable_count"],
        last_message_at=document.get("last_message_at"),
        last_created_at=document.get("last_created_at"),
        recent_count=document["recent_count"],
        recent_seconds=document["recent_seconds"],
        recent_delay_seconds=document["recent_delay_seconds"],
        connected=document["connected"],
        trouble=document["trouble"],
    )
