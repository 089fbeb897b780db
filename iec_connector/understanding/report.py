"""What the connector reports to the hub: one statement about one device.

The shapes mirror ``meterpark.device_hub.v1.report`` field by field; ``iec_connector.hub.wire`` translates them.
An empty string, an empty mapping or ``None`` always means "the message did not say".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from iec_connector.understanding.identifiers import Identifier


class Lifecycle(StrEnum):
    """Lifecycle values of the IEC4HES interface; ``UNSPECIFIED``: the message says nothing about it."""

    UNSPECIFIED = ""
    NOT_DEFINED = "NOT_DEFINED"
    INVENTORY = "INVENTORY"
    DISCOVERED = "DISCOVERED"
    IN_OPERATION = "IN_OPERATION"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    POOR_COMMUNICATION = "POOR_COMMUNICATION"
    ERROR = "ERROR"
    REMOVED = "REMOVED"


class SwitchState(StrEnum):
    """Position of the remote disconnect switch."""

    UNSPECIFIED = ""
    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"


class Meaning(StrEnum):
    """What an event code means for the device: the ``meaning`` column of the code table.

    ``UNSPECIFIED``: the code is not in the table; the report is kept verbatim and changes no facet.
    """

    UNSPECIFIED = ""
    NOTED = "NOTED"
    POWER_LOST = "POWER_LOST"
    POWER_RESTORED = "POWER_RESTORED"
    PHASE_LOST = "PHASE_LOST"
    PHASE_RESTORED = "PHASE_RESTORED"
    SWITCH_CONNECTED = "SWITCH_CONNECTED"
    SWITCH_DISCONNECTED = "SWITCH_DISCONNECTED"
    TAMPER_DETECTED = "TAMPER_DETECTED"
    TAMPER_CLEARED = "TAMPER_CLEARED"
    FIRMWARE_UPDATE_STARTED = "FIRMWARE_UPDATE_STARTED"
    FIRMWARE_UPDATE_SUCCEEDED = "FIRMWARE_UPDATE_SUCCEEDED"
    FIRMWARE_UPDATE_FAILED = "FIRMWARE_UPDATE_FAILED"
    COMMUNICATION_ESTABLISHED = "COMMUNICATION_ESTABLISHED"
    COMMUNICATION_LOST = "COMMUNICATION_LOST"
    DISCOVERED = "DISCOVERED"
    FAULT = "FAULT"
    FAULT_CLEARED = "FAULT_CLEARED"


class LinkageChange(StrEnum):
    """Whether the device is now at the usage point, or no longer."""

    LINKED = "LINKED"
    UNLINKED = "UNLINKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a MeterConfig or EndDeviceConfig says. An empty field was not stated, and changes nothing."""

    lifecycle: Lifecycle = Lifecycle.UNSPECIFIED
    status: str = ""
    serial_number: str = ""
    utility_number: str = ""
    mrid: str = ""
    model: str = ""
    model_version: str = ""
    manufacturer: str = ""
    device_type: str = ""
    communication_technology: str = ""
    communication_address: str = ""
    firmware_version: str = ""
    hardware_version: str = ""
    lot_number: str = ""
    amr_system: str = ""
    time_zone: str = ""
    usage_point: str = ""
    area: str = ""
    status_reason: str = ""
    status_remark: str = ""
    change_reason: str = ""
    change_remark: str = ""
    change_author: str = ""
    seals: str = ""
    mac_address: str = ""
    radio_address: str = ""
    ip_address: str = ""
    phone_number: str = ""
    iccid: str = ""
    imsi: str = ""
    imei: str = ""
    rated_current: str = ""
    rated_voltage: str = ""
    phase_count: str = ""
    phase_code: str = ""
    multipliers: str = ""
    form_number: str = ""
    configuration_id: str = ""
    program_id: str = ""
    capabilities: str = ""
    switch_arm_state: str = ""
    switch_operation_count: str = ""
    latitude: str = ""
    longitude: str = ""
    altitude: str = ""
    grid_position: str = ""
    street_address: str = ""
    parent: str = ""
    connection_state: str = ""
    module_serial_number: str = ""
    module_manufacturer: str = ""
    module_model: str = ""
    module_firmware_version: str = ""
    module_hardware_version: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    switch_state: SwitchState = SwitchState.UNSPECIFIED
    life_dates: Mapping[str, str] = field(default_factory=dict)
    removal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """One EndDeviceEvent. ``event_mrid`` names the event, never the device.

    ``ended``: the verb by which it was ended; the meaning is then what follows from its end.
    """

    code: str
    meaning: Meaning = Meaning.UNSPECIFIED
    code_name: str = ""
    severity: str = ""
    reason: str = ""
    event_mrid: str = ""
    issuer_tracking_id: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    firmware_version: str = ""
    usage_point: str = ""
    author: str = ""
    remark: str = ""
    status: str = ""
    latitude: str = ""
    longitude: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """A MasterDataLinkageConfig: the device is now at, or no longer at, a usage point; or behind a ``parent``."""

    change: LinkageChange
    usage_point: str = ""
    area: str = ""
    parent: str = ""


class Outcome(StrEnum):
    """What became of what was ordered of a device."""

    UNSPECIFIED = ""
    ORDERED = "ORDERED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOutcome:
    """One EndDeviceControl for one device: what was ordered, or what became of it."""

    outcome: Outcome
    code: str = ""
    code_name: str = ""
    action: str = ""
    control_mrid: str = ""
    issuer_tracking_id: str = ""
    author: str = ""
    status: str = ""
    reason: str = ""
    remark: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The device was heard of; ``reading_count`` readings came with it. No values are kept."""

    reading_count: int = 0


Content = Configuration | DeviceEvent | Linkage | Contact | ControlOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a report came from, kept for the auditor.

    Verb and noun are as the header writes them (or as root and payload say when it does not);
    ``message_id`` is Header/MessageID, else the broker's id; ``index`` is the part of the message, from 0.
    """

    source: str
    message_id: str = ""
    correlation_id: str = ""
    verb: str = ""
    noun: str = ""
    message_at: datetime | None = None
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One statement of a head-end system about one device.

    All datetimes are aware and in UTC. ``occurred_at`` is ``None`` when the message does not say, or says
    "never" (1970-01-01); ``zone_assumed`` tells that it came without zone and the source's zone was taken.
    ``stated_at`` is what the device's clock said when it is not believed, because it had lost its time.
    ``said_at`` is set when ``occurred_at`` is the date from which a configuration or linkage takes effect: when
    that was said. ``plan_withdrawn``: what was announced for ``occurred_at`` is called off.
    ``identifiers`` are all that the message calls the device, ``device_identifier`` first. ``nil_identifiers`` stand
    where it knows none ("null", zeros): they name nobody.
    """

    report_id: str
    network: str
    device_identifier: str
    received_at: datetime
    occurred_at: datetime | None = None
    zone_assumed: bool = False
    stated_at: datetime | None = None
    said_at: datetime | None = None
    plan_withdrawn: bool = False
    origin: Origin
    content: Content
    identifiers: tuple[Identifier, ...] = ()
    nil_identifiers: tuple[Identifier, ...] = ()
