"""The commands to a device: one for each content of a report, and those of the hub's own sweeps.

Times always arrive inside the command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from device_hub.device.state import Device
from device_hub.device.values import Configuration, Control, EndDeviceEvent, Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The fields that all reports have in common. Times carry a zone.

    ``stated_at`` is the time of a clock that had lost its time: kept, but not trusted.
    ``identifiers``: names that the device has from now on. The hub found that they belong to this device alone
    (`device_hub.identities`).
    ``said_at`` is set when ``occurred_at`` is the date from which a statement takes effect, which may lie ahead: when
    it was made. ``plan_withdrawn``: if that date lies ahead, the announcement for it is withdrawn.

    Raises nothing here: `decisions.decide` refuses times that cannot be stored.
    """

    network: str
    identifier: str
    received_at: datetime
    # When the head-end system made the message, as far as it says.
    told_at: datetime | None = None
    occurred_at: datetime | None = None
    zone_assumed: bool = False
    stated_at: datetime | None = None
    identifiers: tuple[Identifier, ...] = ()
    said_at: datetime | None = None
    plan_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    facts: ReportFacts
    configuration: Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    """What a shipment file says of a device: attributes alone."""

    facts: ReportFacts
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    facts: ReportFacts
    event: EndDeviceEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """To a usage point, behind a parent, or both."""

    facts: ReportFacts
    usage_point: str = ""
    area: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink:
    """From a usage point, or from behind a parent. Without either: from the usage point where the device is."""

    facts: ReportFacts
    usage_point: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContact:
    facts: ReportFacts
    reading_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteControl:
    facts: ReportFacts
    control: Control


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSilence:
    """The sweep's question: is the device silent at ``at``? Never brings a device into being."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOutPlans:
    """The sweep says that plans are due by ``at``. Other commands also carry out plans that are due by their time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """An operator assigns an identifier to the device. Never creates a device."""

    identifier: Identifier
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinInto:
    """An operator says that this device is the same as ``into``, which is kept."""

    into: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIn:
    """The other side of a join: ``joined`` is this device, too; ``part`` is what it was when it was joined."""

    joined: str
    part: Device
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOut:
    """The join of ``joined`` into this device is undone."""

    joined: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAgain:
    """The join of this device into another is undone."""

    at: datetime
    by: str
    reason: str


ByPerson = Identify | JoinInto | TakeIn | TakeOut | LeaveAgain
Command = (
    Configure
    | Ship
    | RecordEvent
    | Link
    | Unlink
    | NoteContact
    | NoteControl
    | NoteSilence
    | CarryOutPlans
    | ByPerson
)
