"""Follows the journal: the change stream is the outbox, nothing is published beside what was saved.

A follower keeps its position with what it wrote, and resumes from it. Without a position, or with one that fell off
the oplog, it notes a point of the database's time, reads what lies in the journal at that point or later (catching up),
then watches from that point. A commit may be seen twice, never missed; who is told ignores revisions that it has seen.

Of several processes with the same position one follows, and the others wait for its lease (``lease``). One whose
delivery takes very long, because its own way to the receiver is broken, leaves the lease to another.

Catching up reads in the order of ``_id``, which several hosts make with clocks that differ: a device's commits may come
out of order then. ``deliver`` has to compare revisions.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

import bson
import structlog
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp
from pymongo import ASCENDING, AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from change_streams import Changes, PositionLost, changes, follow, point_of_time
from device_hub.journal.lease import LEASE_SECONDS, Holder, Lease, LeaseLost
from device_hub.journal.newer import WrittenByNewerHub
from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Retries
from service_chassis.tasks import side_by_side

log = structlog.get_logger()

Document = dict[str, Any]
Deliver = Callable[[Sequence[Document]], Awaitable[None]]

_TROUBLE = (PyMongoError, WrittenByNewerHub)
# Commits are read by the time in their ``_id``, which several hosts made: look back further than clocks differ.
_LOOK_BACK = timedelta(hours=1)
_PATIENCE_SECONDS = 0.5
# A delivery costs the same for one commit as for many: at this pace a commit waits hardly, and seldom goes alone.
_PACE_SECONDS = 0.1
# Keeping a position is a write, which moves the stream's token itself: an idle follower keeps it rarely.
_IDLE_KEEP_SECONDS = 30.0
# A delivery that takes longer does not keep another process from trying.
_STUCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One result of reading the stream: a commit or, without one, only the stream's position."""

    token: Mapping[str, Any]
    commit: RawBSONDocument | None = None
    at: Timestamp | None = None

    @property
    def size(self) -> int:
        return 0 if self.commit is None else len(self.commit.raw)


class Ahead:
    """What was read and not yet delivered: bounded in number and bytes, so that the rest waits in the database.

    One commit always fits, however large it is.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._seen: list[Seen] = []
        self._bytes = 0
        self._changed = asyncio.Condition()

    @property
    def is_empty(self) -> bool:
        return not self._seen

    async def put(self, one: Seen) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._has_room_for(one))
            self._seen.append(one)
            self._bytes += one.size
            self._changed.notify_all()

    async def take(self, pace_seconds: float) -> list[Seen]:
        """Return all that is there, at least one, a moment after a commit came."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._seen)
        if self._seen[0].commit is not None:
            await asyncio.sleep(pace_seconds)
        async with self._changed:
            seen, self._seen, self._bytes = self._seen, [], 0
            self._changed.notify_all()
        return seen

    def _has_room_for(self, one: Seen) -> bool:
        return not self._seen or (
            len(self._seen) < self._most and self._bytes + one.size <= self._most_bytes
        )


