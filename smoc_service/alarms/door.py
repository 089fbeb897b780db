"""AlarmService: lists alarms and changes them. The token names the user."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import grpc
import grpc.aio
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as contract
from meterpark.smoc.v1 import alarm_service_pb2_grpc

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from service_chassis.refusals import CallRefused, argument_invalid
from smoc_service.alarms.affected import AffectedDevices
from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.life import (
    Acknowledge,
    Action,
    Assign,
    Command,
    CommandRefused,
    Comment,
    HistoryFull,
    RequestIdReused,
    Resolve,
    Snooze,
    SnoozeRefused,
    StateRefused,
)
from smoc_service.alarms.load import AlarmLoads
from smoc_service.alarms.store import AlarmStore
from smoc_service.alarms.wire import (
    read_alarm_filter,
    read_alarm_id,
    read_assignee,
    read_comment,
    read_comment_given,
    read_load_asked,
    read_until,
    write_alarm,
    write_load,
    write_standing,
)
from smoc_service.changes.watch import Watch
from smoc_service.door.caller import who_calls
from smoc_service.door.reading import read_request_id
from smoc_service.errors import AlarmUnknown
from smoc_service.mongodb import as_stored

Context = grpc.aio.ServicerContext[Any, Any]
_REASONS: Final = {
    StateRefused: ErrorReason.ERROR_REASON_ALARM_STATE_REFUSED,
    HistoryFull: ErrorReason.ERROR_REASON_ALARM_HISTORY_FULL,
    RequestIdReused: ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
}


class _Request(Protocol):
    """What the requests of all changes have."""

    alarm_id: str
    request_id: str
    comment: str


class AlarmDoor(alarm_service_pb2_grpc.AlarmServiceServicer):
    def __init__(
        self,
        store: AlarmStore,
        affected: AffectedDevices,
        loads: AlarmLoads,
        watch: Watch[Alarm],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._affected = affected
        self._loads = loads
        self._watch = watch
        self._now = now

    async def ListAlarms(
        self, request: contract.ListAlarmsRequest, context: Context
    ) -> contract.ListAlarmsResponse:
        wanted, scope = read_alarm_filter(request.filter), current_caller().scope
        size = read_page_size(request.page_size)
        page = await self._store.page(wanted, scope, size, request.page_token)
        affected = await self._affected.of(page.items)
        return contract.ListAlarmsResponse(
            alarms=[write_alarm(each, affected.get(each.alarm_id)) for each in page.items],
            next_page_token=page.next_token,
            counts=write_standing(await self._store.counts(wanted, scope))
            if request.with_counts
            else (),
        )

    async def GetAlarm(
        self, request: contract.GetAlarmRequest, context: Context
    ) -> contract.GetAlarmResponse:
        alarm = await self._store.alarm(read_alarm_id(request.alarm_id), current_caller().scope)
        affected = await self._affected.of([alarm])
        return contract.GetAlarmResponse(alarm=write_alarm(alarm, affected.get(alarm.alarm_id)))

    async def AcknowledgeAlarm(
        self, request: contract.AcknowledgeAlarmRequest, context: Context
    ) -> contract.AcknowledgeAlarmResponse:
        alarm = await self._obey(request, Acknowledge())
        return contract.AcknowledgeAlarmResponse(alarm=write_alarm(alarm))

    async def AssignAlarm(
        self, request: contract.AssignAlarmRequest, context: Context
    ) -> contract.AssignAlarmResponse:
        alarm = await self._obey(request, Assign(assignee=read_assignee(request.assignee)))
        return contract.AssignAlarmResponse(alarm=write_alarm(alarm))

    async def CommentAlarm(
        self, request: contract.CommentAlarmRequest, context: Context
    ) -> contract.CommentAlarmResponse:
        # It is all that this one says.
        read_comment_given(request.comment)
        alarm = await self._obey(request, Comment())
        return contract.CommentAlarmResponse(alarm=write_alarm(alarm))

    async def SnoozeAlarm(
        self, request: contract.SnoozeAlarmRequest, context: Context
    ) -> contract.SnoozeAlarmResponse:
        alarm = await self._obey(request, Snooze(until=read_until(request)))
        return contract.SnoozeAlarmResponse(alarm=write_alarm(alarm))

    async def ResolveAlarm(
        self, request: contract.ResolveAlarmRequest, context: Context
    ) -> contract.ResolveAlarmResponse:
        alarm = await self._obey(request, Resolve())
        return contract.ResolveAlarmResponse(alarm=write_alarm(alarm))

    async def WatchAlarms(
        self, request: contract.WatchAlarmsRequest, context: Context
    ) -> AsyncIterator[contract.WatchAlarmsResponse]:
        caller = current_caller()
        visible = read_alarm_filter(request.filter).within(caller.scope)
        async with aclosing(
            self._watch.follow(visible, request.position, caller.subject)
        ) as answers:
            async for answer in answers:
                alarm = None if answer.item is None else replace(answer.item, history=())
                yield contract.WatchAlarmsResponse(
                    alarm=None if alarm is None else write_alarm(alarm), position=answer.position
                )

    async def GetAlarmLoad(
        self, request: contract.GetAlarmLoadRequest, context: Context
    ) -> contract.GetAlarmLoadResponse:
        asked = read_load_asked(request)
        return write_load(await self._loads.of(asked, current_caller().scope))

    async def _obey(self, request: _Request, action: Action) -> Alarm:
        caller = current_caller()
        command = Command(
            action=action,
            who=who_calls(),
            request_id=read_request_id(request.request_id),
            at=as_stored(self._now()),
            comment=read_comment(request.comment),
        )
        return await self._store.obey(read_alarm_id(request.alarm_id), caller.scope, command)


def refusal(error: AlarmUnknown | CommandRefused) -> CallRefused:
    """Say how a refusal of the alarms travels."""
    if isinstance(error, AlarmUnknown):
        reason = ErrorReason.ERROR_REASON_ALARM_UNKNOWN
        return CallRefused(grpc.StatusCode.NOT_FOUND, reason, str(error))
    if isinstance(error, SnoozeRefused):
        return argument_invalid("until_time", str(error))
    return CallRefused(grpc.StatusCode.FAILED_PRECONDITION, _REASONS[type(error)], str(error))
