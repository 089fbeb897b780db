"""What an EndDeviceEvent does to a device: it is recorded always, with flags, and more may follow from it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, get_args

from contract_limits import CODE_CHARACTERS
from device_hub.device.attributes import check_names
from device_hub.device.commands import RecordEvent
from device_hub.device.deciding.conclusions import (
    enters_operation,
    link_is_back,
    power_is_back,
    power_was_back_already,
)
from device_hub.device.deciding.introducing import introduced
from device_hub.device.deciding.occurrences import event_fingerprint, occurrence, telling_time
from device_hub.device.events import Event
from device_hub.device.events.recorded import (
    CommunicationEstablished,
    DeviceDiscovered,
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    RecordedEvent,
)
from device_hub.device.evolution import evolve
from device_hub.device.power import phase_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from device_hub.device.values import EndDeviceEvent, Flag, Meaning, Occurrence

# Which event a meaning becomes: the classes say it themselves.
KINDS: Final[Mapping[Meaning, type[RecordedEvent]]] = {
    kind.MEANING: kind for kind in get_args(RecordedEvent)
}
_MOVING = (PowerLost, PowerRestored, DeviceDiscovered)


def record_event(device: Device, command: RecordEvent, rules: Rules) -> list[Event]:
    """Record the event. Raises Refused (REPORT_EMPTY, ARGUMENT_INVALID, TIME_INVALID)."""
    event = command.event
    if not event.code:
        raise Refused(Reason.REPORT_EMPTY, "the event has no code")
    check_code(event.code)
    check_names(event.details)
    when = occurrence(command.facts, rules)
    mark = event_fingerprint(event, telling_time(command.facts, when))
    if mark is not None and mark in device.recent:
        when = replace(when, flags=(Flag.DUPLICATE, *when.flags))
        return [_recorded(event, when, mark)]
    if _is_late(device, event, when):
        when = replace(when, flags=(Flag.LATE, *when.flags))
    recorded = _recorded(event, when, mark)
    events: list[Event] = [recorded, *_follows(device, recorded)]
    return introduced(device, command.facts, when, events)


def check_code(code: str) -> None:
    """A code becomes the cause of facets, which the register takes with the device."""
    if len(code) > CODE_CHARACTERS:
        raise Refused(Reason.ARGUMENT_INVALID, f"code: longer than {CODE_CHARACTERS} characters")


def _recorded(event: EndDeviceEvent, when: Occurrence, mark: int | None) -> RecordedEvent:
    kind = KINDS[event.meaning]
    if issubclass(kind, PhaseLost | PhaseRestored):
        return kind(event=event, when=when, fingerprint=mark, phase=phase_of(event.code))
    return kind(event=event, when=when, fingerprint=mark)


def _is_late(device: Device, event: EndDeviceEvent, when: Occurrence) -> bool:
    """Whether something newer is known about what the event is about."""
    sets = KINDS[event.meaning].SETS
    if sets is None:
        return False
    if sets[0] == "phases":
        phase = device.phases.get(phase_of(event.code))
        known = [device.supply.as_of, phase.as_of if phase else None]
    else:
        known = [getattr(device, sets[0]).as_of]
    return any(as_of is not None and when.at < as_of for as_of in known)


def _follows(device: Device, recorded: RecordedEvent) -> list[Event]:
    """Return what else the event implies."""
    if not recorded.is_contact:
        return []
    when = recorded.when
    follows: list[Event] = []
    if not isinstance(recorded, CommunicationEstablished) or Flag.LATE in when.flags:
        follows += link_is_back(device, when)
    # Other events leave supply and stage alone: what follows for them can be seen on the device before.
    after = evolve(device, recorded) if isinstance(recorded, _MOVING) else device
    if isinstance(recorded, PowerLost) and Flag.LATE not in when.flags:
        follows += power_was_back_already(after, when)
    elif recorded.proves_power:
        follows += power_is_back(after, when)
    return follows + enters_operation(after, when)
