"""What a feed's line says."""

import pytest
from meterpark.device_hub.v1.feed_pb2 import KnownFeed

from meterpark_cli.feeds.tables import delay, feed_state, rate
from tests.specs.cli.moments import NOW


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (KnownFeed(connector_count=2, connected=True), "CONNECTED"),
        (KnownFeed(connector_count=1, connected=False), "DISCONNECTED"),
        # It was connected when a connector told of it last.
        (KnownFeed(connector_count=0, connected=True), "UNKNOWN"),
    ],
)
def test_a_feed_of_which_nobody_tells_is_unknown(feed: KnownFeed, state: str) -> None:
    assert feed_state(feed) == state


@pytest.mark.parametrize(
    ("each_minute", "said"),
    [(None, "-"), (0.0, "0.0"), (0.04, "<0.1"), (3.14, "3.1"), (1234.5, "1,234")],
)
def test_a_rate_that_is_not_known_is_no_zero(each_minute: float | None, said: str) -> None:
    assert rate(KnownFeed(messages_per_minute=each_minute)) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, "-"), (0.2, "<1 s"), (59.0, "59 s"), (600.0, "10 min")]
)
def test_the_longest_way_is_said_as_an_age(seconds: float | None, said: str) -> None:
    assert delay(KnownFeed(delay_seconds=seconds), NOW) == said
