"""The words that describe a device: facet values, flags, and meanings of reports.

docs/glossary.md explains them. The texts are published and stored: never rename one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar


class Lifecycle(StrEnum):
    """Lifecycle values of the IEC4HES interface."""

    NOT_DEFINED = "NOT_DEFINED"
    INVENTORY = "INVENTORY"
    DISCOVERED = "DISCOVERED"
    IN_OPERATION = "IN_OPERATION"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    POOR_COMMUNICATION = "POOR_COMMUNICATION"
    ERROR = "ERROR"
    REMOVED = "REMOVED"


class Power(StrEnum):
    UNKNOWN = "UNKNOWN"
    ON = "ON"
    OFF = "OFF"
    PARTIAL = "PARTIAL"


class Phase(StrEnum):
    """Whether one phase has voltage."""

    UNKNOWN = "UNKNOWN"
    ON = "ON"
    LOST = "LOST"


class Switch(StrEnum):
    UNKNOWN = "UNKNOWN"
    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"


class Communication(StrEnum):
    UNKNOWN = "UNKNOWN"
    REACHABLE = "REACHABLE"
    LOST = "LOST"


class Tamper(StrEnum):
    UNKNOWN = "UNKNOWN"
    CLEAR = "CLEAR"
    DETECTED = "DETECTED"


class Firmware(StrEnum):
    UNKNOWN = "UNKNOWN"
    CURRENT = "CURRENT"
    UPDATING = "UPDATING"
    FAILED = "FAILED"


class Fault(StrEnum):
    """Not published as a facet: it shows as lifecycle ERROR."""

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    PRESENT = "PRESENT"


class Meaning(StrEnum):
    """What an event code means, as the connector's code table says."""

    UNSPECIFIED = "UNSPECIFIED"
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


class Flag(StrEnum):
    """What a reader should know about one event before believing it."""

    LATE = "late"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    CLOCK_SUSPECT = "clock-suspect"
    ZONE_ASSUMED = "zone-assumed"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One name of a device. ``scheme`` is its kind, "" when unknown.

    Schemes are those of the contract (``meterpark.device_hub.v1.Identifier``).
    """

    scheme: str
    value: str


V_co = TypeVar("V_co", bound=StrEnum, covariant=True)


@dataclass(frozen=True, slots=True)
class Facet(Generic[V_co]):
    """One aspect of a device: a value, when that happened, and what led to it.

    ``as_of`` is None while nothing was reported about the aspect.
    """

    value: V_co
    as_of: datetime | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """When something happened, as far as can be known. UTC, whole milliseconds.

    ``at`` orders: the stated time, or the time of receipt when none was stated or it cannot be true.
    ``heard_at`` is set for a message that waited: when the head-end system made it.
    """

    at: datetime
    stated_at: datetime | None
    received_at: datetime
    flags: tuple[Flag, ...] = ()
    heard_at: datetime | None = None

    @property
    def heard(self) -> datetime:
        """When the head-end system sent it: long before the receipt for a message that waited, else the receipt."""
        return self.heard_at or self.received_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDeviceEvent:
    """One IEC 61968-9 EndDeviceEvent, verbatim, with the meaning of its code.

    ``ended``: the verb by which the head-end system ended it; the meaning is then what follows from its end.
    """

    code: str
    meaning: Meaning
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


class Outcome(StrEnum):
    """What became of what was ordered of a device."""

    UNSPECIFIED = "UNSPECIFIED"
    ORDERED = "ORDERED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One IEC 61968-9 EndDeviceControl for one device, verbatim: what was ordered, or what became of it."""

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
class Configuration:
    """What a MeterConfig says. What it does not say changes nothing.

    ``attributes`` is flat, see `device_hub.device.attributes`.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle | None = None
    removal: bool = False
    switch: Switch | None = None
