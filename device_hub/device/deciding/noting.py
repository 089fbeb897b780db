"""What is noted about a device: a contact, the outcome of a control, silence, and a name that an operator assigns."""

from device_hub.device.attributes import check_names
from device_hub.device.commands import Identify, NoteContact, NoteControl, NoteSilence
from device_hub.device.deciding.conclusions import enters_operation, link_is_back, power_is_back
from device_hub.device.deciding.introducing import introduced
from device_hub.device.deciding.occurrences import (
    control_fingerprint,
    occurrence,
    storable,
    telling_time,
)
from device_hub.device.deciding.recording import check_code
from device_hub.device.events import Event
from device_hub.device.events.concluded import FellSilent
from device_hub.device.events.named import Identified
from device_hub.device.events.stated import (
    ContactMade,
    ControlNoted,
)
from device_hub.device.lifecycle import silent_since
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from device_hub.device.values import Outcome


def note_contact(device: Device, command: NoteContact, rules: Rules) -> list[Event]:
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
    return introduced(device, command.facts, when, [contact, *follows])


def note_control(device: Device, command: NoteControl, rules: Rules) -> list[Event]:
    control = command.control
    if control.outcome is Outcome.UNSPECIFIED:
        raise Refused(Reason.REPORT_EMPTY, "the control says neither order nor outcome")
    check_code(control.code)
    check_names(control.details)
    when = occurrence(command.facts, rules)
    mark = control_fingerprint(control, telling_time(command.facts, when))
    if mark is not None and mark in device.recent:
        return []
    noted = ControlNoted(control=control, when=when, fingerprint=mark)
    return introduced(device, command.facts, when, [noted])


def note_silence(device: Device, command: NoteSilence, rules: Rules) -> list[Event]:
    at = storable(command.at, "at")
    since = silent_since(device)
    if since is None or at - since < rules.silence_after:
        return []
    return [FellSilent(silent_since=since, noted_at=at)]


def identify(device: Device, command: Identify) -> list[Event]:
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
