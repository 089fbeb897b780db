"""A device, as the schema shows it."""

from datetime import datetime
from typing import Final, Self

import strawberry
from meterpark.smoc.v1 import device_pb2
from meterpark.smoc.v1.alarm_service_pb2 import AlarmFilter
from meterpark.smoc.v1.device_service_pb2 import (
    DeviceFilter,
    GetDeviceAtRequest,
    ListDevicesRequest,
)

from bff.graph.alarms.alarm import Alarm, AlarmState, read_alarms
from bff.graph.asking.asking import RegisterAsking
from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_page
from bff.graph.devices.facts import DeviceFacts, facts_of
from bff.graph.devices.notes import Note, read_notes
from bff.graph.devices.timeline import TimelineEntry, TimelineFilter, read_timeline
from bff.graph.fields import NamedText, described, named_texts, stamp_of, time_of
from bff.graph.viewer import may_change

# Of one condition, as the register takes them.
_NAMES_AT_MOST: Final = 50


@strawberry.type(description="One aspect of a device.")
class Facet:
    value: str = strawberry.field(description="A word in capitals: IN_OPERATION, OFF, LOST, ...")
    as_of: datetime | None = strawberry.field(
        description="When it happened, not when it was heard. Null while the value is unknown."
    )
    cause: str | None = strawberry.field(
        description='What led to the value: an event code "3.26.0.85", "MeterConfig", "silence", ...'
    )

    @classmethod
    def of(cls, told: device_pb2.Facet) -> Self:
        return cls(value=told.value, as_of=time_of(told, "as_of_time"), cause=told.cause or None)


@strawberry.type(description="A user marked this device for exchange.")
class ExchangeMark:
    reason: str
    username: str
    at: datetime | None


@strawberry.type(
    description="What the viewer's roles allow with this device: a hint for pages, never a right. The register decides."
)
class DeviceViewerCan:
    tag: bool
    note: bool = strawberry.field(description="Write notes on it.")
    mark_for_exchange: bool
    work_on_alarms: bool


@strawberry.federation.type(keys=["deviceId"], description="A device as the park knows it.")
class Device(DeviceFacts):
    device_id: strawberry.ID = strawberry.field(description='"<network>/<device identifier>".')
    network: str
    device_identifier: str
    revision: int = strawberry.field(description="Rises with every commit of the device's journal.")
    lifecycle: Facet
    power: Facet
    switch: Facet
    communication: Facet
    tamper: Facet
    firmware: Facet
    serial_number: str | None
    utility_number: str | None
    mrid: str | None
    model: str | None
    model_version: str | None
    manufacturer: str | None
    device_type: str | None
    communication_technology: str | None
    communication_address: str | None
    firmware_version: str | None
    hardware_version: str | None
    lot_number: str | None
    amr_system: str | None
    time_zone: str | None
    usage_point: str | None
    area: str | None
    names: list[NamedText]
    life_dates: list[NamedText]
    status: str | None = strawberry.field(
        description="The last status text that a configuration gave, as written."
    )
    first_seen_at: datetime | None
    last_contact_at: datetime | None
    updated_at: datetime | None
    tags: list[str]
    exchange_mark: ExchangeMark | None = strawberry.field(
        description="Present while the device is marked for exchange."
    )

    @strawberry.field
    def viewer_can(self, info: Info) -> DeviceViewerCan:
        manages = may_change(info)
        return DeviceViewerCan(
            tag=manages, note=manages, mark_for_exchange=manages, work_on_alarms=manages
        )

    parent_id: strawberry.ID | None = strawberry.field(
        description="The device behind which this one is: a gateway, the electricity meter of a gas meter."
    )
    # What the device may be called by where others name it as their parent.
    called: strawberry.Private[tuple[str, ...]] = ()

    @described
    async def parent(self, info: Info) -> "Device | None":
        """The device behind which this one is; null when there is none, or the register does not hold it."""
        if self.parent_id is None:
            return None
        found: Device | None = await info.context.load.device(self.parent_id)
        return found

    @described
    async def children(
        self, info: Info, first: int = USUAL_PAGE, after: str | None = None
    ) -> "DeviceConnection":
        """The devices behind this one, in order of their ids. Costs one call per device."""
        behind = DeviceFilter(networks=[self.network], parents=self.called)
        request = ListDevicesRequest(filter=behind)
        return await read_devices(info.context.asking, request, first=first, after=after)

    @described
    async def timeline(
        self,
        info: Info,
        filter: TimelineFilter | None = None,  # noqa: A002 - the argument's name in the schema
        first: int = USUAL_PAGE,
        after: str | None = None,
    ) -> Connection[TimelineEntry]:
        """Newest first. Costs one call per device."""
        asking = info.context.asking
        return await read_timeline(asking, self.device_id, filter, first=first, after=after)

    @described
    async def alarms(
        self,
        info: Info,
        states: list[AlarmState] | None = None,
        first: int = USUAL_PAGE,
        after: str | None = None,
    ) -> Connection[Alarm]:
        """Newest first, snoozed ones included. Costs one call per device."""
        wanted = AlarmFilter(
            device_id=self.device_id,
            states=[state.value for state in states or ()],
            with_snoozed=True,
        )
        return await read_alarms(info.context.asking, wanted, first=first, after=after)

    @described
    async def notes(
        self, info: Info, first: int = USUAL_PAGE, after: str | None = None
    ) -> Connection[Note]:
        """What people wrote down about it, newest first. Costs one call per device."""
        return await read_notes(info.context.asking, self.device_id, first=first, after=after)

    @described
    async def at(self, info: Info, time: datetime) -> "DeviceAt | None":
        """The device as it was known at a time; null before it was first heard of. Costs one call per device."""
        request = GetDeviceAtRequest(device_id=self.device_id, time=stamp_of(time, "time"))
        asking = info.context.asking
        answer = await info.context.none_if_unknown(
            asking.ask(asking.register.devices.GetDeviceAt, request)
        )
        if answer is None:
            return None
        return DeviceAt(device=device_of(answer.device), incomplete=answer.incomplete)

    @classmethod
    async def resolve_reference(
        cls,
        info: Info,
        deviceId: str,  # noqa: N803 - strawberry gives keys by their names in the schema
    ) -> "Device | None":
        found: Device | None = await info.context.load.device(deviceId)
        return found