@dataclass(frozen=True, slots=True)
class Follower:
    """Delivers every commit, at least once, in groups that are bounded in number and in bytes.

    At a commit that a newer hub wrote, and that this one cannot read, it stands still and lets another process follow.
    """

    name: str
    client: AsyncMongoClient[Document]
    commits: AsyncCollection[Document]
    positions: AsyncCollection[Document]
    deliver: Deliver
    most: int = 500
    # As they lie in the database. A single commit that is larger travels alone.
    most_bytes: int = 8 * 2**20
    holder: Holder = field(default_factory=Holder)
    lease_seconds: float = LEASE_SECONDS
    stuck_seconds: float = _STUCK_SECONDS

    async def run(self) -> None:
        """Follow for ever. Trouble with the database causes delay. An error of ``deliver`` ends the follower."""
        retries = Retries(f"follow as {self.name}")
        lease = Lease(self.positions, self.name, self.holder, seconds=self.lease_seconds)
        try:
            await follow(partial(self._one_shift, lease, retries), retries, on=_TROUBLE)
        finally:
            await lease.let_go()

    async def _one_shift(self, lease: Lease, retries: Retries) -> None:
        """Wait for the lease, and follow while this process holds it."""
        await lease.wait(in_vain=retries.got_on)
        log.info("follows", follower=self.name)
        try:
            await self._while_it_holds(lease, retries)
        except LeaseLost:
            log.warning("another process follows by now", follower=self.name)
        except WrittenByNewerHub:
            # A process of the newer version goes on from the same position.
            await lease.let_go()
            raise

    async def _while_it_holds(self, lease: Lease, retries: Retries) -> None:
        shift = _Shift(lease, self.deliver, self.stuck_seconds)
        try:
            await side_by_side(self._follow(shift, retries), lease.renew(shift.gets_on))
        except PositionLost:
            await lease.forget("resume_token")
            raise

    async def _follow(self, shift: "_Shift", retries: Retries) -> None:
        position = await self.positions.find_one({"_id": self.name}) or {}
        token = position.get("resume_token")
        start = None if token else await self._catch_up(shift, position)
        async with changes(
            self._raw,
            [{"$match": {"operationType": "insert"}}],
            after=token,
            since=start,
            patience_seconds=_PATIENCE_SECONDS,
            at_once=self.most,
        ) as stream:
            ahead = Ahead(self.most, self.most_bytes)
            await side_by_side(
                _read_ahead(stream, ahead), self._deliver_from(shift, ahead, retries)
            )

    async def _deliver_from(self, shift: "_Shift", ahead: Ahead, retries: Retries) -> None:
        clock = asyncio.get_running_loop().time
        kept_at = float("-inf")
        while True:
            end_if_cancelled()
            seen = await ahead.take(_PACE_SECONDS)
            group = [self._read(one.commit) for one in seen if one.commit is not None]
            if group:
                await shift.deliver(group)
            if group or clock() - kept_at > _IDLE_KEEP_SECONDS:
                kept_at = clock()
                await shift.keep({"resume_token": seen[-1].token, **_seen_until(seen)})
            retries.got_on()

    async def _catch_up(self, shift: "_Shift", position: Document) -> Timestamp:
        start = await point_of_time(self.commits)
        after = _scanned_until(position)
        count = 0
        while group := await self._page(after, start):
            await shift.deliver(group)
            after = group[-1]["_id"]
            count += len(group)
            await shift.keep({"last_id": after, "seen_at": start})
        log.info("follower caught up", follower=self.name, commits=count)
        return start

    async def _page(self, after: ObjectId | None, start: Timestamp) -> list[Document]:
        """Return what follows ``after``. Whichever member answers, it knows what was committed until ``start``."""
        query = {"_id": {"$gt": after}} if after else {}
        async with self.client.start_session(causal_consistency=True) as session:
            session.advance_operation_time(start)
            found = self._raw.find(query, session=session).sort("_id", ASCENDING).limit(self.most)
            group: list[Document] = []
            size = 0
            async with found:
                async for one in found:
                    group.append(self._read(one))
                    size += len(one.raw)
                    if size >= self.most_bytes:
                        break
        return group

    @property
    def _raw(self) -> AsyncCollection[RawBSONDocument]:
        """The commits as bytes, whose number bounds what is held; read by majority, as nothing else is for good."""
        return self.commits.with_options(
            codec_options=self.commits.codec_options.with_options(document_class=RawBSONDocument),
            read_concern=ReadConcern("majority"),
        )

    def _read(self, commit: RawBSONDocument) -> Document:
        return bson.decode(commit.raw, self.commits.codec_options)


class _Shift:
    """The time for which one process follows: it delivers, and keeps positions, while it holds the lease."""

    def __init__(self, lease: Lease, deliver: Deliver, stuck_seconds: float) -> None:
        self._lease = lease
        self._deliver = deliver
        self._stuck_seconds = stuck_seconds
        self._clock = asyncio.get_running_loop().time
        self._delivers_since: float | None = None

    def gets_on(self) -> bool:
        """Return whether the present delivery has not taken too long yet."""
        since = self._delivers_since
        return since is None or self._clock() - since < self._stuck_seconds

    async def deliver(self, group: Sequence[Document]) -> None:
        """Deliver a group; raise LeaseLost, and then nothing of it is delivered."""
        await self._lease.make_sure()
        self._delivers_since = self._clock()
        await self._deliver(group)
        self._delivers_since = None

    async def keep(self, position: Document) -> None:
        """Keep how far it came; raise LeaseLost, and then nothing is kept."""
        await self._lease.move(position)


async def _read_ahead(stream: Changes[RawBSONDocument], ahead: Ahead) -> NoReturn:
    """Read ahead of the deliveries, so that neither waits for the other."""
    while True:
        change = await stream.next()
        if change is not None:
            await ahead.put(Seen(change["_id"], change["fullDocument"], change["clusterTime"]))
        elif ahead.is_empty:
            await ahead.put(Seen(stream.position))


def _seen_until(seen: Sequence[Seen]) -> Document:
    for one in reversed(seen):
        if one.commit is not None:
            return {"last_id": one.commit["_id"], "seen_at": one.at}
    return {}


def _scanned_until(position: Document) -> ObjectId | None:
    """Return behind which ``_id`` everything lies that was perhaps not delivered; None: from the first on.

    A host whose clock is ahead must not make it skip what others commit: the database's own time counts as well.
    """
    last_id: ObjectId | None = position.get("last_id")
    if last_id is None:
        return None
    seen_at: Timestamp | None = position.get("seen_at")
    times = [last_id.generation_time, *([seen_at.as_datetime()] if seen_at else [])]
    return ObjectId.from_datetime(min(times) - _LOOK_BACK)
