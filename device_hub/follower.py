"""Follows the journal: the change stream is the outbox, nothing is published beside what was saved.

A follower keeps its position with what it wrote, and resumes from it. Without a position, or with one that fell off
the oplog, it notes the cluster's time, reads what lies in the journal (catching up), then watches from that time.
A commit may be seen twice, never missed; who is told ignores revisions that it has seen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from bson.timestamp import Timestamp
from pymongo import ASCENDING, AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure, PyMongoError

from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

Document = dict[str, Any]
Deliver = Callable[[Sequence[Document]], Awaitable[None]]

# A resume token that cannot be used any more: history lost, or made by another database.
_TOKEN_USELESS = frozenset({136, 260, 280, 286})
# Commits are read by the time in their ``_id``, which several hosts made: look back further than clocks differ.
_LOOK_BACK = timedelta(hours=1)
_LINGER_MS = 100
_RETRY_SECONDS = 1.0
# Keeping a position is a write, which moves the stream's token itself: an idle follower keeps it rarely.
_IDLE_KEEP_SECONDS = 30.0


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
            max_await_time_ms=_LINGER_MS,
            batch_size=self.most,
        ) as stream:
            clock = asyncio.get_running_loop().time
            kept_at = float("-inf")
            while stream.alive:
                end_if_cancelled()
                group = await self._gather(stream)
                if group:
                    await self.deliver(group)
                if stream.resume_token and (group or clock() - kept_at > _IDLE_KEEP_SECONDS):
                    kept_at = clock()
                    await self._keep({"resume_token": stream.resume_token, **_last_id(group)})

    async def _gather(self, stream: AsyncChangeStream[Document]) -> list[Document]:
        group: list[Document] = []
        while len(group) < self.most:
            change = await stream.try_next()
            if change is None:
                break
            group.append(change["fullDocument"])
        return group

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
        time: Timestamp = hello["operationTime"]
        return time

    async def _keep(self, position: Document) -> None:
        await self.positions.update_one({"_id": self.name}, {"$set": position}, upsert=True)


def _last_id(group: Sequence[Document]) -> Document:
    return {"last_id": group[-1]["_id"]} if group else {}
