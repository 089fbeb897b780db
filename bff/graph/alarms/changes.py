"""Working on alarms."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from meterpark.smoc.v1 import alarm_service_pb2 as wire

from bff.graph.alarms.alarm import Alarm, alarm_of
from bff.graph.asking.context import Info
from bff.graph.fields import RequestId, stamp_of
from bff.graph.refusals import (
    AlarmHistoryFull,
    AlarmStateRefused,
    AlarmUnknown,
    ArgumentInvalid,
    NotAllowed,
    RequestIdReused,
)


@strawberry.type(
    description="The change is made, now or by an earlier request with the same request id."
)
class AlarmChanged:
    alarm: Alarm


AlarmChangeResult = Annotated[
    AlarmChanged
    | AlarmUnknown
    | AlarmStateRefused
    | AlarmHistoryFull
    | RequestIdReused
    | NotAllowed
    | ArgumentInvalid,
    strawberry.union("AlarmChangeResult"),
]


async def _changed(info: Info, method: Any, request: Any) -> AlarmChanged:
    answer = await info.context.asking.ask(method, request)
    return AlarmChanged(alarm=alarm_of(answer.alarm))


async def acknowledge_alarm(
    info: Info, alarm_id: strawberry.ID, request_id: RequestId, comment: str = ""
) -> AlarmChangeResult:
    """Marks an alarm as seen: OPEN becomes ACKNOWLEDGED."""
    return await _changed(
        info,
        info.context.asking.register.alarms.AcknowledgeAlarm,
        wire.AcknowledgeAlarmRequest(alarm_id=alarm_id, request_id=request_id, comment=comment),
    )


async def assign_alarm(
    info: Info,
    alarm_id: strawberry.ID,
    assignee: str,
    request_id: RequestId,
    comment: str = "",
) -> AlarmChangeResult:
    """Assigns an alarm to a user; it becomes ASSIGNED."""
    return await _changed(
        info,
        info.context.asking.register.alarms.AssignAlarm,
        wire.AssignAlarmRequest(
            alarm_id=alarm_id, assignee=assignee, request_id=request_id, comment=comment
        ),
    )


async def comment_alarm(
    info: Info, alarm_id: strawberry.ID, comment: str, request_id: RequestId
) -> AlarmChangeResult:
    """Adds a comment to an alarm, also to a resolved one."""
    return await _changed(
        info,
        info.context.asking.register.alarms.CommentAlarm,
        wire.CommentAlarmRequest(alarm_id=alarm_id, request_id=request_id, comment=comment),
    )


async def snooze_alarm(
    info: Info,
    alarm_id: strawberry.ID,
    until: datetime,
    request_id: RequestId,
    comment: str = "",
) -> AlarmChangeResult:
    """Hides an alarm from the list of those that need attention, for at most 90 days."""
    return await _changed(
        info,
        info.context.asking.register.alarms.SnoozeAlarm,
        wire.SnoozeAlarmRequest(
            alarm_id=alarm_id,
            request_id=request_id,
            comment=comment,
            until_time=stamp_of(until, "until"),
        ),
    )


async def resolve_alarm(
    info: Info, alarm_id: strawberry.ID, request_id: RequestId, comment: str = ""
) -> AlarmChangeResult:
    """Resolves an alarm for ever."""
    return await _changed(
        info,
        info.context.asking.register.alarms.ResolveAlarm,
        wire.ResolveAlarmRequest(alarm_id=alarm_id, request_id=request_id, comment=comment),
    )
