"""Translates feeds into the hub's contract."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.feed_pb2 import Feed

from iec_connector.feeds import FeedFacts

MOST_FEEDS = 256
_TROUBLE_CHARACTERS = 300


def feeds_to_wire(feeds: Sequence[FeedFacts]) -> list[Feed]:
    """Return the feeds as they travel, no more than one call may have."""
    return [_to_wire(feed) for feed in feeds[:MOST_FEEDS]]


def _to_wire(feed: FeedFacts) -> Feed:
    delay = feed.recent_delay
    return Feed(
        source=feed.source,
        network=feed.network.encode("utf-8", "backslashreplace").decode(),
        since_time=_stamp(feed.since),
        message_count=feed.message_count,
        unreadable_count=feed.unreadable_count,
        last_message_time=_stamp(feed.last_message_at),
        last_created_time=_stamp(feed.last_created_at),
        recent_count=feed.recent_count,
        recent_seconds=feed.recent.total_seconds(),
        recent_delay_seconds=None if delay is None else delay.total_seconds(),
        connected_since_time=_stamp(feed.connected_since),
        trouble=feed.trouble[:_TROUBLE_CHARACTERS],
    )


def _stamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
