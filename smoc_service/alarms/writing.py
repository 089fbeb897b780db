"""Stores what was decided about alarms: as one, or each for itself when something stands in the way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo import AsyncMongoClient, DeleteOne, InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from joint_writes import JointWrites, StandsInTheWay
from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.causes import Change, Drop, Put
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import ALARMS, alarm_document
from smoc_service.mongodb import Document

_DUPLICATE_KEY: Final = 11000
_Write = InsertOne[Document] | ReplaceOne[Document] | DeleteOne


class AlarmWriting:
    """``opened``: how many alarms this process opened since the start, by rule and severity."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._alarms = client[database][ALARMS]
        self._joint = JointWrites(client)
        self.opened = Counter[tuple[str, Severity]]()

    async def store(self, changes: Sequence[Change]) -> bool:
        """Store what was decided; False when someone else came first with a part of it."""
        writes: list[_Write] = []
        moving = 0
        for change in changes:
            match change:
                case Put(alarm, None):
                    writes.append(InsertOne(alarm_document(alarm)))
                case Put(alarm, before):
                    guard = version_of(before or alarm)
                    writes.append(ReplaceOne(guard, alarm_document(alarm)))
                    moving += 1
                case Drop(alarm):
                    writes.append(DeleteOne(version_of(alarm)))
                    moving += 1
        if not writes:
            return True

        async def write_all(session: AsyncClientSession) -> None:
            done = await self._alarms.bulk_write(writes, ordered=False, session=session)
            if done.matched_count + done.deleted_count != moving:
                raise StandsInTheWay

        if await self._joint.done(write_all, writes=len(writes)):
            self._count_opened(changes)
            return True
        return await self._write_each(changes, writes, moving)

    async def _write_each(
        self, changes: Sequence[Change], writes: Sequence[_Write], moving: int
    ) -> bool:
        """Store what nothing stands in the way of; False when that is not all of it."""
        try:
            done = await self._alarms.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            details: Mapping[str, Any] = error.details or {}
            refused = details.get("writeErrors", [])
            if details.get("writeConcernErrors") or any(
                each["code"] != _DUPLICATE_KEY for each in refused
            ):
                raise
            return False
        self._count_opened(changes)
        return done.matched_count + done.deleted_count == moving

    def _count_opened(self, changes: Sequence[Change]) -> None:
        self.opened.update(
            (change.alarm.rule, change.alarm.severity) for change in changes if _opens(change)
        )


def _opens(change: Change) -> bool:
    match change:
        case Put(alarm, before):
            return alarm.opened_at is not None and (before is None or before.opened_at is None)
        case Drop():
            return False


def version_of(alarm: Alarm) -> dict[str, Any]:
    """Return the query for the alarm as it was read."""
    return {"_id": alarm.alarm_id, "version": alarm.version}
