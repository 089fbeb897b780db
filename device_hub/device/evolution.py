"""What each event makes of a device. A fact cannot be refused: nothing here raises.

Facets follow the facet rule (`facets.newer`) and need no flags. A duplicate, and a link that came late, change nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, Final, assert_never

from device_hub.device.attributes import STATED_LIFECYCLE
from device_hub.device.changes import (
    contact,
    later,
    remembered,
    stated,
)
from device_hub.device.events import Event
from device_hub.device.events.concluded import (
    CommunicationInferred,
    DeviceFirstHeard,
    FellSilent,
    PowerRestoreInferred,
)
from device_hub.device.events.named import (
    DeviceJoined,
    Identified,
    JoinedInto,
    JoinUndone,
)
from device_hub.device.events.planned import (
    ChangePlanned,
    PlanCarriedOut,
    PlanWithdrawn,
)
from device_hub.device.events.recorded import (
    DeviceDiscovered,
    FirmwareUpdateSucceeded,
    PhaseLost,
    PhaseRestored,
    Recorded,
    RecordedEvent,
)
from device_hub.device.events.stated import (
    Configured,
    ContactMade,
    ControlNoted,
    LifecycleStaged,
    Linked,
    Shipped,
    Unlinked,
)
from device_hub.device.facets import (
    CONFIGURATION,
    CONTACT,
    INFERRED,
    SILENCE,
    newer,
)
from device_hub.device.joins.parts import with_parts
from device_hub.device.plan import merged, without
from device_hub.device.state import INITIAL, Device
from device_hub.device.values import (
    Communication,
    Facet,
    Firmware,
    Flag,
    Lifecycle,
    Phase,
    Power,
)

# What a device may be before it is discovered, or discovered again.
_NOT_IN_THE_FIELD: Final = (Lifecycle.NOT_DEFINED, Lifecycle.INVENTORY, Lifecycle.DISCOVERED)
_NO_PHASE: Final[Facet[Any]] = Facet(Phase.UNKNOWN)
_REMOVED: Final = {STATED_LIFECYCLE: Lifecycle.REMOVED.value}


def fold(device: Device, events: Iterable[Event]) -> Device:
    return reduce(evolve, events, device)


def replay(events: Iterable[Event]) -> Device:
    return fold(INITIAL, events)


def evolve(device: Device, event: Event) -> Device:  # noqa: C901, PLR0912 - one case per event
    """Return the device after ``event``."""
    if device.own is not None and not isinstance(event, DeviceJoined | JoinUndone):
        return with_parts(evolve(device.own, _seen_from(device, event)), device.parts)
    match event:
        case Recorded():
            return _recorded(device, event)
        case Configured():
            return _configured(device, event)
        case Shipped():
            return _shipped(device, event)
        case LifecycleStaged():
            return _staged(device, event)
        case Linked():
            return _linked(device, event)
        case Unlinked():
            return _unlinked(device, event)
        case ContactMade():
            return replace(device, **contact(device, event.when, CONTACT, powered=True))
        case ControlNoted():
            mark = event.fingerprint
            return device if mark is None else replace(device, recent=remembered(device, mark))
        case Identified():
            return replace(device, identifiers=device.identifiers.union(event.identifiers))
        case JoinedInto():
            return replace(device, joined_into=event.into, joined_at=event.at)
        case DeviceJoined():
            return with_parts(device.own or device, {**device.parts, event.joined: event.part})
        case JoinUndone():
            rest = {name: part for name, part in device.parts.items() if name != event.other}
            alone = with_parts(device.own or device, rest)
            return replace(alone, joined_into="", joined_at=None)
        case ChangePlanned(plan=plan):
            return replace(device, plans=merged(device.plans, plan))
        case PlanWithdrawn(plan=plan) | PlanCarriedOut(plan=plan):
            return replace(device, plans=without(device.plans, plan))
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
            assert_never(event)


def _seen_from(whole: Device, event: Event) -> Event:
    """Silence is judged on all that is known, of the parts, too."""
    if not isinstance(event, FellSilent):
        return event
    return replace(event, silent_since=later(whole.communication.as_of, event.silent_since))


def _recorded(device: Device, event: RecordedEvent) -> Device:
    if Flag.DUPLICATE in event.when.flags:
        return device
    changes = _set(device, event)
    if event.is_contact:
        heard = contact(device, event.when, event.event.code, powered=event.POWERED)
        changes = heard | changes
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes) if changes else device


def _set(device: Device, event: RecordedEvent) -> dict[str, Any]:
    """Return what the event's meaning changes. The keys are fields of Device."""
    sets, at, code = event.SETS, event.when.at, event.event.code
    if sets is None:
        return {}
    field, value = sets
    match event:
        case PhaseLost() | PhaseRestored():
            known = device.phases.get(event.phase, _NO_PHASE)
            return {field: {**device.phases, event.phase: newer(known, value, at, code)}}
        case DeviceDiscovered():
            return {field: Facet(value, at, code)} if _is_discovery(device.stage, at) else {}
        case FirmwareUpdateSucceeded() if event.event.firmware_version:
            version = {"firmware_version": event.event.firmware_version}
            changes: dict[str, Any] = {field: newer(device.firmware, value, at, code)}
            return changes | stated(device, version, at)
        case _:
            return {field: newer(getattr(device, field), value, at, code)}


