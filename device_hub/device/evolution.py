"""What each event makes of a device. A fact cannot be refused: nothing here raises.

Facets follow the facet rule (`facets.newer`) and need no flags. A duplicate, and a link that came late, change nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, assert_never

from device_hub.device.events import (
    CommunicationEstablished,
    CommunicationInferred,
    CommunicationLost,
    Configured,
    ContactMade,
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
    LifecycleStaged,
    Linked,
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    PowerRestoreInferred,
    SwitchConnected,
    SwitchDisconnected,
    TamperCleared,
    TamperDetected,
    ToldEvent,
    Unlinked,
)
from device_hub.device.facets import CONFIGURATION, CONTACT, INFERRED, SILENCE, newer
from device_hub.device.state import INITIAL, WINDOW, Device
from device_hub.device.values import (
    Communication,
    Facet,
    Fault,
    Firmware,
    Flag,
    Lifecycle,
    Occurrence,
    Phase,
    Power,
    Switch,
    Tamper,
)

# What a head-end system says about its own work, not what the device said: no contact.
_NOT_HEARD = (CommunicationLost, FirmwareUpdateStarted, FirmwareUpdateFailed)
# The last gasp of a device proves that it lives, not that it has power.
_LAST_GASP = (PowerLost, PhaseLost)
_NO_PHASE: Facet[Phase] = Facet(Phase.UNKNOWN)


def is_contact(event: ToldEvent) -> bool:
    """Whether the device itself spoke. The same event again is the same contact."""
    return not isinstance(event, _NOT_HEARD) and Flag.DUPLICATE not in event.when.flags


def proves_power(event: ToldEvent) -> bool:
    """Whether the device had power when it spoke."""
    return is_contact(event) and not isinstance(event, _LAST_GASP)


def fold(device: Device, events: Iterable[Event]) -> Device:
    return reduce(evolve, events, device)


def replay(events: Iterable[Event]) -> Device:
    return fold(INITIAL, events)


def evolve(device: Device, event: Event) -> Device:
    """Return the device after ``event``."""
    match event:
        case Configured():
            return _configured(device, event)
        case LifecycleStaged():
            return replace(device, stage=Facet(event.lifecycle, event.when.at, event.cause))
        case Linked():
            return _linked(device, event)
        case Unlinked():
            return _unlinked(device, event)
        case ContactMade():
            return replace(device, **_contact(device, event.when, CONTACT, powered=True))
        case DeviceFirstHeard():
            return replace(
                device,
                network=event.network,
                identifier=event.identifier,
                first_seen_at=event.received_at,
            )
        case PowerRestoreInferred():
            return replace(device, supply=Facet(Power.ON, event.at, INFERRED))
        case CommunicationInferred():
            return replace(device, communication=Facet(Communication.REACHABLE, event.at, CONTACT))
        case FellSilent():
            return _silent(device, event)
        case _:
            return _told(device, event)


def _told(device: Device, event: ToldEvent) -> Device:
    if Flag.DUPLICATE in event.when.flags:
        return device
    changes = _facet_after(device, event)
    if is_contact(event):
        changes = (
            _contact(device, event.when, event.event.code, powered=proves_power(event)) | changes
        )
    if event.fingerprint is not None:
        changes["recent"] = _remembered(device, event.fingerprint)
    return replace(device, **changes) if changes else device


def _facet_after(  # noqa: C901, PLR0912 - one case per event: a table, and mypy sees when one is missing
    device: Device, event: ToldEvent
) -> dict[str, Any]:
    """Return what the event's meaning changes. The keys are fields of Device."""
    at, code = event.when.at, event.event.code
    match event:
        case PowerLost():
            return {"supply": newer(device.supply, Power.OFF, at, code)}
        case PowerRestored():
            return {"supply": newer(device.supply, Power.ON, at, code)}
        case PhaseLost():
            return {"phases": _phases(device, event.phase, Phase.LOST, at, code)}
        case PhaseRestored():
            return {"phases": _phases(device, event.phase, Phase.ON, at, code)}
        case SwitchConnected():
            return {"switch": newer(device.switch, Switch.CONNECTED, at, code)}
        case SwitchDisconnected():
            return {"switch": newer(device.switch, Switch.DISCONNECTED, at, code)}
        case TamperDetected():
            return {"tamper": newer(device.tamper, Tamper.DETECTED, at, code)}
        case TamperCleared():
            return {"tamper": newer(device.tamper, Tamper.CLEAR, at, code)}
        case FirmwareUpdateStarted():
            return {"firmware": newer(device.firmware, Firmware.UPDATING, at, code)}
        case FirmwareUpdateSucceeded():
            return _updated(device, event)
        case FirmwareUpdateFailed():
            return {"firmware": newer(device.firmware, Firmware.FAILED, at, code)}
        case CommunicationEstablished():
            reachable = newer(device.communication, Communication.REACHABLE, at, code)
            return {"communication": reachable}
        case CommunicationLost():
            return {"communication": newer(device.communication, Communication.LOST, at, code)}
        case DeviceDiscovered():
            return _discovered(device, at, code)
        case FaultDetected():
            return {"fault": newer(device.fault, Fault.PRESENT, at, code)}
        case FaultCleared():
            return {"fault": newer(device.fault, Fault.NONE, at, code)}
        case EventNoted():
            return {}
        case _:
            assert_never(event)


