"""Facts about a device beside its facets, as the schema shows them: from configurations, and from joins of devices."""

from datetime import datetime
from typing import Any, Final, Self

import strawberry
from meterpark.smoc.v1 import device_pb2

from bff.graph.fields import NamedText, named_texts, time_of


@strawberry.type(description="A change that was announced and has not taken effect yet.")
class PlannedChange:
    effective_at: datetime | None
    said_at: datetime | None = strawberry.field(description="When it was announced.")
    kind: str = strawberry.field(description='"configuration", "link" or "unlink".')
    summary: str = strawberry.field(description="A sentence for people.")
    changes: list[NamedText] = strawberry.field(
        description='What will change, for example "lifecycle" to REMOVED.'
    )

    @classmethod
    def of(cls, told: device_pb2.PlannedChange) -> Self:
        return cls(
            effective_at=time_of(told, "effective_time"),
            said_at=time_of(told, "said_time"),
            kind=told.kind,
            summary=told.summary,
            changes=named_texts(told.changes),
        )


@strawberry.type(description="One name that is a device's alone.")
class DeviceIdentifier:
    scheme: str = strawberry.field(
        description='"mrid", "serial_number", "utility_number", "name/<type>"; empty when unknown.'
    )
    value: str


@strawberry.type
class DeviceFacts:
    """Texts as the head-end system wrote them; null for what was never said."""

    status_reason: str | None = strawberry.field(
        description="Why the status is what it is, as written."
    )
    status_remark: str | None
    change_reason: str | None = strawberry.field(
        description="Reason for the newest configuration that changed something."
    )
    change_remark: str | None
    change_author: str | None = strawberry.field(description="The author of that configuration.")
    seals: str | None = strawberry.field(
        description='Numbers and conditions of the seals: "A17 locked, A18 broken".'
    )
    mac_address: str | None
    radio_address: str | None
    ip_address: str | None
    phone_number: str | None
    iccid: str | None
    imsi: str | None
    imei: str | None
    rated_current: str | None
    rated_voltage: str | None
    phase_count: str | None
    phase_code: str | None = strawberry.field(description='Phases that are connected: "ABCN".')
    multipliers: str | None = strawberry.field(description='By kind: "ctRatio=20, kE=7.2".')
    form_number: str | None
    configuration_id: str | None
    program_id: str | None
    capabilities: str | None = strawberry.field(
        description='By the names of the standard: "connectDisconnect, outageHistory"; "none".'
    )
    switch_arm_state: str | None = strawberry.field(
        description='What the switch is armed for: "connect", "disconnect", both, or "none".'
    )
    switch_operation_count: str | None = strawberry.field(
        description="How often the switch has worked, as reported."
    )
    latitude: float | None = strawberry.field(description="Degrees (WGS 84), -90 to 90.")
    longitude: float | None = strawberry.field(description="Degrees (WGS 84), -180 to 180.")
    altitude: str | None
    grid_position: str | None = strawberry.field(
        description='Coordinates in another system: "x=2683000 y=1248000 (EPSG:2056)".'
    )
    street_address: str | None = strawberry.field(description="Street and town in one line.")
    connection_state: str | None = strawberry.field(
        description='Of the usage point, as written: "connected", "physicallyDisconnected".'
    )
    module_serial_number: str | None
    module_manufacturer: str | None
    module_model: str | None
    module_firmware_version: str | None
    module_hardware_version: str | None
    planned: list[PlannedChange] = strawberry.field(
        description="Announced changes of the device, soonest first."
    )
    identifiers: list[DeviceIdentifier] = strawberry.field(
        description="Every name that is this device's alone, also those of devices joined into it."
    )
    joined_into: strawberry.ID | None = strawberry.field(
        description="The device that this one was joined into, because both are one meter: listed and counted as that."
    )
    joined: list[strawberry.ID] = strawberry.field(
        description="Ids of the devices that were joined into this one: its timeline holds theirs."
    )


_TEXTS: Final = (
    "status_reason",
    "status_remark",
    "change_reason",
    "change_remark",
    "change_author",
    "seals",
    "mac_address",
    "radio_address",
    "ip_address",
    "phone_number",
    "iccid",
    "imsi",
    "imei",
    "rated_current",
    "rated_voltage",
    "phase_count",
    "phase_code",
    "multipliers",
    "form_number",
    "configuration_id",
    "program_id",
    "capabilities",
    "switch_arm_state",
    "switch_operation_count",
    "altitude",
    "grid_position",
    "street_address",
    "connection_state",
    "module_serial_number",
    "module_manufacturer",
    "module_model",
    "module_firmware_version",
    "module_hardware_version",
)
_DEGREES: Final = ("latitude", "longitude")


def facts_of(told: device_pb2.Device) -> dict[str, Any]:
    """Return the fields of ``DeviceFacts``."""
    return {
        **{name: getattr(told, name) or None for name in _TEXTS},
        **{name: _degrees(getattr(told, name)) for name in _DEGREES},
        "planned": [PlannedChange.of(one) for one in told.planned],
        "identifiers": [
            DeviceIdentifier(scheme=one.scheme, value=one.value) for one in told.identifiers
        ],
        "joined_into": strawberry.ID(told.joined_into) if told.joined_into else None,
        "joined": [strawberry.ID(one) for one in told.joined],
    }


def _degrees(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:  # the hub takes none that is no number
        return None
