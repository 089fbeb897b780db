"""``meterpark alarms ...``: what needs attention in the park, and what people do about it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from meterpark_cli.alarms.tables import alarm_page, alarm_table
from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, now_here
from meterpark_cli.showing.rendering import show as show_on


async def list_alarms(
    asking: Asking, alarm_filter: contract.AlarmFilter, *, limit: int | None
) -> ExitCode:
    """List up to ``limit`` alarms that fit, newest first; None: all of them."""
    async with open_park(asking) as park:
        found = pages(partial(_page, park, alarm_filter), limit=limit)
        draw = partial(alarm_table, now_here())
        await answer_list(found, draw, name="alarms", as_json=asking.as_json)
    return ExitCode.FINE


async def show_alarm(asking: Asking, alarm_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.GetAlarmRequest(alarm_id=alarm_id)
        alarm = (await park.alarms.ask(park.alarms.calls.GetAlarm, request)).alarm
    return _answer(asking, alarm)


async def acknowledge(asking: Asking, alarm_id: str, comment: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.AcknowledgeAlarmRequest(
            alarm_id=alarm_id, request_id=str(uuid4()), comment=comment
        )
        done = await park.alarms.ask(park.alarms.calls.AcknowledgeAlarm, request)
    return _answer(asking, done.alarm)


async def assign(asking: Asking, alarm_id: str, comment: str, *, assignee: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.AssignAlarmRequest(
            alarm_id=alarm_id, request_id=str(uuid4()), comment=comment, assignee=assignee
        )
        done = await park.alarms.ask(park.alarms.calls.AssignAlarm, request)
    return _answer(asking, done.alarm)


async def add_comment(asking: Asking, alarm_id: str, comment: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.CommentAlarmRequest(
            alarm_id=alarm_id, request_id=str(uuid4()), comment=comment
        )
        done = await park.alarms.ask(park.alarms.calls.CommentAlarm, request)
    return _answer(asking, done.alarm)


async def snooze(asking: Asking, alarm_id: str, comment: str, *, until: datetime) -> ExitCode:
    until_time = Timestamp()
    until_time.FromDatetime(until)
    async with open_park(asking) as park:
        request = contract.SnoozeAlarmRequest(
            alarm_id=alarm_id, request_id=str(uuid4()), comment=comment, until_time=until_time
        )
        done = await park.alarms.ask(park.alarms.calls.SnoozeAlarm, request)
    return _answer(asking, done.alarm)


async def resolve(asking: Asking, alarm_id: str, comment: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.ResolveAlarmRequest(
            alarm_id=alarm_id, request_id=str(uuid4()), comment=comment
        )
        done = await park.alarms.ask(park.alarms.calls.ResolveAlarm, request)
    return _answer(asking, done.alarm)


def _answer(asking: Asking, alarm: contract.Alarm) -> ExitCode:
    if asking.as_json:
        print_document(document_of(alarm))
    else:
        show_on(console(), alarm_page(alarm, now_here()))
    return ExitCode.FINE


async def _page(
    park: Park, alarm_filter: contract.AlarmFilter, size: int, token: str
) -> tuple[Sequence[contract.Alarm], str]:
    request = contract.ListAlarmsRequest(filter=alarm_filter, page_size=size, page_token=token)
    answer = await park.alarms.ask(park.alarms.calls.ListAlarms, request)
    return answer.alarms, answer.next_page_token
