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

from datetime import datetime
from typing import assert_never

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
    Ship,
    TakeIn,
    TakeOut,
    Unlink,
)
from device_hub.device.deciding import noting, recording, shipping
from device_hub.device.deciding.introducing import introduced
from device_hub.device.deciding.occurrences import occurrence, storable
from device_hub.device.events import Event
from device_hub.device.evolution import fold
from device_hub.device.joins import joining
from device_hub.device.plans import planning
from device_hub.device.plans.carrying_out import carried_out
from device_hub.device.rules import Rules
from device_hub.device.state import Device


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
            return recording.record_event(device, command, rules)
        case NoteContact():
            return noting.note_contact(device, command, rules)
        case Configure():
            when = occurrence(command.facts, rules)
            events = planning.configure(device, command, rules)
            return introduced(device, command.facts, when, events)
        case Ship():
            when = occurrence(command.facts, rules)
            return introduced(device, command.facts, when, shipping.ship(device, command, when))
        case Link():
            when = occurrence(command.facts, rules)
            return introduced(device, command.facts, when, planning.link(device, command, rules))
        case Unlink():
            when = occurrence(command.facts, rules)
            return introduced(device, command.facts, when, planning.unlink(device, command, rules))
        case NoteControl():
            return noting.note_control(device, command, rules)
        case NoteSilence():
            return noting.note_silence(device, command, rules)
        case CarryOutPlans():
            return []
        case Identify() | JoinInto() | TakeIn() | TakeOut() | LeaveAgain():
            return _decide_for_person(device, command)
        case _:
            assert_never(command)


def _decide_for_person(device: Device, command: ByPerson) -> list[Event]:
    match command:
        case Identify():
            return noting.identify(device, command)
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
