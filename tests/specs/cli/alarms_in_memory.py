"""The register's alarms in memory: as much of them as the command can tell apart."""

# ruff: noqa: N802 - names of the methods are the contract's

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as contract
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceServicer

from service_chassis.refusals import CallRefused

Enter = Callable[[str, str, Any], Awaitable[None]]


class AlarmsInMemory(AlarmServiceServicer):
    def __init__(self, alarms: dict[str, contract.Alarm], enter: Enter) -> None:
        self._alarms = alarms
        self._enter = enter

    async def ListAlarms(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "ListAlarms", context)
        wanted = request.filter
        states = list(wanted.states) or [1, 2, 3]
        found = [
            each
            for each in self._alarms.values()
            if each.state in states and (not wanted.rules or each.rule in wanted.rules)
        ]
        counted = Counter(each.severity for each in found) if request.with_counts else {}
        return contract.ListAlarmsResponse(
            alarms=found[: request.page_size],
            counts=[
                contract.AlarmCount(severity=severity, alarm_count=count)
                for severity, count in counted.items()
            ],
        )

    async def WatchAlarms(self, request: Any, context: Any) -> Any:
        """Show every alarm behind the position, which is a number; then give a sign of life and end."""
        await self._enter("smoc-service", "WatchAlarms", context)
        if request.position and not request.position.isdigit():
            raise CallRefused(
                grpc.StatusCode.OUT_OF_RANGE,
                ErrorReason.ERROR_REASON_POSITION_TOO_OLD,
                "position: older than the kept changes; list again",
            )
        seen = int(request.position or 0)
        yield contract.WatchAlarmsResponse(position=str(seen))
        for place, alarm in enumerate(self._alarms.values(), 1):
            if place > seen:
                yield contract.WatchAlarmsResponse(alarm=alarm, position=str(place))

    async def GetAlarmLoad(self, request: Any, context: Any) -> Any:
        """The command shows no alarm load."""
        del request
        await self._enter("smoc-service", "GetAlarmLoad", context)
        return contract.GetAlarmLoadResponse()

    async def GetAlarm(self, request: Any, context: Any) -> Any:
        return contract.GetAlarmResponse(alarm=await self._known("GetAlarm", request, context))

    async def AcknowledgeAlarm(self, request: Any, context: Any) -> Any:
        alarm = await self._done("AcknowledgeAlarm", "ACKNOWLEDGED", request, context)
        alarm.state = contract.ALARM_STATE_ACKNOWLEDGED
        return contract.AcknowledgeAlarmResponse(alarm=alarm)

    async def AssignAlarm(self, request: Any, context: Any) -> Any:
        alarm = await self._done("AssignAlarm", "ASSIGNED", request, context)
        alarm.state, alarm.assignee = contract.ALARM_STATE_ASSIGNED, request.assignee
        return contract.AssignAlarmResponse(alarm=alarm)

    async def CommentAlarm(self, request: Any, context: Any) -> Any:
        alarm = await self._done("CommentAlarm", "COMMENTED", request, context)
        return contract.CommentAlarmResponse(alarm=alarm)

    async def SnoozeAlarm(self, request: Any, context: Any) -> Any:
        alarm = await self._done("SnoozeAlarm", "SNOOZED", request, context)
        alarm.snooze_until_time.CopyFrom(request.until_time)
        return contract.SnoozeAlarmResponse(alarm=alarm)

    async def ResolveAlarm(self, request: Any, context: Any) -> Any:
        alarm = await self._done("ResolveAlarm", "RESOLVED", request, context)
        alarm.state = contract.ALARM_STATE_RESOLVED
        return contract.ResolveAlarmResponse(alarm=alarm)

    async def _done(self, method: str, deed: str, request: Any, context: Any) -> contract.Alarm:
        alarm = await self._known(method, request, context)
        assert request.request_id
        alarm.history.add(deed=deed, username="anna", comment=request.comment)
        return alarm

    async def _known(self, method: str, request: Any, context: Any) -> contract.Alarm:
        await self._enter("smoc-service", method, context)
        if request.alarm_id not in self._alarms:
            raise CallRefused(
                grpc.StatusCode.NOT_FOUND,
                ErrorReason.ERROR_REASON_ALARM_UNKNOWN,
                f"no alarm {request.alarm_id!r}",
            )
        return self._alarms[request.alarm_id]