def _contact(device: Device, when: Occurrence, cause: str, *, powered: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "last_contact_at": _later(device.last_contact_at, when.received_at),
        "communication": newer(device.communication, Communication.REACHABLE, when.at, cause),
    }
    if powered:
        changes["spoke_at"] = _later(device.spoke_at, when.at)
    return changes


def _phases(
    device: Device, phase: str, value: Phase, at: datetime, cause: str
) -> dict[str, Facet[Phase]]:
    known = device.phases.get(phase, _NO_PHASE)
    return {**device.phases, phase: newer(known, value, at, cause)}


def _updated(device: Device, event: FirmwareUpdateSucceeded) -> dict[str, Any]:
    at = event.when.at
    changes: dict[str, Any] = {
        "firmware": newer(device.firmware, Firmware.CURRENT, at, event.event.code)
    }
    if event.event.firmware_version:
        changes |= _stated(device, {"firmware_version": event.event.firmware_version}, at)
    return changes


def _discovered(device: Device, at: datetime, code: str) -> dict[str, Any]:
    stage = device.stage
    if stage.value not in (Lifecycle.NOT_DEFINED, Lifecycle.INVENTORY, Lifecycle.DISCOVERED):
        return {}
    if stage.as_of is not None and at < stage.as_of:
        return {}
    return {"stage": Facet(Lifecycle.DISCOVERED, at, code)}


def _configured(device: Device, event: Configured) -> Device:
    at = event.when.at
    changes = _registered(device, at) | _stated(device, event.changed, at)
    if event.switch is not None:
        changes["switch"] = newer(device.switch, event.switch, at, CONFIGURATION)
    if "firmware_version" in event.changed:
        # It runs another firmware than before: whatever update there was is over.
        changes["firmware"] = newer(device.firmware, Firmware.CURRENT, at, CONFIGURATION)
    if event.fingerprint is not None:
        changes["recent"] = _remembered(device, event.fingerprint)
    return replace(device, **changes)


def _linked(device: Device, event: Linked) -> Device:
    stated = {"usage_point": event.usage_point}
    if event.area:
        stated["area"] = event.area
    changes = _registered(device, event.when.at)
    if Flag.LATE not in event.when.flags:
        changes |= _stated(device, stated, event.when.at)
    if event.fingerprint is not None:
        changes["recent"] = _remembered(device, event.fingerprint)
    return replace(device, **changes)


def _unlinked(device: Device, event: Unlinked) -> Device:
    changes = _registered(device, event.when.at)
    if event.usage_point in ("", device.attributes.get("usage_point", event.usage_point)):
        changes |= _stated(device, {"usage_point": ""}, event.when.at)
    if event.fingerprint is not None:
        changes["recent"] = _remembered(device, event.fingerprint)
    return replace(device, **changes)


def _silent(device: Device, event: FellSilent) -> Device:
    """Silence is judged on all that is known, so it is the newest finding by definition."""
    since = _later(device.communication.as_of, event.silent_since)
    return replace(device, communication=Facet(Communication.LOST, since, SILENCE))


def _stated(device: Device, attributes: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Return the attributes after a statement: the newest wins, one by one; at equal times the later report."""
    known, as_of = dict(device.attributes), dict(device.attributes_as_of)
    for word, text in attributes.items():
        if word not in as_of or at >= as_of[word]:
            known[word] = text
            as_of[word] = at
    return {"attributes": known, "attributes_as_of": as_of}


def _registered(device: Device, at: datetime) -> dict[str, Any]:
    first = device.registered_at
    return {"registered_at": at if first is None else min(first, at)}


def _remembered(device: Device, fingerprint: int) -> tuple[int, ...]:
    return (*device.recent, fingerprint)[-WINDOW:]


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)
