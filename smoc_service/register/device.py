"""What the register holds: a device as the hub last decided it, and the entries of its timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

# Each facet with its values; the first is the value of a device of which the facet was never heard.
# Source: proto/meterpark/smoc/v1/device.proto, message Device.
FACETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lifecycle": (
            "NOT_DEFINED",
            "INVENTORY",
            "DISCOVERED",
            "IN_OPERATION",
            "UPDATE_IN_PROGRESS",
            "POOR_COMMUNICATION",
            "ERROR",
            "REMOVED",
        ),
        "power": ("UNKNOWN", "ON", "OFF", "PARTIAL"),
        "switch": ("UNKNOWN", "CONNECTED", "DISCONNECTED"),
        "communication": ("UNKNOWN", "REACHABLE", "LOST"),
        "tamper": ("UNKNOWN", "CLEAR", "DETECTED"),
        "firmware": ("UNKNOWN", "CURRENT", "UPDATING", "FAILED"),
    }
)

# Texts that a configuration gives a device; named alike in the contract and in the stored document.
ATTRIBUTES = (
    "serial_number",
    "utility_number",
    "mrid",
    "model",
    "model_version",
    "manufacturer",
    "device_type",
    "communication_technology",
    "communication_address",
    "firmware_version",
    "hardware_version",
    "lot_number",
    "amr_system",
    "time_zone",
    "usage_point",
    "area",
    "status",
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
    "latitude",
    "longitude",
    "altitude",
    "grid_position",
    "street_address",
    "parent",
    "connection_state",
    "module_serial_number",
    "module_manufacturer",
    "module_model",
    "module_firmware_version",
    "module_hardware_version",
)


def network_of(device_id: str) -> str:
    """Return the network in which a device of this id lies, or would lie."""
    return device_id.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    value: str
    # When it happened; None while the value is the facet's first one.
    as_of: datetime | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeMark:
    """Somebody wants this device to be exchanged."""

    reason: str
    username: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the asset manager's people say of a device; the hub knows nothing of it."""

    # Rises with each change.
    version: int = 0
    # Each once, in order.
    tags: tuple[str, ...] = ()
    exchange: ExchangeMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """Something that was announced and has not taken effect yet."""

    effective_at: datetime
    said_at: datetime | None = None
    kind: str = ""
    summary: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One name that belongs to this device alone; ``scheme`` is the kind of name, "" when unknown."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device at one revision. ``facets`` holds every facet; ``attributes`` only those that are not empty."""

    device_id: str
    network: str
    device_identifier: str
    revision: int
    facets: Mapping[str, Facet]
    attributes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    life_dates: Mapping[str, str] = field(default_factory=dict)
    first_seen_at: datetime | None = None
    last_contact_at: datetime | None = None
    updated_at: datetime | None = None
    # Soonest first.
    planned: tuple[PlannedChange, ...] = ()
    work: Work = field(default_factory=Work)
    identifiers: tuple[Identifier, ...] = ()
    # The device that takes this one's reports; "" while it is a device of its own.
    joined_into: str = ""
    # Ids of devices of the same network that were joined into this one.
    joined: tuple[str, ...] = ()

    @property
    def serial_number(self) -> str:
        return self.attributes.get("serial_number", "")

    @property
    def names_of_joined(self) -> tuple[str, ...]:
        """What finds this device in a search because others are joined into it: what they are, or were, called."""
        if not self.joined:
            return ()
        called = {each.partition("/")[2] for each in self.joined}
        return tuple(sorted(called.union(one.value for one in self.identifiers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing in a device's life; unique by device, revision and index within the revision's commit.

    What was done with an alarm of the device has no revision: its index is that within the alarm's history.
    """

    revision: int
    index: int
    kind: str
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    recorded_at: datetime | None = None
    code: str = ""
    summary: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    flags: Sequence[str] = ()
    # The number of the alarm; empty for what was reported of the device.
    of_alarm: str = ""
    # Of which device; empty on the way in, where the provision says it.
    device_id: str = ""

    @property
    def entry_id(self) -> str:
        return f"{'alarm/' + self.of_alarm if self.of_alarm else self.revision}.{self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A device as it is now, with what happened since the last provision, oldest first."""

    device: Device
    entries: Sequence[TimelineEntry] = ()
    # Of the trace of what was reported last, if that is recorded; shown with the change, no part of the device.
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What became of a provision. Not ``stored``: the register holds ``revision`` already, the same or a later one."""

    device_id: str
    revision: int
    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkChange:
    """A timeline entry as the park's newest changes show it."""

    device_id: str
    serial_number: str
    entry: TimelineEntry
