"""``meterpark devices watch``: each device that changes, until Ctrl-C; services may restart meanwhile."""

import asyncio
from contextlib import aclosing

from meterpark.smoc.v1 import device_service_pb2 as contract

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.tables import device_table
from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.services.following import followed
from meterpark_cli.showing.documents import document_of, print_document_line
from meterpark_cli.showing.rendering import console, now_here, show


async def watch_devices(asking: Asking, conditions: Conditions, *, position: str) -> ExitCode:
    """Show devices that fit as they change, from ``position`` or from now on, until Ctrl-C."""
    request = contract.WatchDevicesRequest(filter=conditions.filter(now_here()), position=position)
    answers = followed(
        asking, request, lambda park: park.register, "WatchDevices", again="List the devices again"
    )
    first = True
    async with aclosing(answers) as changes:
        try:
            async for change in changes:
                if not change.HasField("device"):
                    continue
                if asking.as_json:
                    print_document_line(document_of(change))
                    continue
                now, target = now_here(), console()
                show(target, device_table(now, [change.device], width=target.width, header=first))
                first = False
        except asyncio.CancelledError:
            return ExitCode.FINE
    raise AssertionError("watching ends only by being interrupted")
