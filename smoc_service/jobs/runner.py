"""Works on jobs in the background: each in turn, a batch at a time, so that none waits for another's end.

Several processes may run; one at a time holds a job (a lease, which whoever was killed does not renew). The lease keeps
two from doing the same for nothing; that nothing is done twice rests on the transactions of ``jobs.turn`` alone.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from service_chassis.refusals import CallRefused
from service_chassis.scope import Scope
from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.jobs.core.job import LEASE, Job, State, has_grown_too_much
from smoc_service.jobs.documents import (
    JOB_ITEMS,
    JOBS,
    forget_at,
    item_document,
    job_from,
    next_version,
)
from smoc_service.jobs.selection import Devices, Find, choose
from smoc_service.jobs.turn import AT_MOST, JobTurns
from smoc_service.mongodb import Document, as_stored

log = structlog.get_logger()

_IDLE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 10.0
_LETTING_GO_SECONDS: Final = 2.0
_LISTED_AT_ONCE: Final = 5_000


@dataclass(slots=True, kw_only=True)
class _Preparation:
    """A list that is being written."""

    list_id: str
    devices: Devices
    written: int = 0
    last: str = ""


class JobRunner:
    """Keeps jobs going while ``run`` runs."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        find: Find,
        *,
        now: Callable[[], datetime],
        worker: str,
        new_list_id: Callable[[], str],
        at_once: int = AT_MOST,
    ) -> None:
        self._client = client
        self._database = database
        self._jobs = client[database][JOBS]
        self._items = client[database][JOB_ITEMS]
        self._find = find
        self._now = now
        self._worker = worker
        self._new_list_id = new_list_id
        self._at_once = at_once
        self._woken = asyncio.Event()
        # By job: at most as many as there are unfinished jobs.
        self._preparations: dict[str, _Preparation] = {}
        self._sizes: dict[str, int] = {}

    def wake(self) -> None:
        """Look for work now: there is a new job, or one goes on."""
        self._woken.set()

    async def run(self) -> None:
        """Work for ever; trouble with the database costs delay."""
        pause = _IDLE_SECONDS
        try:
            while True:
                end_if_cancelled()
                try:
                    async with self._client.start_session() as session:
                        turns = JobTurns(self._client, self._database, session)
                        while True:
                            end_if_cancelled()
                            self._woken.clear()
                            if not await self.round(turns):
                                with suppress(TimeoutError):
                                    await asyncio.wait_for(self._woken.wait(), _IDLE_SECONDS)
                            pause = _IDLE_SECONDS
                except PyMongoError as error:
                    log.warning("jobs wait", detail=str(error)[:200])
                    await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
                    pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        finally:
            await self._let_go()

    async def round(self, turns: JobTurns) -> bool:
        """Give every job that is free for this process one batch; return whether anything was done.

        Raises:
            PyMongoError: of the last job that met trouble, after the others had their batch.
        """
        documents = await self._jobs.find({"unfinished": True}, hint="unfinished").to_list()
        unfinished = {document["_id"] for document in documents}
        for kept in (self._preparations, self._sizes):
            for job_id in kept.keys() - unfinished:
                del kept[job_id]
        busy, trouble = False, None
        for document in sorted(documents, key=lambda each: each["updated_at"]):
            end_if_cancelled()
            try:
                busy |= await self._batch(document, turns)
            except (ParkNotLoaded, TooManyQuestions) as error:
                log.info("job waits", job_id=document["_id"], detail=str(error))
            except PyMongoError as error:
                self._preparations.pop(document["_id"], None)
                trouble = error
        if trouble is not None:
            raise trouble
        return busy

    async def _batch(self, document: Document, turns: JobTurns) -> bool:
        job, now = job_from(document), as_stored(self._now())
        if job.has_lasted_too_long(now):
            return await self._put(document, job.cancelled(now, "not finished in time"))
        if not job.is_worked_on or not job.is_free_for(self._worker, now):
            return False
        if (job.worker, job.session) != (self._worker, turns.session):
            # Whatever this process was about to write for it is outdated.
            self._preparations.pop(job.job_id, None)
            if job.session:
                await turns.end_session(job.session)
            job = job.taken(self._worker, turns.session, now)
            if not await self._put(document, job):
                return False
            document = {**document, "version": job.version}
        if job.state is State.PREPARING:
            return await self._prepare(document, job)
        return await self._take_turn(job.job_id, turns)

    async def _take_turn(self, job_id: str, turns: JobTurns) -> bool:
        size = self._sizes.get(job_id, self._at_once)
        try:
            after = await turns.take(job_id, self._worker, size, as_stored(self._now()))
        except PyMongoError as error:
            if not error.has_error_label("TransientTransactionError"):
                raise
            # Somebody else changed one of them. The fewer, the likelier it is that nobody does.
            self._sizes[job_id] = max(1, size // 2)
            log.debug("job met others", job_id=job_id, devices=size)
            await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311 - jitter
            return True
        self._sizes[job_id] = min(2 * size, self._at_once)
        if after is not None and after.ended_at is not None:
            log.info("job ended", job_id=job_id, state=after.state, devices=after.counts.total)
        return after is not None

    async def _prepare(self, document: Document, job: Job) -> bool:
        """Write the next piece of the job's list; with the last one the job begins."""
        preparation = self._preparations.get(job.job_id)
        if preparation is None:
            return await self._begin_list(document, job)
        piece = await preparation.devices.some(_LISTED_AT_ONCE, preparation.last)
        now = as_stored(self._now())
        if not piece:
            del self._preparations[job.job_id]
            return await self._put(
                document, job.fixed(preparation.list_id, preparation.written, now)
            )
        forgotten_at = forget_at(job.created_at)
        await self._items.insert_many(
            [
                item_document(preparation.list_id, number, device_id, forgotten_at)
                for number, device_id in enumerate(piece, preparation.written)
            ],
            ordered=False,
        )
        preparation.written += len(piece)
        preparation.last = piece[-1]
        return await self._renewed(document, job)

    async def _begin_list(self, document: Document, job: Job) -> bool:
        now = as_stored(self._now())
        if job.list_id and await self._delete_some(job.list_id):
            return await self._renewed(document, job)
        try:
            devices = choose(job.selection, Scope(job.networks), self._find).devices
        except CallRefused as refused:
            return await self._put(document, job.cancelled(now, refused.detail))
        count = await devices.count()
        if has_grown_too_much(job.expected_count, count):
            why = f"not begun, the selection has grown to {count:,}"
            return await self._put(document, job.cancelled(now, why))
        list_id = self._new_list_id()
        if not await self._put(document, job.after(now, list_id=list_id, lease_until=now + LEASE)):
            return False
        self._preparations[job.job_id] = _Preparation(list_id=list_id, devices=devices)
        return True

    async def _delete_some(self, list_id: str) -> bool:
        """Delete a piece of a list that was given up half written; return whether there was anything to delete."""
        query = {"_id.list": list_id}
        found = self._items.find(query, {"_id": True}, hint="by_outcome").limit(_LISTED_AT_ONCE)
        keys = [each["_id"] async for each in found]
        if keys:
            await self._items.delete_many({"_id": {"$in": keys}})
        return bool(keys)

    async def _renewed(self, document: Document, job: Job) -> bool:
        return await self._put(
            document, job.taken(self._worker, job.session, as_stored(self._now()))
        )

    async def _put(self, document: Document, after: Job) -> bool:
        """Store the job unless somebody else changed it; then its next round sees what it is."""
        guard, replacement = next_version(document, after)
        return (await self._jobs.replace_one(guard, replacement)).matched_count > 0

    async def _let_go(self) -> None:
        """Let others take what this process held, without waiting for its lease to end."""
        held: dict[str, Any] = {"unfinished": True, "worker": self._worker}
        update = {"$set": {"worker": "", "lease_until": None}, "$inc": {"version": 1}}
        with suppress(PyMongoError, TimeoutError):
            async with asyncio.timeout(_LETTING_GO_SECONDS):
                await self._jobs.update_many(held, update, hint="unfinished")
