"""The connector's progress, per source and towards the hub; reported to the hub every few seconds, which shows it.

Nothing here decides or waits: parts of the connector note what they do, and `Telling` reports it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from meterpark.status.v1 import status_pb2
from meterpark.status.v1.status_service_pb2 import Teller

from iec_connector.counters import Counters
from iec_connector.feeds import FeedFacts, Feeds
from iec_connector.forwarding.forwarding import HubRefused, HubUnavailable, Outcome, Parcel, Verdict
from iec_connector.reading.reading import Reading, Unread
from jms_transport import Connection, TransportError
from service_chassis.retries import spread
from service_status.hop import Hop, HopFacts, UnderWay
from service_status.wire import hops_to_wire, timestamp

_STEADY = timedelta(seconds=10)
"""A connection that lived this long ends the trouble; one that dies at once does not."""

# What of a message's ends means that the broker may forget it.
_SETTLED = ("messages_taken", "messages_taken_in_part", "messages_unreadable", "messages_rejected")

Record = Callable[[Sequence[Parcel]], Awaitable[Sequence[Verdict]]]


class SourceProgress:
    """One source: its connection, what was received of it and waits, and what was settled."""

    def __init__(
        self,
        name: str,
        *,
        broker: str,
        destinations: Sequence[str],
        counters: Counters,
        now: Callable[[], datetime],
        networks: Sequence[str] = (),
        took: Callable[[str, float], None] = lambda _, __: None,
    ) -> None:
        """``broker`` is an address without secrets, ``counters`` those of this source.

        ``networks``: those that the source's configuration names. ``took`` is told the source and the seconds of each
        message from its receipt to its end.
        """
        self.name = name
        self.counters = counters
        self._took = took
        self._hop = Hop(f"source {name}", peer=broker, now=now)
        self._destinations = tuple(destinations)
        self._now = now
        self._connected_since: datetime | None = None
        self.connections = 0
        self._received_at: datetime | None = None
        self.received_count = 0
        self._feeds = Feeds(name, networks, now=now)

    async def dialled(self, dial: Callable[[], Awaitable[Connection]]) -> Connection:
        """Connect by ``dial``, noted."""
        try:
            connection = await dial()
        except TransportError as error:
            self._hop.troubled(str(error))
            raise
        self._connected_since = self._now()
        self.connections += 1
        return connection

    async def used(
        self, use: Callable[[Connection], Awaitable[None]], connection: Connection
    ) -> None:
        """Use the connection by ``use`` until it ends, noted."""
        try:
            await use(connection)
        except TransportError as error:
            if self._is_steady():
                # What was in the way before this connection is over.
                self._hop.well()
            self._hop.troubled(str(error))
            raise
        finally:
            self._connected_since = None

    def received(self, reading: Reading, at: datetime) -> None:
        """Count a message for the networks that it speaks of."""
        found = reading.found
        header = found.header
        networks = {one.device_id.partition("/")[0] for one in reading.named}
        self._feeds.received(
            networks or ({found.network} if found.network else ()),
            at,
            created_at=None if header is None else header.timestamp,
            unreadable=isinstance(found, Unread) or bool(found.problems),
        )

    def feeds(self) -> list[FeedFacts]:
        """Return what was received, by network."""
        trouble = self.facts().trouble
        return self._feeds.facts(self._connected_since, "" if trouble is None else trouble.detail)

    def message(self) -> UnderWay:
        """Call it when a message arrives; the block is to last until it is settled or lost."""
        self._received_at = self._now()
        self.received_count += 1
        return self._hop.under_way()

    def ended(self, received_at: datetime) -> None:
        """Note that a message is settled, or lost."""
        self._took(self.name, (self._now() - received_at).total_seconds())

    @property
    def is_connected(self) -> bool:
        return self._connected_since is not None

    def facts(self) -> HopFacts:
        facts = self._hop.facts()
        settled = [at for name in _SETTLED if (at := self.counters.last(name)) is not None]
        last_done_at = max(settled, default=None)
        trouble = facts.trouble
        if trouble is not None and self._connected_since is not None:
            has_gone_on = last_done_at is not None and last_done_at > trouble.last
            if has_gone_on or self._is_steady():
                trouble = None
        return replace(
            facts,
            last_done_at=last_done_at,
            done_count=sum(self.counters[name] for name in _SETTLED),
            trouble=trouble,
            destinations=self._destinations,
            detail=self._told(),
        )

    def _told(self) -> str:
        since = self._connected_since
        connected = f"connected since {since:%Y-%m-%d %H:%M:%S} UTC" if since else "not connected"
        heard = (
            f"last message {self._received_at:%Y-%m-%d %H:%M:%S} UTC"
            if self._received_at
            else "no message since the start"
        )
        return f"{connected}, connection {self.connections}, {heard}"

    def _is_steady(self) -> bool:
        since = self._connected_since
        return since is not None and self._now() - since >= _STEADY


@dataclass(frozen=True, slots=True)
class WatchedRecord:
    """Recording of reports at the hub, noted."""

    record: Record
    hop: Hop

    async def __call__(self, parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        try:
            verdicts = await self.record(parcels)
        except (HubUnavailable, HubRefused) as error:
            self.hop.troubled(str(error))
            raise
        waiting = [verdict for verdict in verdicts if verdict.outcome is Outcome.POSTPONED]
        if len(waiting) < len(verdicts):
            self.hop.did(len(verdicts) - len(waiting))
        elif waiting:
            self.hop.troubled(f"the hub postpones all {len(waiting)} reports of a batch")
        return verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """All hops of a connector."""

    sources: Sequence[SourceProgress]
    reports: Hop
    # Towards the quarantine; nothing waits there that does not wait in a source too.
    others: Sequence[Hop]
    reports_waiting: Callable[[], int]

    def facts(self) -> list[HopFacts]:
        sources = [source.facts() for source in self.sources]
        reports, count = self.reports.facts(), self.reports_waiting()
        # A report waits as long as its message: the oldest of those is not younger than the oldest of these.
        since = min((one.waiting_since for one in sources if one.waiting_since), default=None)
        if count and since is not None:
            reports = replace(reports, waiting_count=count, waiting_since=since)
        return [*sources, reports, *(hop.facts() for hop in self.others)]

    def feeds(self) -> list[FeedFacts]:
        """Return what was received, by source and network."""
        return [feed for source in self.sources for feed in source.feeds()]

    async def hops(self) -> list[status_pb2.Hop]:
        """Return all hops as they travel."""
        return hops_to_wire(self.facts())


class Tell(Protocol):
    async def __call__(
        self, teller: Teller, *, ends: bool, feeds: Sequence[FeedFacts] = ()
    ) -> None:
        """Report to the hub; raises HubUnavailable or HubRefused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Reports the connector's progress to the hub."""

    name: str
    progress: Progress
    tell: Tell
    started_at: datetime
    now: Callable[[], datetime]
    every_seconds: float

    async def run(self) -> None:
        """Report for ever; a failed report is made up for by the next one."""
        while True:
            # The hops show that the hub is away, and the hub's status shows missing reports.
            with suppress(HubUnavailable, HubRefused):
                await self.tell(
                    self._teller(self.progress.facts()), ends=False, feeds=self.progress.feeds()
                )
            await asyncio.sleep(spread(0.8 * self.every_seconds))

    async def end(self, within_seconds: float) -> None:
        """Sign off, so that the hub does not report this connector as missing."""
        with suppress(HubUnavailable, HubRefused, TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self.tell(self._teller(()), ends=True)

    def _teller(self, hops: Sequence[HopFacts]) -> Teller:
        return Teller(
            name=self.name,
            told_time=timestamp(self.now()),
            started_time=timestamp(self.started_at),
            hops=hops_to_wire(hops),
            every_seconds=self.every_seconds,
        )
