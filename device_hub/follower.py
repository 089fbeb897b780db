"""Follows the journal: the change stream is the outbox, nothing is published beside what was saved.

A follower keeps its position with what it wrote, and resumes from it. Without a position, or with one that fell off
the oplog, it notes the cluster's time, reads what lies in the journal (catching up), then watches from that time.
A commit may be seen twice, never missed; who is told ignores revisions that it has seen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from bson.timestamp import Timestamp
from pymongo import ASCENDING, AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

Document = dict[str, Any]
Deliver = Callable[[Sequence[Document]], Awaitable[None]]

# A resume token that cannot be used any more: history lost, or made by another database.
_TOKEN_USELESS = frozenset({136, 260, 280, 286})
# Commits are read by the time in their ``_id``, which several hosts made: look back further than clocks differ.
_LOOK_BACK = timedelta(hours=1)
_AWAIT_MS = 500
_RETRY_SECONDS = 1.0
# A delivery costs the same for one commit as for many: at this pace a commit waits hardly, and seldom goes alone.
_PACE_SECONDS = 0.1
# Keeping a position is a write, which moves the stream's token itself: an idle follower keeps it rarely.
_IDLE_KEEP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the stream: a commit or, when there was none, just where the stream stands."""

    token: Mapping[str, Any]
    commit: Document | None


Ahead = asyncio.Queue[Seen | None]


@dataclass(frozen=True, slots=True)
class Follower:
    """Delivers every commit, in the order of each device, at least once, in groups of at most ``most``."""

    name: str
    client: AsyncMongoClient[Document]
    commits: AsyncCollection[Document]
    positions: AsyncCollection[Document]
    deliver: Deliver
    most: int = 500

    async def run(self) -> None:
        """Follow for ever; trouble with the database costs delay. An error of ``deliver`` ends the follower."""
        while True:
            end_if_cancelled()
            try:
                await self._follow()
            except OperationFailure as error:
                if error.code not in _TOKEN_USELESS:
                    log.warning("follower waits", follower=self.name, error=str(error))
                else:
                    log.warning("follower's position is lost, catching up", follower=self.name)
                    await self.positions.update_one(
                        {"_id": self.name}, {"$unset": {"resume_token": ""}}
                    )
            except PyMongoError as error:
                log.warning("follower waits", follower=self.name, error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        position = await self.positions.find_one({"_id": self.name}) or {}
        token = position.get("resume_token")
        start = None if token else await self._catch_up(position.get("last_id"))
        inserts = [{"$match": {"operationType": "insert"}}]
        async with await self.commits.watch(
            inserts,
            resume_after=token,
            start_at_operation_time=start,
            max_await_time_ms=_AWAIT_MS,
            batch_size=self.most,
        ) as stream:
            # Bounded: when deliveries are slow, the stream waits in the database.
            ahead: Ahead = asyncio.Queue(self.most)
            tasks = (
                asyncio.create_task(_read(stream, ahead), name="change stream"),
                asyncio.create_task(self._deliver_from(ahead), name="deliveries"),
            )
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
            for result in ended:
                if isinstance(result, Exception):
                    raise result

    async def _deliver_from(self, ahead: Ahead) -> None:
        clock = asyncio.get_running_loop().time
        kept_at = float("-inf")
        over = False
        while not over:
            end_if_cancelled()
            looks = [await ahead.get()]
            if looks[0] is not None and looks[0].commit is not None:
                await asyncio.sleep(_PACE_SECONDS)
            while not ahead.empty() and len(looks) < self.most:
                looks.append(ahead.get_nowait())
            over = looks[-1] is None
            seen = [look for look in looks if look is not None]
            group = [one.commit for one in seen if one.commit is not None]
            if group:
                await self.deliver(group)
            if seen and (group or clock() - kept_at > _IDLE_KEEP_SECONDS):
                kept_at = clock()
                await self._keep({"resume_token": seen[-1].token, **_last_id(group)})

    async def _catch_up(self, last_id: ObjectId | None) -> Timestamp:
        now = await self._cluster_time()
        after = last_id and ObjectId.from_datetime(last_id.generation_time - _LOOK_BACK)
        count = 0
        while True:
            query = {"_id": {"$gt": after}} if after else {}
            group = await self.commits.find(query).sort("_id", ASCENDING).limit(self.most).to_list()
            if not group:
                break
            await self.deliver(group)
            after = group[-1]["_id"]
            count += len(group)
            await self._keep(_last_id(group))
        log.info("follower caught up", follower=self.name, commits=count)
        return now

    async def _cluster_time(self) -> Timestamp:
        hello = await self.client.admin.command("hello")
        if "operationTime" not in hello:
            # Nothing is committed yet where a member has just become primary.
            raise AutoReconnect("the database knows no cluster time yet")
        time: Timestamp = hello["operationTime"]
        return time

    async def _keep(self, position: Document) -> None:
        await self.positions.update_one({"_id": self.name}, {"$set": position}, upsert=True)


async def _read(stream: AsyncChangeStream[Document], ahead: Ahead) -> None:
    """Read ahead of the deliveries, so that neither waits for the other; None at the end of the stream."""
    while stream.alive:
        end_if_cancelled()
        change = await stream.try_next()
        if change is not None:
            await ahead.put(Seen(change["_id"], change["fullDocument"]))
        elif ahead.empty() and stream.resume_token is not None:
            await ahead.put(Seen(stream.resume_token, None))
    await ahead.put(None)


def _last_id(group: Sequence[Document]) -> Document:
    return {"last_id": group[-1]["_id"]} if group else {}
