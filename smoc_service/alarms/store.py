"""What people ask about alarms and do with them, within the networks that they may see."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient

from service_chassis.pages import Page, resumed, seal
from service_chassis.scope import Scope
from smoc_service.alarms.core.alarm import Alarm, Standing, State
from smoc_service.alarms.core.life import Command, obey
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import (
    ALARMS,
    OPEN,
    SNOOZED,
    alarm_document,
    alarm_from,
)
from smoc_service.alarms.filter import AlarmFilter, ScopedAlarmFilter
from smoc_service.errors import AlarmUnknown
from smoc_service.mongodb import Document
from smoc_service.register.device import network_of

# A filter that matches few among very many alarms must not occupy the database for long.
_TIME_LIMIT_MS: Final = 10_000
_SHORT_LIMIT_MS: Final = 2_000
COUNTED_AT_MOST: Final = 1_000


class AlarmStore:
    """Every query and command comes with the caller's scope; the caller sees nothing outside of it."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._alarms = client[database][ALARMS]

    async def alarm(self, alarm_id: str, scope: Scope) -> Alarm:
        """Return one alarm; raise ``AlarmUnknown`` or ``NetworkDenied``."""
        scope.require(network_of(alarm_id), f"alarm {alarm_id}")
        found = await self._alarms.find_one({"_id": alarm_id})
        if found is None:
            raise AlarmUnknown(alarm_id)
        return alarm_from(found)

    async def page(self, wanted: AlarmFilter, scope: Scope, size: int, token: str) -> Page[Alarm]:
        """Return up to ``size`` alarms without their history, those opened last first; raise ``PageTokenInvalid``."""
        visible = wanted.within(scope)
        question = f"alarms {visible.fingerprint()}"
        query = visible.query()
        if before := resumed(question, token):
            query["number"] = {"$lt": before}
        found = await (
            self._alarms.find(query, {"history": False}, hint=visible.index())
            .sort("number", DESCENDING)
            .limit(size + 1)
            .batch_size(size + 1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        alarms = [alarm_from(document) for document in found[:size]]
        if len(found) <= size:
            return Page(items=alarms, next_token="")
        return Page(items=alarms, next_token=seal(question, found[size - 1]["number"]))

    async def counts(self, wanted: AlarmFilter, scope: Scope) -> dict[Severity, Standing]:
        """Return how many alarms fit by severity, the worst first, each counted up to ``COUNTED_AT_MOST``."""
        asked = wanted.narrowed.get("severity", tuple(Severity))
        counted = {}
        for severity in reversed(Severity):
            if severity in asked:
                narrowed = {**wanted.narrowed, "severity": (severity.value,)}
                visible = replace(wanted, narrowed=narrowed).within(scope)
                count = await self._alarms.count_documents(
                    visible.query(),
                    hint=visible.index(),
                    limit=COUNTED_AT_MOST,
                    maxTimeMS=_TIME_LIMIT_MS,
                )
                opened_at = await self._oldest(visible) if count else None
                counted[severity] = Standing(count=count, oldest_at=opened_at)
        return counted

    async def count_shown(self) -> dict[tuple[str, Severity], int]:
        """Return how many alarms of the whole park are shown, by where they are listed (OPEN, SNOOZED) and severity."""
        by_shelf: Document = {"shelf": "$shelf", "severity": "$severity"}
        found = await self._alarms.aggregate(
            [
                {"$match": {"shown": True, "shelf": {"$in": [OPEN, SNOOZED]}}},
                {"$group": {"_id": by_shelf, "count": {"$sum": 1}}},
            ],
            hint="listed_by_severity",
            maxTimeMS=_SHORT_LIMIT_MS,
        )
        counted = {(shelf, severity): 0 for shelf in (OPEN, SNOOZED) for severity in Severity}
        async for each in found:
            counted[each["_id"]["shelf"], Severity(each["_id"]["severity"])] = each["count"]
        return counted

    async def _oldest(self, visible: ScopedAlarmFilter) -> datetime | None:
        """Return when the alarm was opened with which the list ends."""
        found = await (
            self._alarms.find(visible.query(), {"opened_at": True}, hint=visible.index())
            .sort("number", ASCENDING)
            .limit(1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        return found[0]["opened_at"] if found else None

    async def obey(self, alarm_id: str, scope: Scope, command: Command) -> Alarm:
        """Carry out a user's command, once, however often it arrives.

        Raises:
            AlarmUnknown: also for an alarm that is not listed.
            CommandRefused: the alarm's state does not allow it.
            NetworkDenied: it is outside of the scope.
        """
        # It ends: a further round only comes when the alarm changed in between, and a history is bounded.
        while True:
            alarm = await self.alarm(alarm_id, scope)
            if alarm.state is State.WAITING and not alarm.history:
                raise AlarmUnknown(alarm_id)
            after = obey(alarm, command)
            if after is alarm:
                return alarm
            guard = {"_id": alarm_id, "version": alarm.version}
            if (await self._alarms.replace_one(guard, alarm_document(after))).matched_count:
                await self._let_go(after, command.at)
                return after

    async def _let_go(self, alarm: Alarm, now: datetime) -> None:
        """Make the alarms due that the area's alarm represented. If interrupted, their next examination serves."""
        if alarm.state is State.RESOLVED and not alarm.device_id:
            await self._alarms.update_many(*parts_to_look_at(alarm, now))


def parts_to_look_at(area_alarm: Alarm, now: datetime) -> tuple[Document, Document]:
    """Return query and update that make all alarms of an area due now."""
    place = {"network": area_alarm.network, "area": area_alarm.area}
    update = {"$set": {"look_at": now}, "$inc": {"version": 1}}
    return {"unresolved": True, **place, "device_id": {"$ne": ""}}, update