@strawberry.type(description="A device as it was known at a time.")
class DeviceAt:
    device: Device
    incomplete: bool = strawberry.field(
        description="History before the register's own beginning would be needed to know more."
    )


@strawberry.type
class DeviceConnection(Connection[Device]):
    total_count: int = strawberry.field(
        description="How many devices fit the filter, exactly, when this page was made."
    )


async def read_devices(
    asking: RegisterAsking, request: ListDevicesRequest, *, first: int, after: str | None
) -> DeviceConnection:
    answer, edges, page = await read_page(
        asking,
        asking.register.devices.ListDevices,
        request,
        "devices",
        device_of,
        first=first,
        after=after,
    )
    return DeviceConnection(edges=edges, page_info=page, total_count=answer.total_size)


def device_of(told: device_pb2.Device) -> Device:
    mark = told.exchange_mark
    return Device(
        device_id=strawberry.ID(told.device_id),
        network=told.network,
        device_identifier=told.device_identifier,
        revision=told.revision,
        lifecycle=Facet.of(told.lifecycle),
        power=Facet.of(told.power),
        switch=Facet.of(told.switch),
        communication=Facet.of(told.communication),
        tamper=Facet.of(told.tamper),
        firmware=Facet.of(told.firmware),
        serial_number=told.serial_number or None,
        utility_number=told.utility_number or None,
        mrid=told.mrid or None,
        model=told.model or None,
        model_version=told.model_version or None,
        manufacturer=told.manufacturer or None,
        device_type=told.device_type or None,
        communication_technology=told.communication_technology or None,
        communication_address=told.communication_address or None,
        firmware_version=told.firmware_version or None,
        hardware_version=told.hardware_version or None,
        lot_number=told.lot_number or None,
        amr_system=told.amr_system or None,
        time_zone=told.time_zone or None,
        usage_point=told.usage_point or None,
        area=told.area or None,
        names=named_texts(told.names),
        life_dates=named_texts(told.life_dates),
        status=told.status or None,
        parent_id=strawberry.ID(f"{told.network}/{told.parent}") if told.parent else None,
        called=_called(told),
        **facts_of(told),
        first_seen_at=time_of(told, "first_seen_time"),
        last_contact_at=time_of(told, "last_contact_time"),
        updated_at=time_of(told, "update_time"),
        tags=list(told.tags),
        exchange_mark=ExchangeMark(
            reason=mark.reason, username=mark.username, at=time_of(mark, "time")
        )
        if told.HasField("exchange_mark")
        else None,
    )


def _called(told: device_pb2.Device) -> tuple[str, ...]:
    names = [told.device_identifier, told.serial_number, told.mrid, told.utility_number]
    if told.joined:
        # Others go on naming a joined device as their parent.
        names += [device_id.partition("/")[2] for device_id in told.joined]
        names += [one.value for one in told.identifiers]
    return tuple(dict.fromkeys(name for name in names if name))[:_NAMES_AT_MOST]
