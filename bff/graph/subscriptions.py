"""Changes as they happen, based on the register's streams.

Each answer carries the position to resume from. A stream that breaks ends with an error: the subscriber subscribes
again with the last position that it saw, and misses nothing. Nothing is queued here: the next change is taken from the
register when the client has taken the last one. A subscriber that stays away too long gets an error from the register
(POSITION_TOO_OLD: list again, then subscribe without a position).
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final

import strawberry
from meterpark.smoc.v1.alarm_service_pb2 import WatchAlarmsRequest
from meterpark.smoc.v1.device_service_pb2 import WatchDevicesRequest, WatchParkSummaryRequest

from bff.graph.alarms.alarm import Alarm, AlarmFilterInput, alarm_of
from bff.graph.asking.context import Info
from bff.graph.counts.counts import (
    USUAL_VALUES,
    Dimension,
    ParkSummary,
    ValuesArgument,
    check_values,
    summary_of,
)
from bff.graph.devices.device import Device, device_of
from bff.graph.devices.filter import DeviceFilterInput, filter_to_wire
from bff.traces import TELL

# The register gives signs of life every few seconds; each one passed on costs as much as a change.
_SIGN_OF_LIFE_SECONDS: Final = 15.0

Position = Annotated[
    str | None,
    strawberry.argument(description="The last one that was seen; null: from now on."),
]


@strawberry.type(description="A device that changed. Resume from `position`.")
class DeviceChange:
    device: Device | None = strawberry.field(
        description="Null in the first answer, which comes at once, and in signs of life."
    )
    position: str


@strawberry.type(description="An alarm that changed, or left the filter. Resume from `position`.")
class AlarmChange:
    alarm: Alarm | None = strawberry.field(
        description="Null in the first answer, which comes at once, and in signs of life."
    )
    position: str


@strawberry.type(description="The park's numbers, when they changed. Resume from `position`.")
class ParkSummaryChange:
    summary: ParkSummary | None = strawberry.field(description="Null in signs of life.")
    position: str


async def device_changed(
    info: Info,
    filter: DeviceFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    position: Position = None,
) -> AsyncGenerator[DeviceChange, None]:
    """Devices that change and fit a filter."""
    request = WatchDevicesRequest(filter=filter_to_wire(filter), position=position or "")
    method = info.context.asking.register.devices.WatchDevices
    async with aclosing(_watch(info, method, request, "device")) as answers:
        async for answer in answers:
            changed = device_of(answer.device) if answer.HasField("device") else None
            with info.context.traces.within(TELL, answer.traceparent):
                yield DeviceChange(device=changed, position=answer.position)


async def alarm_changed(
    info: Info,
    filter: AlarmFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    position: Position = None,
) -> AsyncGenerator[AlarmChange, None]:
    """Alarms that change, also those that leave the filter by it."""
    wanted = filter.to_wire() if filter else None
    request = WatchAlarmsRequest(filter=wanted, position=position or "")
    method = info.context.asking.register.alarms.WatchAlarms
    async with aclosing(_watch(info, method, request, "alarm")) as answers:
        async for answer in answers:
            changed = alarm_of(answer.alarm) if answer.HasField("alarm") else None
            yield AlarmChange(alarm=changed, position=answer.position)


async def park_summary_changed(
    info: Info,
    dimensions: list[Dimension] | None = None,
    values: ValuesArgument = USUAL_VALUES,
    position: Position = None,
) -> AsyncGenerator[ParkSummaryChange, None]:
    """The park's numbers: at once, then when they changed, at most once a second."""
    check_values(values)
    request = WatchParkSummaryRequest(
        dimensions=[dimension.value for dimension in dimensions or ()], position=position or ""
    )
    method = info.context.asking.register.devices.WatchParkSummary
    async with aclosing(_watch(info, method, request, "summary")) as answers:
        async for answer in answers:
            changed = summary_of(answer.summary, values) if answer.HasField("summary") else None
            yield ParkSummaryChange(summary=changed, position=answer.position)


async def _watch(info: Info, method: Any, request: Any, what: str) -> AsyncGenerator[Any, None]:
    """Yield the answers of a stream, of those without ``what`` only one now and then."""
    context = info.context
    now = asyncio.get_running_loop().time
    last: float | None = None
    with context.slots.one(context.user) as slot:
        async with aclosing(context.asking.watch(method, request, slot)) as answers:
            async for answer in answers:
                if answer.HasField(what) or last is None or now() - last > _SIGN_OF_LIFE_SECONDS:
                    last = now()
                    yield answer
