"""What connectors tell of their feeds, and what people are answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meterpark.device_hub.v1 import feed_pb2 as contract

from device_hub.feeds.feed import known_feeds
from device_hub.feeds.store import FeedStore
from device_hub.feeds.wire import from_wire, stamp, to_wire
from service_chassis.caller import current_caller

_MOST_ANSWERED: Final = 500


@dataclass(frozen=True, slots=True)
class FeedsDoor:
    store: FeedStore
    now: Callable[[], datetime]

    async def hear(self, teller: str, feeds: Sequence[contract.Feed], *, ends: bool) -> None:
        """Keep what a connector tells."""
        told = from_wire(feeds, self.now())
        if ends:
            await self.store.end(teller, self.now())
        else:
            await self.store.store(teller, told)

    async def list_(self) -> contract.ListFeedsResponse:
        """Return the feeds of the caller's networks."""
        now = self.now()
        told, is_cut = await self.store.told(current_caller().scope)
        known = known_feeds(told, now)
        return contract.ListFeedsResponse(
            feeds=[to_wire(feed) for feed in known[:_MOST_ANSWERED]],
            asked_time=stamp(now),
            is_cut=is_cut or len(known) > _MOST_ANSWERED,
        )
