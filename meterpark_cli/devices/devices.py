"""``meterpark devices list|show|history``: what the register knows, and what the journal says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceHistoryRequest, HistoryEntry
from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceRequest as GetDeviceOfHubRequest
from meterpark.smoc.v1.device_pb2 import Device, TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import (
    CountDevicesRequest,
    DeviceFilter,
    GetDeviceAtRequest,
    GetDeviceRequest,
    ListDeviceEventsRequest,
    ListDevicesRequest,
    TimelineFilter,
)

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.names import find_device_id
from meterpark_cli.devices.tables import (
    count_table,
    device_page,
    device_table,
    journal_table,
    timeline_table,
)
from meterpark_cli.failures import ExitCode, WrongUsage
from meterpark_cli.moments import read_moment
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, note, now_here, show


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
            note(f"only the largest counts are shown of: {', '.join(counted.cut_dimensions)}")
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


async def show_device_at(asking: Asking, name: str, at: str) -> ExitCode:
    """Show one device as it was known at a time."""
    request = GetDeviceAtRequest()
    request.time.FromDatetime(read_moment(at, "--at", now_here()))
    async with open_park(asking) as park:
        request.device_id = await find_device_id(park.register, name)
        answer = await park.register.ask(park.register.calls.GetDeviceAt, request)
    if asking.as_json:
        print_document(document_of(answer))
    else:
        show(console(), device_page(answer.device, now_here()))
        if answer.incomplete:
            note("incomplete: the register has not kept all that was known then")
    return ExitCode.FINE


async def show_device_true_at(
    asking: Asking, name: str, at: str, *, known_at: str = ""
) -> ExitCode:
    """Show one device as it was at a time, by all that the hub's journal knows today."""
    if known_at:
        raise WrongUsage("--at and --true-at are two questions")
    request = GetDeviceOfHubRequest()
    request.true_time.FromDatetime(read_moment(at, "--true-at", now_here()))
    async with open_park(asking) as park:
        request.device_id = await find_device_id(park.register, name)
        device = (await park.hub.ask(park.hub.calls.GetDevice, request)).device
    if asking.as_json:
        print_document(document_of(device))
    else:
        show(console(), device_page(device, now_here()))
    return ExitCode.FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineAsked:
    """The conditions on entries that a command got; an empty one does not count."""

    kinds: Sequence[str] = ()
    flags: Sequence[str] = ()
    since: str = ""
    until: str = ""
    without_alarms: bool = False

    def filter(self, now: datetime) -> TimelineFilter:
        """Return what was said as the contract says it; raise WrongUsage for a time that is none."""
        asked = TimelineFilter(
            kinds=self.kinds, flags=self.flags, without_alarms=self.without_alarms
        )
        if self.since:
            asked.occurred.start_time.FromDatetime(read_moment(self.since, "--since", now))
        if self.until:
            asked.occurred.end_time.FromDatetime(read_moment(self.until, "--until", now))
        return asked


async def show_timeline(
    asking: Asking, name: str, *, limit: int | None, asked: TimelineAsked
) -> ExitCode:
    """Show what happened to a device, newest first, from the register."""
    wanted = asked.filter(now_here())
    async with open_park(asking) as park:
        device_id = await find_device_id(park.register, name)
        found = pages(partial(_timeline_page, park, device_id, wanted), limit=limit)
        draw, as_json = partial(timeline_table, now_here(), device_id), asking.as_json
        await answer_list(found, draw, name="entries", as_json=as_json, device_id=device_id)
    return ExitCode.FINE


async def show_journal(
    asking: Asking, name: str, *, limit: int | None, asked: TimelineAsked
) -> ExitCode:
    """Show a device's commits in order of revision, as the hub's journal holds them."""
    if asked != TimelineAsked():
        raise WrongUsage("--journal shows every commit and takes no conditions")
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
    park: Park, device_id: str, wanted: TimelineFilter, size: int, token: str
) -> tuple[Sequence[TimelineEntry], str]:
    request = ListDeviceEventsRequest(
        device_id=device_id, page_size=size, page_token=token, filter=wanted
    )
    answer = await park.register.ask(park.register.calls.ListDeviceEvents, request)
    return answer.entries, answer.next_page_token


async def _journal_page(
    park: Park, device_id: str, size: int, token: str
) -> tuple[Sequence[HistoryEntry], str]:
    request = GetDeviceHistoryRequest(device_id=device_id, page_size=size, page_token=token)
    answer = await park.hub.ask(park.hub.calls.GetDeviceHistory, request)
    return answer.entries, answer.next_page_token
