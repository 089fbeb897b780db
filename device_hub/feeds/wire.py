"""Translation of feeds between the contract and the domain."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import feed_pb2 as contract

from device_hub.feeds.feed import KnownFeed, ToldFeed
from service_chassis.refusals import argument_invalid

FEEDS_PER_CALL: Final = 256
_NAME_CHARACTERS: Final = 200
_TROUBLE_CHARACTERS: Final = 300


def from_wire(feeds: Sequence[contract.Feed], heard_at: datetime) -> list[ToldFeed]:
    """Return what was told; CallRefused names the field that is wrong."""
    if len(feeds) > FEEDS_PER_CALL:
        raise argument_invalid("feeds", f"{len(feeds)}, {FEEDS_PER_CALL} are the most")
    return [_told(feed, heard_at) for feed in feeds]


def _told(feed: contract.Feed, heard_at: datetime) -> ToldFeed:
    if not 0 < len(feed.source) <= _NAME_CHARACTERS or len(feed.network) > _NAME_CHARACTERS:
        raise argument_invalid("feeds.source", f"needs 1 to {_NAME_CHARACTERS} characters")
    return ToldFeed(
        source=feed.source,
        network=feed.network,
        heard_at=heard_at,
        since=_time(feed, "since_time"),
        message_count=feed.message_count,
        unreadable_count=feed.unreadable_count,
        last_message_at=_time(feed, "last_message_time"),
        last_created_at=_time(feed, "last_created_time"),
        recent_count=feed.recent_count,
        recent_seconds=feed.recent_seconds,
        recent_delay_seconds=(
            feed.recent_delay_seconds if feed.HasField("recent_delay_seconds") else None
        ),
        connected=feed.HasField("connected_since_time"),
        trouble=feed.trouble[:_TROUBLE_CHARACTERS],
    )


def to_wire(feed: KnownFeed) -> contract.KnownFeed:
    return contract.KnownFeed(
        source=feed.source,
        network=feed.network,
        heard_time=_stamp(feed.heard_at),
        connector_count=feed.connector_count,
        since_time=_stamp(feed.since),
        message_count=feed.message_count,
        unreadable_count=feed.unreadable_count,
        messages_per_minute=feed.messages_per_minute,
        delay_seconds=feed.delay_seconds,
        last_message_time=_stamp(feed.last_message_at),
        last_created_time=_stamp(feed.last_created_at),
        connected=feed.connected,
        trouble=feed.trouble,
    )


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def _stamp(at: datetime | None) -> Timestamp | None:
    return None if at is None else stamp(at)


def _time(message: Any, field: str) -> datetime | None:
    if not message.HasField(field):
        return None
    try:
        at: datetime = getattr(message, field).ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise argument_invalid(f"feeds.{field}", "is no time of the years 1 to 9999") from error
    return at
