"""Feeds of several connectors are one feed; what is not known now is not told as 0."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from device_hub.feeds.feed import PRESENT, KnownFeed, ToldFeed, known_feeds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOLD = ToldFeed(
    source="hes",
    network="north",
    heard_at=NOON,
    since=NOON - 60 * MINUTE,
    message_count=600,
    unreadable_count=3,
    last_message_at=NOON - MINUTE,
    last_created_at=NOON - 2 * MINUTE,
    recent_count=50,
    recent_seconds=300.0,
    recent_delay_seconds=12.5,
    connected=True,
    trouble="",
)


def known(*told: ToldFeed, at: datetime = NOON) -> KnownFeed:
    [feed] = known_feeds(told, at)
    return feed


def test_connectors_that_share_a_feed_add_up() -> None:
    other = replace(
        TOLD,
        since=NOON - MINUTE,
        message_count=10,
        recent_count=10,
        recent_seconds=60.0,
        recent_delay_seconds=40.0,
        last_message_at=NOON,
    )
    feed = known(TOLD, other)
    assert (feed.connector_count, feed.message_count, feed.since) == (2, 610, NOON - 60 * MINUTE)
    assert feed.messages_per_minute == 20.0
    assert (feed.delay_seconds, feed.last_message_at) == (40.0, NOON)


def test_what_was_heard_too_long_ago_has_no_rate_and_keeps_its_last_message() -> None:
    feed = known(TOLD, at=NOON + PRESENT + timedelta(seconds=1))
    assert (feed.messages_per_minute, feed.delay_seconds, feed.since) == (None, None, None)
    assert (feed.connector_count, feed.connected) == (0, False)
    assert (feed.heard_at, feed.last_message_at) == (NOON, NOON - MINUTE)


def test_a_connector_that_is_gone_does_not_make_its_successor_look_disconnected() -> None:
    gone = replace(TOLD, heard_at=NOON - 10 * MINUTE, connected=False, trouble="refused")
    feed = known(gone, TOLD)
    assert (feed.connected, feed.trouble, feed.message_count) == (True, "", 600)


def test_one_that_is_not_connected_says_why() -> None:
    feed = known(TOLD, replace(TOLD, connected=False, trouble="connection refused"))
    assert (feed.connected, feed.trouble) == (False, "connection refused")


def test_a_connector_that_has_just_started_has_no_rate_yet() -> None:
    feed = known(replace(TOLD, recent_count=0, recent_seconds=0.0, recent_delay_seconds=None))
    assert (feed.messages_per_minute, feed.delay_seconds) == (None, None)


def test_feeds_come_by_source_and_network() -> None:
    told = [replace(TOLD, network="west"), replace(TOLD, source="a"), TOLD]
    names = [(feed.source, feed.network) for feed in known_feeds(told, NOON)]
    assert names == [("a", "north"), ("hes", "north"), ("hes", "west")]
