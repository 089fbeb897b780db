"""What happens when a command meets a device.

    command        leaves a trace when
    RecordEvent    always, with flags (late, duplicate, future, clock-suspect, zone-assumed)
    Configure      it says something that the device does not know, or knows otherwise since later (once)
    Link, Unlink   the same
    Ship           it says something that nobody said before (once)
    NoteControl    it says something of the order that it did not say before
    NoteContact    the last recorded contact is an interval ago, or something follows from this one
    CarryOutPlans  a plan is due; so does every other command that comes after its time
    NoteSilence    the device is in the field and was not heard for too long
    Identify       the device is not known by that name yet
    JoinInto, TakeIn, TakeOut, LeaveAgain          two devices are joined, or no longer (`joins`)

Hearing a device can imply more than the report says (`conclusions`): that power, or the link, is back, or that an
installed device is in operation. Each is an event of its own, flagged inferred.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from contract_limits import CODE_CHARACTERS
from device_hub.device import shipping
from device_hub.device.attributes import check_names
from device_hub.device.commands import (
    ByPerson,
    CarryOutPlans,
    Command,
    Configure,
    Identify,
    JoinInto,
    LeaveAgain,
    Link,
    NoteContact,
    NoteControl,
    NoteSilence,
    RecordEvent,
    ReportFacts,
    Ship,
    TakeIn,
    TakeOut,
    Unlink,
)
from device_hub.device.conclusions import (
    enters_operation,
    link_is_back,
    power_is_back,
    power_was_back_already,
)
from device_hub.device.events import (
    CommunicationEstablished,
    CommunicationLost,
    ContactMade,
    ControlNoted,
    DeviceDiscovered,
    DeviceFirstHeard,
    Event,
    EventNoted,
    FaultCleared,
    FaultDetected,
    FellSilent,
    FirmwareUpdateFailed,
    FirmwareUpdateStarted,
    FirmwareUpdateSucceeded,
    Identified,
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    SwitchConnected,
    SwitchDisconnected,
    TamperCleared,
    TamperDetected,
    ToldEvent,
)
from device_hub.device.evolution import evolve, fold
from device_hub.device.joins import joining
from device_hub.device.lifecycle import silent_since
from device_hub.device.occurrences import (
    control_fingerprint,
    event_fingerprint,
    occurrence,
    storable,
    telling_time,
)
from device_hub.device.plans import planning
from device_hub.device.plans.carrying_out import carried_out
from device_hub.device.power import phase_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.device.state import MOST_IDENTIFIERS, Device
from device_hub.device.told import is_contact, proves_power
from device_hub.device.values import EndDeviceEvent, Flag, Meaning, Occurrence, Outcome

_Plain = (
    type[PowerLost]
    | type[PowerRestored]
    | type[SwitchConnected]
    | type[SwitchDisconnected]
    | type[TamperDetected]
    | type[TamperCleared]
    | type[FirmwareUpdateStarted]
    | type[FirmwareUpdateSucceeded]
    | type[FirmwareUpdateFailed]
    | type[CommunicationEstablished]
    | type[CommunicationLost]
    | type[DeviceDiscovered]
    | type[FaultDetected]
    | type[FaultCleared]
    | type[EventNoted]
)
# Meaning -> the event that it becomes, and the field of Device that it is about (none: of interest to people alone).
MEANINGS: Final[Mapping[Meaning, tuple[_Plain, str]]] = {
    Meaning.UNSPECIFIED: (EventNoted, ""),
    Meaning.NOTED: (EventNoted, ""),
    Meaning.POWER_LOST: (PowerLost, "supply"),
    Meaning.POWER_RESTORED: (PowerRestored, "supply"),
    Meaning.SWITCH_CONNECTED: (SwitchConnected, "switch"),
    Meaning.SWITCH_DISCONNECTED: (SwitchDisconnected, "switch"),
    Meaning.TAMPER_DETECTED: (TamperDetected, "tamper"),
    Meaning.TAMPER_CLEARED: (TamperCleared, "tamper"),
    Meaning.FIRMWARE_UPDATE_STARTED: (FirmwareUpdateStarted, "firmware"),
    Meaning.FIRMWARE_UPDATE_SUCCEEDED: (FirmwareUpdateSucceeded, "firmware"),
    Meaning.FIRMWARE_UPDATE_FAILED: (FirmwareUpdateFailed, "firmware"),
    Meaning.COMMUNICATION_ESTABLISHED: (CommunicationEstablished, "communication"),
    Meaning.COMMUNICATION_LOST: (CommunicationLost, "communication"),
    Meaning.DISCOVERED: (DeviceDiscovered, "stage"),
    Meaning.FAULT: (FaultDetected, "fault"),
    Meaning.FAULT_CLEARED: (FaultCleared, "fault"),
}
_MOVING = (PowerLost, PowerRestored, DeviceDiscovered)


def decide(device: Device, command: Command, rules: Rules) -> list[Event]:
    """Return what happens when ``command`` meets ``device``; raise Refused if it cannot be recorded.

    An empty list means that the command's effect is already in place.
    """
    if device.joined_into and not isinstance(command, ByPerson):
        return _left_to(device.joined_into, command)
    if not device.plans:
        return _decide(device, command, rules)
    due = carried_out(device, _now(command))
    return due + _decide(fold(device, due), command, rules)


def _decide(  # noqa: C901 - one case per command
    device: Device, command: Command, rules: Rules
) -> list[Event]:
    match command:
        case RecordEvent():
            return _record_event(device, command, rules)
        case NoteContact():
            return _note_contact(device, command, rules)
        case Configure():
            when = occurrence(command.facts, rules)
            events = planning.configure(device, command, rules)
            return _introduced(device, command.facts, when, events)
        case Ship():
            when = occurrence(command.facts, rules)
            return _introduced(device, command.facts, when, shipping.ship(device, command, when))
        case Link():
            when = occurrence(command.facts, rules)
            return _introduced(device, command.facts, when, planning.link(device, command, rules))
        case Unlink():
            when = occurrence(command.facts, rules)
            return _introduced(device, command.facts, when, planning.unlink(device, command, rules))
        case NoteControl():
            return _note_control(device, command, rules)
        case NoteSilence():
            return _note_silence(device, command, rules)
        case CarryOutPlans():
            return []
        case Identify() | JoinInto() | TakeIn() | TakeOut() | LeaveAgain():
            return _decide_for_person(device, command)
        case _:
            assert_never(command)


def _decide_for_person(device: Device, command: ByPerson) -> list[Event]:
    match command:
        case Identify():
            return _identify(device, command)
        case JoinInto():
            return joining.join_into(device, command)
        case TakeIn():
            return joining.take_in(device, command)
        case TakeOut():
            return joining.take_out(device, command)
        case LeaveAgain():
            return joining.leave_again(device, command)
        case _:
            assert_never(command)


def _now(command: Command) -> datetime:
    """Return the time that it is, as far as the command knows. Raises Refused(TIME_INVALID)."""
    match command:
        case NoteSilence(at=at) | CarryOutPlans(at=at):
            return storable(at, "at")
        case Identify() | JoinInto() | TakeIn() | TakeOut() | LeaveAgain():
            return storable(command.at, "at")
        case _:
            return storable(command.facts.received_at, "received_at")


def _left_to(into: str, command: Command) -> list[Event]:
    """Return nothing: a device that was joined into another leaves reports to that one."""
    match command:
        case NoteSilence() | CarryOutPlans():
            return []
        case _:
            raise joining.Moved(into)


def _record_event(device: Device, command: RecordEvent, rules: Rules) -> list[Event]:
    event = command.event
    if not event.code:
        raise Refused(Reason.REPORT_EMPTY, "the event has no code")
    _check_code(event.code)
    check_names(event.details)
    when = occurrence(command.facts, rules)
    mark = event_fingerprint(event, telling_time(command.facts, when))
    if mark is not None and mark in device.recent:
        when = replace(when, flags=(Flag.DUPLICATE, *when.flags))
        return [_told(event, when, mark)]
    if _is_late(device, event, when):
        when = replace(when, flags=(Flag.LATE, *when.flags))
    told = _told(event, when, mark)
    events: list[Event] = [told, *_follows(device, told)]
    return _introduced(device, command.facts, when, events)


def _check_code(code: str) -> None:
    """A code becomes the cause of facets, which the register takes with the device."""
    if len(code) > CODE_CHARACTERS:
        raise Refused(Reason.ARGUMENT_INVALID, f"code: longer than {CODE_CHARACTERS} characters")


def _told(event: EndDeviceEvent, when: Occurrence, mark: int | None) -> ToldEvent:
    match event.meaning:
        case Meaning.PHASE_LOST:
            phase = phase_of(event.code)
            return PhaseLost(event=event, when=when, fingerprint=mark, phase=phase)
        case Meaning.PHASE_RESTORED:
            phase = phase_of(event.code)
            return PhaseRestored(event=event, when=when, fingerprint=mark, phase=phase)
        case plain:
            kind, _ = MEANINGS[plain]
            return kind(event=event, when=when, fingerprint=mark)


def _is_late(device: Device, event: EndDeviceEvent, when: Occurrence) -> bool:
    """Whether something newer is known about what the event is about."""
    match event.meaning:
        case Meaning.PHASE_LOST | Meaning.PHASE_RESTORED:
            phase = device.phases.get(phase_of(event.code))
            known = [device.supply.as_of, phase.as_of if phase else None]
        case plain:
            _, field = MEANINGS[plain]
            known = [getattr(device, field).as_of] if field else []
    return any(as_of is not None and when.at < as_of for as_of in known)


def _follows(device: Device, told: ToldEvent) -> list[Event]:
    """Return what else the event implies."""
    if not is_contact(told):
        return []
    when = told.when
    follows: list[Event] = []
    if not isinstance(told, CommunicationEstablished) or Flag.LATE in when.flags:
        follows += link_is_back(device, when)
    # Other events leave supply and stage alone: what follows for them can be seen on the device before.
    after = evolve(device, told) if isinstance(told, _MOVING) else device
    if isinstance(told, PowerLost) and Flag.LATE not in when.flags:
        follows += power_was_back_already(after, when)
    elif proves_power(told):
        follows += power_is_back(after, when)
    return follows + enters_operation(after, when)


def _note_contact(device: Device, command: NoteContact, rules: Rules) -> list[Event]:
    when = occurrence(command.facts, rules)
    follows = (
        link_is_back(device, when)
        + power_is_back(device, when)
        + enters_operation(device, when, readings=command.reading_count > 0)
    )
    last = device.last_contact_at
    if not follows and last is not None and when.heard - last < rules.contact_interval:
        return []
    contact = ContactMade(when=when, reading_count=command.reading_count)
    return _introduced(device, command.facts, when, [contact, *follows])


def _note_control(device: Device, command: NoteControl, rules: Rules) -> list[Event]:
    control = command.control
    if control.outcome is Outcome.UNSPECIFIED:
        raise Refused(Reason.REPORT_EMPTY, "the control says neither order nor outcome")
    _check_code(control.code)
    check_names(control.details)
    when = occurrence(command.facts, rules)
    mark = control_fingerprint(control, telling_time(command.facts, when))
    if mark is not None and mark in device.recent:
        return []
    noted = ControlNoted(control=control, when=when, fingerprint=mark)
    return _introduced(device, command.facts, when, [noted])


def _note_silence(device: Device, command: NoteSilence, rules: Rules) -> list[Event]:
    at = storable(command.at, "at")
    since = silent_since(device)
    if since is None or at - since < rules.silence_after:
        return []
    return [FellSilent(silent_since=since, noted_at=at)]


def _identify(device: Device, command: Identify) -> list[Event]:
    if not device.is_known or command.identifier in device.identifiers:
        return []
    return [
        Identified(
            identifiers=(command.identifier,),
            learned_at=storable(command.at, "at"),
            by=command.by,
            reason=command.reason,
        )
    ]


def _introduced(
    device: Device, facts: ReportFacts, when: Occurrence, events: list[Event]
) -> list[Event]:
    """Return the events, behind those that say who this is: first heard of, and known by more names."""
    room = MOST_IDENTIFIERS - len(device.identifiers)
    new = tuple(one for one in facts.identifiers if one not in device.identifiers)[: max(room, 0)]
    if new:
        events = [Identified(identifiers=new, learned_at=when.received_at), *events]
    if device.is_known or not events:
        return events
    first = DeviceFirstHeard(
        network=facts.network, identifier=facts.identifier, received_at=when.received_at
    )
    return [first, *events]
