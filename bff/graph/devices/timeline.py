"""One device's timeline."""

from datetime import datetime
from enum import Enum

import strawberry
from meterpark.smoc.v1 import device_pb2
from meterpark.smoc.v1.device_service_pb2 import ListDeviceEventsRequest
from meterpark.smoc.v1.device_service_pb2 import TimelineFilter as WireFilter

from bff.graph.asking.asking import RegisterAsking
from bff.graph.asking.pages import Connection, read_connection
from bff.graph.devices.filter import TimeRangeInput
from bff.graph.fields import NamedText, named_texts, time_of


@strawberry.enum(description="What is special about an entry of a timeline.")
class TimelineFlag(Enum):
    LATE = "late"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    CLOCK_SUSPECT = "clock-suspect"
    ZONE_ASSUMED = "zone-assumed"
    INFERRED = "inferred"


@strawberry.type(description="One event of a device, or one action on its alarms.")
class TimelineEntry:
    entry_id: strawberry.ID = strawberry.field(description="Unique together with deviceId.")
    revision: int | None = strawberry.field(description="Null for an action on an alarm.")
    kind: str = strawberry.field(description='A stable word: "power-lost", "alarm-opened", ...')
    occurred_at: datetime | None
    received_at: datetime | None
    recorded_at: datetime | None
    code: str | None = strawberry.field(description='Event code as written, "3.26.0.85".')
    summary: str = strawberry.field(description="A sentence for people.")
    details: list[NamedText]
    flags: list[str] = strawberry.field(description="Words of TimelineFlag in small letters.")
    device_id: strawberry.ID | None = strawberry.field(
        description="The device of the entry: the requested one, or one that is joined into it."
    )


@strawberry.input(description='Conditions are combined with "and", values in a list with "or".')
class TimelineFilter:
    kinds: list[str] | None = None
    occurred: TimeRangeInput | None = None
    flags: list[TimelineFlag] | None = None
    without_alarms: bool = False

    def to_wire(self) -> WireFilter:
        return WireFilter(
            kinds=self.kinds,
            occurred=self.occurred.to_wire("filter.occurred") if self.occurred else None,
            flags=[flag.value for flag in self.flags or ()],
            without_alarms=self.without_alarms,
        )


def entry_of(told: device_pb2.TimelineEntry) -> TimelineEntry:
    return TimelineEntry(
        entry_id=strawberry.ID(told.entry_id),
        revision=told.revision or None,
        kind=told.kind,
        occurred_at=time_of(told, "occurred_time"),
        received_at=time_of(told, "received_time"),
        recorded_at=time_of(told, "recorded_time"),
        code=told.code or None,
        summary=told.summary,
        details=named_texts(told.details),
        flags=list(told.flags),
        device_id=strawberry.ID(told.device_id) if told.device_id else None,
    )


async def read_timeline(
    asking: RegisterAsking,
    device_id: str,
    wanted: TimelineFilter | None,
    *,
    first: int,
    after: str | None,
) -> Connection[TimelineEntry]:
    return await read_connection(
        asking,
        asking.register.devices.ListDeviceEvents,
        ListDeviceEventsRequest(device_id=device_id, filter=wanted.to_wire() if wanted else None),
        "entries",
        entry_of,
        first=first,
        after=after,
    )
