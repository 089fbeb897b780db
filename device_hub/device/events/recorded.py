"""Events that an EndDeviceEvent reports: one class for each meaning of its code.

What holds for one of them is said where its class begins. Forget a word there, and mypy names it:

- ``stored``: its name in the journal; ``meaning``: that of the code (docs/iec61968.md)
- ``says``: its published kind, and how its sentence begins
- ``sets``: the field of `Device` that it is about, and the value that it sets there; None: it is for people alone
- ``heard``: whether the device itself spoke; else the head-end system speaks of its own work, which is no contact
- ``powered``: whether it had power when it spoke; a last gasp proves that a device lives, not that it has power
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from device_hub.device.timeline import TimelineEntry, add_ours, entry_at
from device_hub.device.values import (
    Communication,
    EndDeviceEvent,
    Fault,
    Firmware,
    Flag,
    Lifecycle,
    Meaning,
    Occurrence,
    Phase,
    Power,
    Switch,
    Tamper,
)

Sets = (
    tuple[Literal["supply"], Power]
    | tuple[Literal["phases"], Phase]
    | tuple[Literal["switch"], Switch]
    | tuple[Literal["communication"], Communication]
    | tuple[Literal["tamper"], Tamper]
    | tuple[Literal["firmware"], Firmware]
    | tuple[Literal["fault"], Fault]
    | tuple[Literal["stage"], Lifecycle]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What every EndDeviceEvent leaves, independent of its meaning.

    ``fingerprint`` distinguishes a repetition from another event; None when the event holds nothing that does.
    """

    STORED: ClassVar[str]
    MEANING: ClassVar[Meaning]
    SAYS: ClassVar[tuple[str, str]]
    SETS: ClassVar[Sets | None]
    HEARD: ClassVar[bool]
    POWERED: ClassVar[bool]

    event: EndDeviceEvent
    when: Occurrence
    fingerprint: int | None = None

    def __init_subclass__(
        cls,
        *,
        stored: str,
        meaning: Meaning,
        says: tuple[str, str],
        sets: Sets | None,
        heard: bool = True,
        powered: bool = True,
    ) -> None:
        cls.STORED, cls.MEANING, cls.SAYS, cls.SETS = stored, meaning, says, sets
        cls.HEARD, cls.POWERED = heard, powered

    @property
    def is_contact(self) -> bool:
        """Return whether the device itself spoke. A repeated event is the same contact.

        The end of an event comes from the head-end system, for example when an operator there closes an alarm.
        """
        return self.HEARD and not self.event.ended and Flag.DUPLICATE not in self.when.flags

    @property
    def proves_power(self) -> bool:
        """Whether the device had power when it spoke."""
        return self.POWERED and self.is_contact

    @property
    def opening(self) -> str:
        """How the sentence about it begins."""
        return self.SAYS[1]

    @property
    def named_phase(self) -> str:
        """The phase that it is about; "" when it names none."""
        return ""

    def entry(self) -> TimelineEntry:
        said = self.event
        details = dict(said.details)
        ours = {
            "severity": said.severity,
            "reason": said.reason,
            "event_mrid": said.event_mrid,
            "issuer_tracking_id": said.issuer_tracking_id,
            "firmware_version": said.firmware_version,
            "phase": self.named_phase,
            "usage_point": said.usage_point,
            "author": said.author,
            "remark": said.remark,
            "status": said.status,
            "latitude": said.latitude,
            "longitude": said.longitude,
        }
        add_ours(details, ours, self.when)
        summary = f"{self.opening} ({said.code_name or said.code})"
        return entry_at(self.when, self.SAYS[0], summary, details, said.code)


class PowerLost(
    Recorded,
    stored="power-lost.1",
    meaning=Meaning.POWER_LOST,
    says=("power-lost", "Power lost"),
    sets=("supply", Power.OFF),
    powered=False,
):
    __slots__ = ()


class PowerRestored(
    Recorded,
    stored="power-restored.1",
    meaning=Meaning.POWER_RESTORED,
    says=("power-restored", "Power restored"),
    sets=("supply", Power.ON),
):
    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class PhaseLost(
    Recorded,
    stored="phase-lost.1",
    meaning=Meaning.PHASE_LOST,
    says=("phase-lost", "Phase lost"),
    sets=("phases", Phase.LOST),
    powered=False,
):
    __slots__ = (
        "phase",
    )  # by hand: a dataclass with slots makes its class twice, without the words above

    phase: str

    @property
    def opening(self) -> str:
        return f"Phase {self.named_phase} lost" if self.named_phase else "Phase lost"

    @property
    def named_phase(self) -> str:
        return "" if self.phase == "?" else self.phase


