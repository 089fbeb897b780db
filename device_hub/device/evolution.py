"""What each event makes of a device. A fact cannot be refused: nothing here raises.

Facets follow the facet rule (`facets.newer`) and need no flags. A duplicate, and a link that came late, change nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, assert_never

from device_hub.device.changes import (
    contact,
    later,
    remembered,
    stated,
)
from device_hub.device.events import (
    CommunicationInferred,
    Configured,
    ContactMade,
    ControlNoted,
    DeviceFirstHeard,
    Event,
    FellSilent,
    Identified,
    LifecycleStaged,
    Linked,
    PowerRestoreInferred,
    Shipped,
    Told,
    Unlinked,
)
from device_hub.device.facets import (
    CONFIGURATION,
    CONTACT,
    INFERRED,
    SILENCE,
    newer,
)
from device_hub.device.state import INITIAL, Device
from device_hub.device.told import tell
from device_hub.device.values import (
    Communication,
    Facet,
    Firmware,
    Flag,
    Power,
)


def fold(device: Device, events: Iterable[Event]) -> Device:
    return reduce(evolve, events, device)


def replay(events: Iterable[Event]) -> Device:
    return fold(INITIAL, events)


def evolve(device: Device, event: Event) -> Device:  # noqa: C901, PLR0912 - one case per event
    """Return the device after ``event``."""
    match event:
        case Told():
            return tell(device, event)
        case Configured():
            return _configured(device, event)
        case Shipped():
            return _shipped(device, event)
        case LifecycleStaged():
            return replace(device, stage=Facet(event.lifecycle, event.when.at, event.cause))
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


def _configured(device: Device, event: Configured) -> Device:
    at = event.when.at
    changes = _registered(device, at) | stated(device, event.changed, at)
    if event.switch is not None:
        changes["switch"] = newer(device.switch, event.switch, at, CONFIGURATION)
    if "firmware_version" in event.changed:
        # It runs another firmware than before: whatever update there was is over.
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


def _linked(device: Device, event: Linked) -> Device:
    place = {"usage_point": event.usage_point}
    if event.area:
        place["area"] = event.area
    changes = _registered(device, event.when.at)
    if Flag.LATE not in event.when.flags:
        changes |= stated(device, place, event.when.at)
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes)


def _unlinked(device: Device, event: Unlinked) -> Device:
    changes = _registered(device, event.when.at)
    if event.usage_point in ("", device.attributes.get("usage_point", event.usage_point)):
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
