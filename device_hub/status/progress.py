"""The hub's progress: its own hops, and those that connectors report, as connectors serve no calls.

Each replica keeps the reports that it got itself: a connector's calls reach all replicas in turn. So nothing is
stored, and the status works without the database.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import pymongo
from bson import ObjectId
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.status.v1.status_service_pb2 import Teller
from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from device_hub.journal.heads import Heads
from service_chassis.refusals import argument_invalid
from service_status.hop import Hop, HopFacts
from service_status.wire import timestamp

Document = dict[str, Any]

_TELLERS_AT_MOST = 64
_HOPS_AT_MOST = 64
_LONGEST_TEXT = 1_000
_FORGOTTEN_AFTER = timedelta(hours=1)
_COUNTED_AT_MOST = 1_000
_PATIENCE_MS = 2_000
_POSTPONED = Verdict.OUTCOME_POSTPONED


class Tellers:
    """The newest reports of connectors."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._heard: dict[str, tuple[datetime, Teller]] = {}

    def hear(self, teller: Teller, *, ends: bool) -> None:
        """Keep a report; raise CallRefused when it is larger than a connector's can be."""
        if not teller.name or len(teller.name) > _LONGEST_TEXT:
            raise argument_invalid("teller.name", f"must have 1 to {_LONGEST_TEXT} characters")
        if len(teller.hops) > _HOPS_AT_MOST:
            raise argument_invalid(
                "teller.hops", f"{len(teller.hops)}, {_HOPS_AT_MOST} are the most"
            )
        self._heard.pop(teller.name, None)
        if ends:
            return
        self._forget(_TELLERS_AT_MOST - 1)
        at = self._now()
        kept = Teller()
        kept.CopyFrom(teller)
        kept.heard_time.CopyFrom(timestamp(at))
        self._heard[teller.name] = (at, kept)

    def __call__(self) -> list[Teller]:
        self._forget(_TELLERS_AT_MOST)
        return [teller for _, teller in self._heard.values()]

    def _forget(self, most: int) -> None:
        """Drop old reports; beyond ``most``, the oldest first."""
        oldest = self._now() - _FORGOTTEN_AFTER
        for name in [name for name, (at, _) in self._heard.items() if at < oldest]:
            del self._heard[name]
        for name in list(self._heard)[: max(0, len(self._heard) - most)]:
            del self._heard[name]


class RecordsReports(Protocol):
    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report, in order."""
        ...


@dataclass(frozen=True, slots=True)
class WatchedDoor:
    """A door for reports that notes what waits in it and what its verdicts say."""

    door: RecordsReports
    hop: Hop

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        with self.hop.under_way(len(reports)):
            verdicts = await self.door.record(reports)
        waiting = [verdict for verdict in verdicts if verdict.outcome == _POSTPONED]
        if len(waiting) < len(verdicts):
            self.hop.did(len(verdicts) - len(waiting))
        elif waiting:
            self.hop.troubled(f"{len(waiting)} reports postponed: {waiting[0].detail}")
        return verdicts


class WatchedDeliveries:
    """A follower's deliveries, noted; and beside them what the journal holds that was not delivered yet."""

    def __init__(
        self,
        deliver: Callable[[Sequence[Document]], Awaitable[None]],
        hop: Hop,
        commits: AsyncCollection[Document],
        positions: AsyncCollection[Document],
        heads: Heads,
        *,
        follower: str,
        delivered: Callable[[Sequence[Document]], None] = lambda _: None,
    ) -> None:
        """``delivered`` is told of each group of commits that the register holds."""
        self._told = delivered
        self._deliver = deliver
        self._hop = hop
        self._commits = commits
        self._positions = positions
        self._heads = heads
        self._follower = follower
        self._delivered: ObjectId | None = None

    async def __call__(self, commits: Sequence[Document]) -> None:
        with self._hop.under_way(len(commits)):
            await self._deliver(commits)
        self._hop.did(len(commits))
        self._told(commits)
        newest = max((commit["_id"] for commit in commits), default=self._delivered)
        if newest is not None and (self._delivered is None or newest > self._delivered):
            self._delivered = newest

    @property
    def position(self) -> datetime | None:
        """When the newest commit that was delivered since the start was made."""
        return None if self._delivered is None else self._delivered.generation_time

    async def facts(self) -> list[HopFacts]:
        """Return the hop, with the commits that are not delivered yet as what waits."""
        facts = self._hop.facts()
        try:
            # The client's own limit: cancelled while it looks for a server, it may break what others ask.
            with pymongo.timeout(_PATIENCE_MS / 1000):
                behind = await self._behind()
        except PyMongoError:
            # Facts that need no database are still returned; the database's own look shows its trouble.
            return [facts]
        if not behind:
            return [facts]
        since = min(commit["committed_at"] for commit in behind)
        if facts.waiting_since is not None:
            since = min(since, facts.waiting_since)
        count = max(len(behind), facts.waiting_count)
        more = " or more" if len(behind) == _COUNTED_AT_MOST else ""
        return [
            replace(
                facts,
                waiting_count=count,
                waiting_since=since,
                detail=f"{count:,}{more} commits of the journal are not in the register",
            )
        ]

    async def _behind(self) -> list[Document]:
        """Return commits that no head includes: heads move with each delivery, by any replica.

        Ids alone do not suffice: several hosts make them, and they do not arrive in order.
        """
        # Of several replicas one follows at a time. This one's own last delivery may be long ago.
        known = [one for one in (self._delivered, await self._kept()) if one is not None]
        last = max(known, default=None)
        query = {"_id": {"$gte": last}} if last is not None else {}
        read = {"device_id": True, "revision": True, "committed_at": True}
        found = self._commits.find(query, read, max_time_ms=_PATIENCE_MS).sort("_id", ASCENDING)
        candidates = await found.limit(_COUNTED_AT_MOST).to_list()
        heads = await self._heads.revisions({commit["device_id"] for commit in candidates})
        return [
            commit
            for commit in candidates
            if heads.get(commit["device_id"], 0) < commit["revision"]
        ]

    async def _kept(self) -> ObjectId | None:
        """Return the commit that was delivered last, by any replica, if the follower kept it."""
        position = await self._positions.find_one(
            {"_id": self._follower}, {"last_id": True}, max_time_ms=_PATIENCE_MS
        )
        last = (position or {}).get("last_id")
        return last if isinstance(last, ObjectId) else None