def _is_discovery(stage: Facet[Lifecycle], at: datetime) -> bool:
    return stage.value in _NOT_IN_THE_FIELD and (stage.as_of is None or at >= stage.as_of)


def _configured(device: Device, event: Configured) -> Device:
    at = event.when.at
    changes = _registered(device, at) | stated(device, event.changed, at)
    if event.switch is not None:
        changes["switch"] = newer(device.switch, event.switch, at, CONFIGURATION)
    if "firmware_version" in event.changed:
        # It runs another firmware than before, so any update is over.
        changes["firmware"] = newer(device.firmware, Firmware.CURRENT, at, CONFIGURATION)
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes)


def _shipped(device: Device, event: Shipped) -> Device:
    at = event.when.at
    changes = stated(device, event.changed, at)
    changes["shipped"] = device.shipped.union(event.changed)
    if device.registered_at is None:
        changes |= {"registered_at": at, "shipped_at": at}
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes)


def _staged(device: Device, event: LifecycleStaged) -> Device:
    plans = device.plans
    if plans and event.lifecycle is Lifecycle.REMOVED:
        # What was planned has come true: a device that comes back is not removed by the old plan.
        plans = tuple(plan for plan in plans if plan.said != _REMOVED)
    stage = Facet(event.lifecycle, event.when.at, event.cause)
    return replace(device, stage=stage, plans=plans)


def _linked(device: Device, event: Linked) -> Device:
    said = {"usage_point": event.usage_point, "area": event.area, "parent": event.parent}
    place = {word: text for word, text in said.items() if text}
    changes = _registered(device, event.when.at)
    if Flag.LATE not in event.when.flags:
        changes |= stated(device, place, event.when.at)
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes)


def _unlinked(device: Device, event: Unlinked) -> Device:
    changes = _registered(device, event.when.at)
    if event.parent:
        if event.parent == device.attributes.get("parent", event.parent):
            changes |= stated(device, {"parent": ""}, event.when.at)
    elif event.usage_point in ("", device.attributes.get("usage_point", event.usage_point)):
        changes |= stated(device, {"usage_point": ""}, event.when.at)
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes)


def _silent(device: Device, event: FellSilent) -> Device:
    """Silence is judged on all that is known, so it is the newest finding by definition."""
    since = later(device.communication.as_of, event.silent_since)
    return replace(device, communication=Facet(Communication.LOST, since, SILENCE))


def _registered(device: Device, at: datetime) -> dict[str, Any]:
    first = device.registered_at
    return {"registered_at": at if first is None else min(first, at)}
