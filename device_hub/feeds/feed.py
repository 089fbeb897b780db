"""One feed as one connector tells it, and as all connectors together make it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

PRESENT: Final = timedelta(seconds=30)
"""What was heard longer ago is not the present: a connector tells every few seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFeed:
    """What a connector told last."""

    source: str
    network: str
    heard_at: datetime
    since: datetime | None
    message_count: int
    unreadable_count: int
    last_message_at: datetime | None
    last_created_at: datetime | None
    recent_count: int
    recent_seconds: float
    recent_delay_seconds: float | None
    connected: bool
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A feed as it is known now; None is what is not known, which is not 0."""

    source: str
    network: str
    heard_at: datetime
    connector_count: int
    since: datetime | None
    message_count: int
    unreadable_count: int
    messages_per_minute: float | None
    delay_seconds: float | None
    last_message_at: datetime | None
    last_created_at: datetime | None
    connected: bool
    trouble: str


def known_feeds(told: Iterable[ToldFeed], now: datetime) -> list[KnownFeed]:
    """Return the feeds of all connectors, by source and network."""
    by_name = sorted(told, key=_name)
    return [_known([*each], now) for _, each in groupby(by_name, key=_name)]


def _name(feed: ToldFeed) -> tuple[str, str]:
    return feed.source, feed.network


def _known(told: Sequence[ToldFeed], now: datetime) -> KnownFeed:
    present = [feed for feed in told if now - feed.heard_at <= PRESENT]
    rates = [
        60 * feed.recent_count / feed.recent_seconds for feed in present if feed.recent_seconds > 0
    ]
    delays = [
        feed.recent_delay_seconds for feed in present if feed.recent_delay_seconds is not None
    ]
    return KnownFeed(
        source=told[0].source,
        network=told[0].network,
        heard_at=max(feed.heard_at for feed in told),
        connector_count=len(present),
        since=min((feed.since for feed in present if feed.since is not None), default=None),
        message_count=sum(feed.message_count for feed in present),
        unreadable_count=sum(feed.unreadable_count for feed in present),
        messages_per_minute=sum(rates) if rates else None,
        delay_seconds=max(delays, default=None),
        last_message_at=_newest(feed.last_message_at for feed in told),
        last_created_at=_newest(feed.last_created_at for feed in told),
        connected=bool(present) and all(feed.connected for feed in present),
        trouble=next((feed.trouble for feed in present if feed.trouble), ""),
    )


def _newest(times: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in times if at is not None), default=None)
