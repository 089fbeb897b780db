"""Feeds as people see them. Pure: feeds and a moment in, something to show out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from meterpark.device_hub.v1.feed_pb2 import KnownFeed
from rich.table import Table

from meterpark_cli.showing.rendering import (
    NOTHING,
    age,
    ago,
    plain_table,
    value_words,
    when,
    words,
)

_TENTH = 0.1
_WHOLE_FROM = 10


def feed_table(now: datetime, rows: Sequence[KnownFeed], *, width: int, header: bool) -> Table:
    """Return a line per feed; times in the zone of ``now``."""
    del width  # a cell folds
    numbers = ("a minute", "longest way", "received", "not readable")
    table = plain_table(
        *("source", "network", "connection", "a minute", "longest way", "last message"),
        *("received", "not readable", "trouble"),
        right=numbers,
        header=header,
    )
    for feed in rows:
        counted = feed.HasField("since_time")
        table.add_row(
            words(feed.source, "cyan"),
            words(feed.network or NOTHING),
            value_words(feed_state(feed)),
            rate(feed),
            delay(feed, now),
            ago(when(feed.last_message_time, now), now),
            f"{feed.message_count:,}" if counted else NOTHING,
            f"{feed.unreadable_count:,}" if counted else NOTHING,
            words(feed.trouble or NOTHING),
        )
    return table


def feed_state(feed: KnownFeed) -> str:
    """Return CONNECTED or DISCONNECTED; UNKNOWN when no connector tells of it now, whatever was last."""
    if not feed.connector_count:
        return "UNKNOWN"
    return "CONNECTED" if feed.connected else "DISCONNECTED"


def rate(feed: KnownFeed) -> str:
    """Return messages a minute; a little is never 0."""
    if not feed.HasField("messages_per_minute"):
        return NOTHING
    each_minute = feed.messages_per_minute
    if 0 < each_minute < _TENTH:
        return f"<{_TENTH}"
    return f"{each_minute:.1f}" if each_minute < _WHOLE_FROM else f"{each_minute:,.0f}"


def delay(feed: KnownFeed, now: datetime) -> str:
    """Return how long the slowest message was on its way."""
    if not feed.HasField("delay_seconds"):
        return NOTHING
    if feed.delay_seconds < 1:
        return "<1 s"
    return age(now - timedelta(seconds=feed.delay_seconds), now)
