"""What can happen to a device. Private to the hub; the published form is `timeline.TimelineEntry`.

Stored by name, see `device_hub.journal.event_codec`: a class may be renamed, a stored name never.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from device_hub.device.plans.plan import Plan
from device_hub.device.state import Device
from device_hub.device.values import (
    Control,
    EndDeviceEvent,
    Flag,
    Identifier,
    Lifecycle,
    Occurrence,
    Switch,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFirstHeard:
    """The first event of every history: somebody said something about this device."""

    network: str
    identifier: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The device is known by more names than before; ``by`` is the person who said so, "" for a report."""

    identifiers: tuple[Identifier, ...]
    learned_at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedInto:
    """A person found that this device is the same as ``into``, which takes its reports from now on."""

    into: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceJoined:
    """A person found that ``joined`` is this device; ``part`` is what it was."""

    joined: str
    part: Device
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinUndone:
    """The join with ``other`` is undone. In both journals."""

    other: str
    at: datetime
    by: str
    reason: str


# --- told by EndDeviceEvents -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every EndDeviceEvent leaves behind, whatever it means.

    ``fingerprint`` tells the same event again from another one; None when nothing in it can tell.
    """

    event: EndDeviceEvent
    when: Occurrence
    fingerprint: int | None = None


class PowerLost(Told):
    __slots__ = ()


class PowerRestored(Told):
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLost(Told):
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRestored(Told):
    phase: str


class SwitchConnected(Told):
    __slots__ = ()


class SwitchDisconnected(Told):
    __slots__ = ()


class TamperDetected(Told):
    __slots__ = ()


class TamperCleared(Told):
    __slots__ = ()


class FirmwareUpdateStarted(Told):
    __slots__ = ()


class FirmwareUpdateSucceeded(Told):
    __slots__ = ()


class FirmwareUpdateFailed(Told):
    __slots__ = ()


class CommunicationEstablished(Told):
    __slots__ = ()


class CommunicationLost(Told):
    __slots__ = ()


class DeviceDiscovered(Told):
    __slots__ = ()


class FaultDetected(Told):
    __slots__ = ()


class FaultCleared(Told):
    __slots__ = ()


class EventNoted(Told):
    """Of interest to people alone, or a code that is in no table: kept verbatim."""

    __slots__ = ()


# --- told by other reports ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration said something new. Only what differs from what was known.

    ``overtaken`` came too late: something newer was known ("lifecycle" and "switch" are words of
    it, too). Then ``fingerprint`` is set, so that the same again leaves no second trace.
    """

    when: Occurrence
    changed: Mapping[str, str] = field(default_factory=dict)
    overtaken: Mapping[str, str] = field(default_factory=dict)
    switch: Switch | None = None
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A shipment file said what nobody else had said.

    ``contradicted``: what it said otherwise than is known, which stays. Then ``fingerprint`` is set, so that the same
    again leaves no second trace.
    """

    when: Occurrence
    changed: Mapping[str, str] = field(default_factory=dict)
    contradicted: Mapping[str, str] = field(default_factory=dict)
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleStaged:
    """The device entered a stage of its life: stated by a configuration, or inferred (see flags)."""

    lifecycle: Lifecycle
    when: Occurrence
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    when: Occurrence
    usage_point: str = ""
    area: str = ""
    parent: str = ""
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """With a parent, the device left that, and no usage point."""

    when: Occurrence
    usage_point: str = ""
    parent: str = ""
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMade:
    when: Occurrence
    reading_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlanned:
    """Something was announced for later. ``when`` is when that was said."""

    when: Occurrence
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWithdrawn:
    when: Occurrence
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNoted:
    """What was ordered of the device, or what became of it. Changes no facet: what the device did, it says itself.

    ``fingerprint`` tells the same outcome again from another one; None when nothing in it can tell.
    """

    control: Control
    when: Occurrence
    fingerprint: int | None = None


# --- concluded by the hub ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRestoreInferred:
    """Nobody reported the restore, but a device that speaks has power."""

    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationInferred:
    """Nobody reported the link re-established, but the device was heard."""

    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCarriedOut:
    """The plan's time has come; what it does follows as events of their own. ``refused``: why it cannot be done."""

    plan: Plan
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FellSilent:
    silent_since: datetime
    noted_at: datetime


ToldEvent = (
    PowerLost
    | PowerRestored
    | PhaseLost
    | PhaseRestored
    | SwitchConnected
    | SwitchDisconnected
    | TamperDetected
    | TamperCleared
    | FirmwareUpdateStarted
    | FirmwareUpdateSucceeded
    | FirmwareUpdateFailed
    | CommunicationEstablished
    | CommunicationLost
    | DeviceDiscovered
    | FaultDetected
    | FaultCleared
    | EventNoted
)
Event = (
    DeviceFirstHeard
    | Identified
    | JoinedInto
    | DeviceJoined
    | JoinUndone
    | ToldEvent
    | Configured
    | Shipped
    | LifecycleStaged
    | Linked
    | Unlinked
    | ContactMade
    | ControlNoted
    | ChangePlanned
    | PlanWithdrawn
    | PlanCarriedOut
    | PowerRestoreInferred
    | CommunicationInferred
    | FellSilent
)


def flags_of(event: Event) -> tuple[Flag, ...]:
    """Return the event's flags; what the hub concluded is always inferred."""
    match event:
        case PowerRestoreInferred() | CommunicationInferred() | FellSilent():
            return (Flag.INFERRED,)
        case DeviceFirstHeard() | Identified() | PlanCarriedOut():
            return ()
        case JoinedInto() | DeviceJoined() | JoinUndone():
            return ()
        case _:
            return event.when.flags
