"""One turn of a job: works on its next devices, on all of them or none.

Theory of operation: the changes of the devices, the result of each, and the job's progress are one transaction. It also
writes the job itself, whose version every other change raises. So after any crash each device has its result exactly
once and the counts are exact. When two processes both believe to hold the job, the database refuses one of them. A
transaction is also refused when one of the devices or alarms changed meanwhile: then the turn was not taken, and the
next attempt reads the new state.

The database keeps a transaction open whose client was killed, for a minute as a rule, and until then whatever it
touched is closed to everybody. So a job names the session in which it is worked on, and whoever takes it over ends that
first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bson.binary import UUID_SUBTYPE, Binary
from pymongo import ASCENDING, AsyncMongoClient, ReplaceOne, UpdateMany, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.alarm import State as AlarmState
from smoc_service.alarms.documents import ALARMS, alarm_document, alarm_from
from smoc_service.alarms.store import parts_to_look_at
from smoc_service.jobs.core.actions import (
    ActionRefused,
    AlarmAction,
    MarkForExchange,
    Tag,
    UnmarkForExchange,
    WorkAction,
    work_after,
)
from smoc_service.jobs.core.alarms import alarm_after, alarms_after
from smoc_service.jobs.core.job import Job, Outcome, Result, State
from smoc_service.jobs.documents import (
    JOB_ITEMS,
    JOBS,
    KIND,
    Picked,
    item_key,
    items_query,
    job_from,
)
from smoc_service.mongodb import Document
from smoc_service.register.documents import DEVICES, work_changed, work_from
from smoc_service.work.collection import WorkCollection
from smoc_service.work.lasting import Holder

AT_MOST: Final = 500
_SNAPSHOT: Final = ReadConcern("snapshot")
_SAFE: Final = WriteConcern("majority", wtimeout=10_000, j=True)
_UNCHANGED: Final = Result(outcome=Outcome.UNCHANGED)
_DONE: Final = Result(outcome=Outcome.DONE)
_UNKNOWN: Final = Result(outcome=Outcome.FAILED, detail="no such device in the register")
_NO_ALARM: Final = Result(outcome=Outcome.FAILED, detail="no such alarm")


class JobTurns:
    """Takes turns of jobs in one session, one at a time; MongoDB in trouble is a ``PyMongoError``."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        session: AsyncClientSession,
    ) -> None:
        self._client = client
        self._session = session
        self._jobs = WorkCollection(client[database][JOBS], KIND)
        self._items = client[database][JOB_ITEMS]
        self._devices = client[database][DEVICES]
        self._alarms = client[database][ALARMS]

    def holder(self, worker: str) -> Holder:
        """Return the identity of this worker; by the name of the session others can end it."""
        return Holder(worker, bytes(self._session.session_id["id"]).hex())

    async def end_session(self, session: str) -> None:
        """End another session, and undo what was begun in it and not committed."""
        identity = {"id": Binary(bytes.fromhex(session), UUID_SUBTYPE)}
        await self._client.admin.command({"killSessions": [identity]})

    async def take(self, job_id: str, worker: str, at_most: int, now: datetime) -> Job | None:
        """Do the next ``at_most`` devices; None when ``worker`` does not hold the job in this session.

        Raises:
            PyMongoError: with the label "TransientTransactionError" nothing was done; otherwise the result is unknown.
        """
        session = self._session
        async with await session.start_transaction(_SNAPSHOT, _SAFE):
            document = await self._jobs.documents.find_one({"_id": job_id}, session=session)
            if document is None:
                return None
            job = job_from(document)
            if job.state is not State.RUNNING or not job.is_held_by(self.holder(worker)):
                return None
            after, ended_areas = await self._worked(job, at_most, now, session)
            await self._jobs.put(document, after, session)
        # If this is cut short, the next look at each alarm finds it.
        for alarm in ended_areas:
            await self._alarms.update_many(*parts_to_look_at(alarm, now))
        return after

    async def _worked(
        self, job: Job, at_most: int, now: datetime, session: AsyncClientSession
    ) -> tuple[Job, list[Alarm]]:
        """Return the job after its next devices or alarms, and the alarms of areas that it resolved."""
        begin = job.counts.worked
        query = items_query(job.list_id, begin, begin + min(at_most, job.counts.pending))
        found = self._items.find(
            query, {"device_id": True, "alarm_id": True}, session=session, batch_size=AT_MOST + 1
        )
        picked = [
            Picked(each["device_id"], each.get("alarm_id", ""))
            async for each in found.sort("_id", ASCENDING)
        ]
        if not picked:
            return job.cancelled(now, "its list of devices is gone"), []
        ended_areas: list[Alarm] = []
        ids = [each.key for each in picked]
        match job.action:
            case Tag() | MarkForExchange() | UnmarkForExchange():
                results = await self._with_work(job, job.action, ids, now, session)
            case _ if job.of_alarms:
                results, ended_areas = await self._with_each(job, job.action, ids, now, session)
            case _:
                results = await self._with_alarms(job, job.action, ids, now, session)
        await self._note(job.list_id, begin, results, now, session)
        return job.worked(results, now), ended_areas

    async def _with_work(
        self,
        job: Job,
        action: WorkAction,
        device_ids: Sequence[str],
        now: datetime,
        session: AsyncClientSession,
    ) -> list[Result]:
        found = self._devices.find(
            {"_id": {"$in": list(device_ids)}}, session=session, batch_size=AT_MOST + 1
        )
        held = {document["_id"]: document async for document in found}
        results, writes = [], []
        for device_id in device_ids:
            document = held.get(device_id)
            if document is None:
                results.append(_UNKNOWN)
                continue
            work = work_from(document)
            try:
                after = work_after(work, action, job.who.username, now)
            except ActionRefused as refused:
                results.append(Result(outcome=Outcome.FAILED, detail=str(refused)))
                continue
            if after is work:
                results.append(_UNCHANGED)
                continue
            # No condition: a concurrent change of the device ends this transaction.
            writes.append(ReplaceOne({"_id": device_id}, work_changed(document, after)))
            results.append(_DONE)
        if writes:
            await self._devices.bulk_write(writes, ordered=False, session=session)
        return results

    async def _with_alarms(
        self,
        job: Job,
        action: AlarmAction,
        device_ids: Sequence[str],
        now: datetime,
        session: AsyncClientSession,
    ) -> list[Result]:
        wanted = {"_id": {"$in": list(device_ids)}}
        known = {
            each["_id"] async for each in self._devices.find(wanted, {"_id": True}, session=session)
        }
        held: dict[str, list[Alarm]] = {}
        query = {"unresolved": True, "subject": {"$in": list(device_ids)}}
        async for document in self._alarms.find(query, hint="one_at_most", session=session):
            alarm = alarm_from(document)
            held.setdefault(alarm.device_id, []).append(alarm)
        results, writes = [], []
        for device_id in device_ids:
            if device_id not in known:
                results.append(_UNKNOWN)
                continue
            changed, result = alarms_after(job, action, held.get(device_id, ()), now)
            writes += [ReplaceOne({"_id": each.alarm_id}, alarm_document(each)) for each in changed]
            results.append(result)
        if writes:
            await self._alarms.bulk_write(writes, ordered=False, session=session)
        return results

    async def _with_each(
        self,
        job: Job,
        action: AlarmAction,
        alarm_ids: Sequence[str],
        now: datetime,
        session: AsyncClientSession,
    ) -> tuple[list[Result], list[Alarm]]:
        wanted = {"_id": {"$in": list(alarm_ids)}}
        found = self._alarms.find(wanted, session=session, batch_size=AT_MOST + 1)
        held = {document["_id"]: alarm_from(document) async for document in found}
        results, changed = [], []
        for alarm_id in alarm_ids:
            alarm = held.get(alarm_id)
            if alarm is None or (alarm.state is AlarmState.WAITING and not alarm.history):
                results.append(_NO_ALARM)
                continue
            after, result = alarm_after(job, action, alarm, now)
            results.append(result)
            if after is not alarm:
                changed.append(after)
        if changed:
            writes = [ReplaceOne({"_id": each.alarm_id}, alarm_document(each)) for each in changed]
            await self._alarms.bulk_write(writes, ordered=False, session=session)
        ended = [each for each in changed if each.state is AlarmState.RESOLVED]
        return results, [each for each in ended if not each.device_id]

    async def _note(
        self,
        list_id: str,
        begin: int,
        results: Sequence[Result],
        now: datetime,
        session: AsyncClientSession,
    ) -> None:
        """Write what became of the devices, those alike together."""
        alike: dict[Result, list[Document]] = {}
        for number, result in enumerate(results, begin):
            alike.setdefault(result, []).append(item_key(list_id, number))
        writes = [
            UpdateMany(
                {"_id": {"$in": keys}},
                {"$set": {"outcome": result.outcome.value, "detail": result.detail, "at": now}},
            )
            for result, keys in alike.items()
        ]
        await self._items.bulk_write(writes, ordered=False, session=session)