@dataclass(frozen=True, kw_only=True)
class PhaseRestored(
    Recorded,
    stored="phase-restored.1",
    meaning=Meaning.PHASE_RESTORED,
    says=("phase-restored", "Phase restored"),
    sets=("phases", Phase.ON),
):
    __slots__ = ("phase",)

    phase: str

    @property
    def opening(self) -> str:
        return f"Phase {self.named_phase} restored" if self.named_phase else "Phase restored"

    @property
    def named_phase(self) -> str:
        return "" if self.phase == "?" else self.phase


class SwitchConnected(
    Recorded,
    stored="switch-connected.1",
    meaning=Meaning.SWITCH_CONNECTED,
    says=("switch-connected", "Switch connected"),
    sets=("switch", Switch.CONNECTED),
):
    __slots__ = ()


class SwitchDisconnected(
    Recorded,
    stored="switch-disconnected.1",
    meaning=Meaning.SWITCH_DISCONNECTED,
    says=("switch-disconnected", "Switch disconnected"),
    sets=("switch", Switch.DISCONNECTED),
):
    __slots__ = ()


class TamperDetected(
    Recorded,
    stored="tamper-detected.1",
    meaning=Meaning.TAMPER_DETECTED,
    says=("tamper-detected", "Tamper detected"),
    sets=("tamper", Tamper.DETECTED),
):
    __slots__ = ()


class TamperCleared(
    Recorded,
    stored="tamper-cleared.1",
    meaning=Meaning.TAMPER_CLEARED,
    says=("tamper-cleared", "Tamper cleared"),
    sets=("tamper", Tamper.CLEAR),
):
    __slots__ = ()


class FirmwareUpdateStarted(
    Recorded,
    stored="firmware-update-started.1",
    meaning=Meaning.FIRMWARE_UPDATE_STARTED,
    says=("firmware-update-started", "Firmware update started"),
    sets=("firmware", Firmware.UPDATING),
    heard=False,
):
    __slots__ = ()


class FirmwareUpdateSucceeded(
    Recorded,
    stored="firmware-update-succeeded.1",
    meaning=Meaning.FIRMWARE_UPDATE_SUCCEEDED,
    says=("firmware-update-succeeded", "Firmware updated"),
    sets=("firmware", Firmware.CURRENT),
):
    """Sets the attribute firmware_version, too, if it says one."""

    __slots__ = ()

    @property
    def opening(self) -> str:
        version = self.event.firmware_version
        return f"Firmware updated to {version}" if version else "Firmware updated"


class FirmwareUpdateFailed(
    Recorded,
    stored="firmware-update-failed.1",
    meaning=Meaning.FIRMWARE_UPDATE_FAILED,
    says=("firmware-update-failed", "Firmware update failed"),
    sets=("firmware", Firmware.FAILED),
    heard=False,
):
    __slots__ = ()


class CommunicationEstablished(
    Recorded,
    stored="communication-established.1",
    meaning=Meaning.COMMUNICATION_ESTABLISHED,
    says=("communication-established", "Communication established"),
    sets=("communication", Communication.REACHABLE),
):
    __slots__ = ()


class CommunicationLost(
    Recorded,
    stored="communication-lost.1",
    meaning=Meaning.COMMUNICATION_LOST,
    says=("communication-lost", "Communication lost"),
    sets=("communication", Communication.LOST),
    heard=False,
):
    __slots__ = ()


class DeviceDiscovered(
    Recorded,
    stored="device-discovered.1",
    meaning=Meaning.DISCOVERED,
    says=("discovered", "Discovered"),
    sets=("stage", Lifecycle.DISCOVERED),
):
    """Sets the stage of a device alone that was not in the field before."""

    __slots__ = ()


class FaultDetected(
    Recorded,
    stored="fault-detected.1",
    meaning=Meaning.FAULT,
    says=("fault-detected", "Fault detected"),
    sets=("fault", Fault.PRESENT),
):
    __slots__ = ()


class FaultCleared(
    Recorded,
    stored="fault-cleared.1",
    meaning=Meaning.FAULT_CLEARED,
    says=("fault-cleared", "Fault cleared"),
    sets=("fault", Fault.NONE),
):
    __slots__ = ()


class EventNoted(
    Recorded,
    stored="event-noted.1",
    meaning=Meaning.NOTED,
    says=("noted", "Event"),
    sets=None,
):
    """Of interest to people alone: kept verbatim."""

    __slots__ = ()


class UnknownEventNoted(
    EventNoted,
    stored="unknown-event-noted.1",
    meaning=Meaning.UNSPECIFIED,
    says=("unknown-event", "Event with unknown code"),
    sets=None,
):
    """A code that is in no table: kept verbatim."""

    __slots__ = ()


RecordedEvent = (
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
    | UnknownEventNoted
)
