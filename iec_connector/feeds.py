"""What comes in, by network: how much, how late, when last. Numbers of one source, kept in memory and bounded."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

NO_NETWORK: Final = ""
MOST_NETWORKS: Final = 64
_WINDOW: Final = timedelta(minutes=5)
_BUCKET: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What was received for one network since the start."""

    source: str
    network: str
    since: datetime
    message_count: int
    unreadable_count: int
    last_message_at: datetime | None
    # When the newest of its messages was made, by the messages themselves.
    last_created_at: datetime | None
    recent_count: int
    recent: timedelta
    # The longest way of a message of the last minutes; None when no message said when it was made.
    recent_delay: timedelta | None
    connected_since: datetime | None = None
    trouble: str = ""


@dataclass(slots=True)
class _Bucket:
    ends_at: datetime
    count: int = 0
    delay: timedelta | None = None


class _Feed:
    def __init__(self) -> None:
        self.messages = 0
        self.unreadable = 0
        self.last_message_at: datetime | None = None
        self.last_created_at: datetime | None = None
        self._buckets: deque[_Bucket] = deque()

    def add(self, at: datetime, created_at: datetime | None, *, unreadable: bool) -> None:
        self.messages += 1
        self.unreadable += unreadable
        self.last_message_at = at
        bucket = self._bucket(at)
        bucket.count += 1
        if created_at is not None:
            self.last_created_at = created_at
            # A clock ahead of ours makes no message arrive before it was made.
            delay = max(at - created_at, timedelta(0))
            bucket.delay = delay if bucket.delay is None else max(bucket.delay, delay)

    def recent(self, now: datetime) -> list[_Bucket]:
        """Return the buckets of the last minutes; older ones are dropped."""
        while self._buckets and self._buckets[0].ends_at <= now - _WINDOW:
            self._buckets.popleft()
        return [*self._buckets]

    def _bucket(self, at: datetime) -> _Bucket:
        if not self._buckets or self._buckets[-1].ends_at <= at:
            self.recent(at)
            self._buckets.append(_Bucket(ends_at=at + _BUCKET))
        return self._buckets[-1]


class Feeds:
    """The feeds of one source."""

    def __init__(
        self, source: str, networks: Iterable[str], *, now: Callable[[], datetime]
    ) -> None:
        """``networks`` are those that the configuration names: they are feeds before their first message."""
        self._source = source
        self._now = now
        self._since = now()
        self._feeds = {network: _Feed() for network in [*networks][:MOST_NETWORKS] or [NO_NETWORK]}

    def received(
        self,
        networks: Iterable[str],
        at: datetime,
        *,
        created_at: datetime | None,
        unreadable: bool,
    ) -> None:
        """Count a message for each network that it speaks of; beyond the limit, and without one, for none."""
        for network in {*networks} or {NO_NETWORK}:
            feed = self._feeds.get(network)
            if feed is None:
                known = len(self._feeds) < MOST_NETWORKS
                feed = self._feeds.setdefault(network if known else NO_NETWORK, _Feed())
            feed.add(at, created_at, unreadable=unreadable)

    def facts(self, connected_since: datetime | None, trouble: str) -> list[FeedFacts]:
        now = self._now()
        return [
            self._facts(network, feed, now, connected_since, trouble)
            for network, feed in self._feeds.items()
        ]

    def _facts(
        self,
        network: str,
        feed: _Feed,
        now: datetime,
        connected_since: datetime | None,
        trouble: str,
    ) -> FeedFacts:
        recent = feed.recent(now)
        delays = [bucket.delay for bucket in recent if bucket.delay is not None]
        return FeedFacts(
            source=self._source,
            network=network,
            since=self._since,
            message_count=feed.messages,
            unreadable_count=feed.unreadable,
            last_message_at=feed.last_message_at,
            last_created_at=feed.last_created_at,
            recent_count=sum(bucket.count for bucket in recent),
            recent=min(now - self._since, _WINDOW),
            recent_delay=max(delays, default=None),
            connected_since=connected_since,
            trouble=trouble,
        )
