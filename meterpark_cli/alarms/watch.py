"""``meterpark alarms watch``: each alarm that changes, until Ctrl-C; services may restart meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from meterpark.smoc.v1 import alarm_service_pb2 as contract

from meterpark_cli.alarms.tables import alarm_table
from meterpark_cli.failures import ExitCode, Refused, Unreachable
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.documents import document_of, print_document_line
from meterpark_cli.showing.rendering import console, note, now_here, show

_AGAIN_SECONDS = 1.0
_TOO_OLD = "POSITION_TOO_OLD"


async def watch_alarms(
    asking: Asking, alarm_filter: contract.AlarmFilter, *, position: str
) -> ExitCode:
    """Show alarms as they change, from ``position`` or from now on, until Ctrl-C."""
    async with aclosing(_changes(asking, alarm_filter, position)) as changes:
        try:
            async for change in changes:
                if asking.as_json:
                    print_document_line(document_of(change))
                else:
                    now, target = now_here(), console()
                    show(target, alarm_table(now, [change.alarm], width=target.width, header=False))
        except asyncio.CancelledError:
            return ExitCode.FINE
    raise AssertionError("watching ends only by being interrupted")


async def _changes(
    asking: Asking, alarm_filter: contract.AlarmFilter, position: str
) -> AsyncGenerator[contract.WatchAlarmsResponse]:
    """Yield changes for ever. Retry while the service cannot be reached; raise a refusal."""
    request = contract.WatchAlarmsRequest(filter=alarm_filter, position=position)
    trouble = ""
    while True:
        try:
            async with open_park(asking) as park:
                answers = park.alarms.follow(park.alarms.calls.WatchAlarms, partial(_same, request))
                async with aclosing(answers):
                    async for answer in answers:
                        trouble = ""
                        request.position = answer.position
                        if answer.HasField("alarm"):
                            yield answer
        except Refused as refused:
            if refused.reason != _TOO_OLD:
                raise
            note(
                "meterpark: some changes were missed. List the alarms again; the watch goes on from now"
            )
            request.position = ""
        except Unreachable as failure:
            if str(failure) != trouble:
                trouble = str(failure)
                note(f"meterpark: {trouble}")
        await asyncio.sleep(_AGAIN_SECONDS)


def _same(request: contract.WatchAlarmsRequest) -> contract.WatchAlarmsRequest:
    return request
