"""``meterpark devices list|show|history``: what the register knows, and what the journal says."""

from collections.abc import Sequence
from functools import partial

from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceHistoryRequest, HistoryEntry
from meterpark.smoc.v1.device_pb2 import Device, TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import (
    CountDevicesRequest,
    DeviceFilter,
    GetDeviceRequest,
    ListDeviceEventsRequest,
    ListDevicesRequest,
)

from meterpark_cli.connection import Park, open_park
from meterpark_cli.device_conditions import Conditions
from meterpark_cli.device_names import find_device_id
from meterpark_cli.device_tables import (
    count_table,
    device_page,
    device_table,
    journal_table,
    timeline_table,
)
from meterpark_cli.documents import document_of, print_document
from meterpark_cli.failures import ExitCode
from meterpark_cli.listing import answer_list, pages
from meterpark_cli.options import Asking
from meterpark_cli.rendering import console, note, now_here, show


async def list_devices(
    asking: Asking,
    conditions: Conditions,
    *,
    order_by: str,
    limit: int | None,
    page_size: int,
    page_token: str,
) -> ExitCode:
    """List up to ``limit`` devices that fit, in the order asked for; None: all of them."""
    device_filter = conditions.filter(now_here())
    async with open_park(asking) as park:
        ask = partial(devices_page, park, device_filter, order_by)
        found = pages(ask, limit=limit, page_size=page_size, page_token=page_token)
        draw = partial(device_table, now_here())
        await answer_list(found, draw, name="devices", as_json=asking.as_json)
    return ExitCode.FINE


async def count_devices(
    asking: Asking, conditions: Conditions, dimensions: Sequence[str]
) -> ExitCode:
    """Count the devices that fit, by the values of ``dimensions``."""
    request = CountDevicesRequest(filter=conditions.filter(now_here()), dimensions=dimensions)
    async with open_park(asking) as park:
        counted = await park.register.ask(park.register.calls.CountDevices, request)
    if asking.as_json:
        print_document(document_of(counted))
    else:
        show(console(), count_table(counted))
        if counted.cut_dimensions:
            note(f"only the largest are shown of: {', '.join(counted.cut_dimensions)}")
    return ExitCode.FINE


async def show_device(asking: Asking, name: str) -> ExitCode:
    async with open_park(asking) as park:
        request = GetDeviceRequest(device_id=await find_device_id(park.register, name))
        device = (await park.register.ask(park.register.calls.GetDevice, request)).device
    if asking.as_json:
        print_document(document_of(device))
    else:
        show(console(), device_page(device, now_here()))
    return ExitCode.FINE


async def show_timeline(asking: Asking, name: str, *, limit: int | None) -> ExitCode:
    """Show what happened to a device, newest first, as the register tells it."""
    async with open_park(asking) as park:
        device_id = await find_device_id(park.register, name)
        found = pages(partial(_timeline_page, park, device_id), limit=limit)
        draw, as_json = partial(timeline_table, now_here()), asking.as_json
        await answer_list(found, draw, name="entries", as_json=as_json, device_id=device_id)
    return ExitCode.FINE


async def show_journal(asking: Asking, name: str, *, limit: int | None) -> ExitCode:
    """Show a device's commits in order of revision, as the hub's journal holds them."""
    async with open_park(asking) as park:
        device_id = await find_device_id(park.register, name)
        found = pages(partial(_journal_page, park, device_id), limit=limit)
        draw, as_json = partial(journal_table, now_here()), asking.as_json
        await answer_list(found, draw, name="entries", as_json=as_json, device_id=device_id)
    return ExitCode.FINE


async def devices_page(
    park: Park, device_filter: DeviceFilter, order_by: str, size: int, token: str
) -> tuple[Sequence[Device], str]:
    request = ListDevicesRequest(
        filter=device_filter, order_by=order_by, page_size=size, page_token=token
    )
    answer = await park.register.ask(park.register.calls.ListDevices, request)
    return answer.devices, answer.next_page_token


async def _timeline_page(
    park: Park, device_id: str, size: int, token: str
) -> tuple[Sequence[TimelineEntry], str]:
    request = ListDeviceEventsRequest(device_id=device_id, page_size=size, page_token=token)
    answer = await park.register.ask(park.register.calls.ListDeviceEvents, request)
    return answer.entries, answer.next_page_token


async def _journal_page(
    park: Park, device_id: str, size: int, token: str
) -> tuple[Sequence[HistoryEntry], str]:
    request = GetDeviceHistoryRequest(device_id=device_id, page_size=size, page_token=token)
    answer = await park.hub.ask(park.hub.calls.GetDeviceHistory, request)
    return answer.entries, answer.next_page_token
