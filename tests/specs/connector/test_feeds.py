"""What a source receives, by network: counted, bounded, and forgotten after minutes where it is a rate."""

from datetime import timedelta

from iec_connector.feeds import MOST_NETWORKS, NO_NETWORK, FeedFacts, Feeds
from tests.specs.connector.test_progress import NOON, Clock

SECOND = timedelta(seconds=1)


def facts(feeds: Feeds) -> dict[str, FeedFacts]:
    return {feed.network: feed for feed in feeds.facts(None, "")}


def test_a_network_of_the_configuration_is_a_feed_before_its_first_message() -> None:
    feed = facts(Feeds("hes", ["north"], now=Clock()))["north"]
    assert (feed.source, feed.message_count, feed.last_message_at) == ("hes", 0, None)
    assert (feed.recent_count, feed.recent_delay) == (0, None)


def test_a_message_counts_for_each_network_that_it_speaks_of() -> None:
    clock = Clock()
    feeds = Feeds("hes", [], now=clock)
    feeds.received(["north", "south"], clock(), created_at=NOON - 3 * SECOND, unreadable=False)
    feeds.received(["north"], clock(), created_at=None, unreadable=True)
    north, south = facts(feeds)["north"], facts(feeds)["south"]
    assert (north.message_count, north.unreadable_count) == (2, 1)
    assert (south.message_count, south.unreadable_count) == (1, 0)
    assert north.last_created_at == NOON - 3 * SECOND


def test_rate_and_delay_are_those_of_the_last_five_minutes() -> None:
    clock = Clock()
    feeds = Feeds("hes", ["north"], now=clock)
    feeds.received(["north"], clock(), created_at=NOON - 90 * SECOND, unreadable=False)
    clock.passes(200)
    feeds.received(["north"], clock(), created_at=clock() - 2 * SECOND, unreadable=False)
    feed = facts(feeds)["north"]
    assert (feed.recent_count, feed.recent, feed.recent_delay) == (
        2,
        200 * SECOND,
        90 * SECOND,
    )
    clock.passes(150)
    feed = facts(feeds)["north"]
    assert (feed.recent_count, feed.recent, feed.recent_delay) == (1, 300 * SECOND, 2 * SECOND)
    assert feed.message_count == 2


def test_a_message_from_the_future_has_no_negative_delay() -> None:
    clock = Clock()
    feeds = Feeds("hes", ["north"], now=clock)
    feeds.received(["north"], clock(), created_at=NOON + 60 * SECOND, unreadable=False)
    assert facts(feeds)["north"].recent_delay == timedelta(0)


def test_a_source_that_makes_up_networks_grows_no_further_than_the_limit() -> None:
    clock = Clock()
    feeds = Feeds("hes", [], now=clock)
    for number in range(3 * MOST_NETWORKS):
        feeds.received([f"n{number}"], clock(), created_at=None, unreadable=False)
    seen = facts(feeds)
    assert len(seen) == MOST_NETWORKS
    assert sum(feed.message_count for feed in seen.values()) == 3 * MOST_NETWORKS
    assert seen[NO_NETWORK].message_count == 3 * MOST_NETWORKS - (MOST_NETWORKS - 1)
