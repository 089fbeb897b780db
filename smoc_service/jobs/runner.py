"""Works on jobs in the background: each in turn, a batch at a time, so that no job waits for the end of another.

Several processes may run; one at a time holds a job (by a lease, which a killed process does not renew). The lease
avoids double work. The transactions of ``jobs.turn`` alone guarantee that nothing is done twice.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NoReturn

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from service_chassis.refusals import CallRefused
from service_chassis.retries import Retries
from service_chassis.scope import Scope
from smoc_service.alarms.documents import ALARMS
from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.jobs.core.job import Job, State, has_grown_too_much
from smoc_service.jobs.documents import JOB_ITEMS, JOBS, KIND, item_document, job_from
from smoc_service.jobs.selection import Find, Selected, choose
from smoc_service.jobs.turn import AT_MOST, JobTurns
from smoc_service.mongodb import Document, as_stored
from smoc_service.work.collection import WorkCollection
from smoc_service.work.documents import forget_at
from smoc_service.work.lasting import LEASE, Holder
from smoc_service.work.rounds import patiently, round_after_round

log = structlog.get_logger()

_LISTED_AT_ONCE: Final = 5_000


@dataclass(slots=True, kw_only=True)
class _Preparation:
    """A list that is being written."""

    list_id: str
    selected: Selected
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
        self._jobs = WorkCollection(client[database][JOBS], KIND)
        self._items = client[database][JOB_ITEMS]
        self._alarms = client[database][ALARMS]
        self._find = find
        self._now = now
        self._worker = worker
        self._new_list_id = new_list_id
        self._at_once = at_once
        self._woken = asyncio.Event()
        # One entry per job: at most as many as there are unfinished jobs.
        self._preparations: dict[str, _Preparation] = {}
        self._sizes: dict[str, int] = {}

    def wake(self) -> None:
        """Look for work now: there is a new job, or one continues."""
        self._woken.set()

    async def run(self) -> None:
        """Work for ever. Trouble with the database causes delay."""
        retries = patiently("jobs")
        await retries.until_done(partial(self._in_one_session, retries), PyMongoError)

    async def _in_one_session(self, retries: Retries) -> NoReturn:
        async with self._client.start_session() as session:
            turns = JobTurns(self._client, self._database, session)
            try:
                await round_after_round(partial(self.round, turns), self._woken, retries)
            finally:
                await self._jobs.let_go(turns.holder(self._worker))

    async def round(self, turns: JobTurns) -> bool:
        """Give every job that is free for this process one batch; return whether anything was done.

        Raises:
            PyMongoError: of the last job that met trouble, after the others had their batch.
        """
        documents = await self._jobs.documents.find(
            {"unfinished": True}, hint="unfinished"
        ).to_list()
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
            return await self._jobs.put(document, job.cancelled(now, "not finished in time"))
        if not job.is_worked_on or not job.is_free_for(self._worker, now):
            return False
        if not job.is_held_by(holder := turns.holder(self._worker)):
            # Everything that this process was about to write for it is outdated.
            self._preparations.pop(job.job_id, None)
            if job.session:
                await turns.end_session(job.session)
            job = job.held(holder, now)
            if not await self._jobs.put(document, job):
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
            # Another process changed one of them. With fewer devices that is less likely.
            self._sizes[job_id] = max(1, size // 2)
            log.debug("job collided with another writer", job_id=job_id, devices=size)
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
        piece = await preparation.selected.some(_LISTED_AT_ONCE, preparation.last)
        now = as_stored(self._now())
        if not piece:
            del self._preparations[job.job_id]
            return await self._jobs.put(
                document, job.fixed(preparation.list_id, preparation.written, now)
            )
        forgotten_at = forget_at(job.created_at)
        await self._items.insert_many(
            [
                item_document(preparation.list_id, number, picked, forgotten_at)
                for number, picked in enumerate(piece, preparation.written)
            ],
            ordered=False,
        )
        preparation.written += len(piece)
        preparation.last = piece[-1].key
        return await self._renewed(document, job)

    async def _begin_list(self, document: Document, job: Job) -> bool:
        now = as_stored(self._now())
        if job.list_id and await self._delete_some(job.list_id):
            return await self._renewed(document, job)
        try:
            scope = Scope(job.networks)
            selected = choose(job.selection, scope, self._find, self._alarms).selected
        except CallRefused as refused:
            return await self._jobs.put(document, job.cancelled(now, refused.detail))
        count = await selected.count()
        if has_grown_too_much(job.expected_count, count):
            why = f"not begun, the selection has grown to {count:,}"
            return await self._jobs.put(document, job.cancelled(now, why))
        list_id = self._new_list_id()
        if not await self._jobs.put(
            document, job.after(now, list_id=list_id, lease_until=now + LEASE)
        ):
            return False
        self._preparations[job.job_id] = _Preparation(list_id=list_id, selected=selected)
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
        held = job.held(Holder(job.worker, job.session), as_stored(self._now()))
        return await self._jobs.put(document, held)
