"""``meterpark alarms watch``: each alarm that changes, until Ctrl-C; services may restart meanwhile."""

import asyncio
from contextlib import aclosing

from meterpark.smoc.v1 import alarm_service_pb2 as contract

from meterpark_cli.alarms.tables import alarm_table
from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.services.following import followed
from meterpark_cli.showing.documents import document_of, print_document_line
from meterpark_cli.showing.rendering import console, now_here, show


async def watch_alarms(
    asking: Asking, alarm_filter: contract.AlarmFilter, *, position: str
) -> ExitCode:
    """Show alarms as they change, from ``position`` or from now on, until Ctrl-C."""
    request = contract.WatchAlarmsRequest(filter=alarm_filter, position=position)
    answers = followed(
        asking, request, lambda park: park.alarms, "WatchAlarms", again="List the alarms again"
    )
    async with aclosing(answers) as changes:
        try:
            async for change in changes:
                if not change.HasField("alarm"):
                    continue
                if asking.as_json:
                    print_document_line(document_of(change))
                else:
                    now, target = now_here(), console()
                    show(target, alarm_table(now, [change.alarm], width=target.width, header=False))
        except asyncio.CancelledError:
            return ExitCode.FINE
    raise AssertionError("watching ends only by being interrupted")
