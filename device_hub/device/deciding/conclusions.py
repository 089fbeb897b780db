"""What follows from a contact with a device, although no report says so."""

from dataclasses import replace

from device_hub.device.events import Event
from device_hub.device.events.concluded import (
    CommunicationInferred,
    PowerRestoreInferred,
)
from device_hub.device.events.stated import LifecycleStaged
from device_hub.device.facets import INFERRED, SILENCE
from device_hub.device.lifecycle import installed_at, lifecycle_of
from device_hub.device.state import Device
from device_hub.device.values import Communication, Flag, Lifecycle, Occurrence, Power

_BEFORE_OPERATION = (Lifecycle.NOT_DEFINED, Lifecycle.INVENTORY, Lifecycle.DISCOVERED)


def power_is_back(device: Device, when: Occurrence) -> list[Event]:
    """A device without power that speaks later than its loss has power again."""
    supply = device.supply
    if supply.value is Power.OFF and supply.as_of is not None and when.at > supply.as_of:
        return [PowerRestoreInferred(at=when.at, received_at=when.received_at)]
    return []


def power_was_back_already(device: Device, when: Occurrence) -> list[Event]:
    """The loss was reported late: the device spoke after it, before the report came."""
    if device.spoke_at is None:
        return []
    return power_is_back(device, replace(when, at=device.spoke_at))


def link_is_back(device: Device, when: Occurrence) -> list[Event]:
    """A device is heard that was lost, or whose communication was reported as poor.

    Silence means that the hub heard nothing. So it ends with the next contact, independent of the meter's clock.
    """
    link = device.communication
    if link.value is Communication.LOST and link.as_of is not None:
        if when.at >= link.as_of:
            return [CommunicationInferred(at=when.at, received_at=when.received_at)]
        heard_before = device.last_contact_at or device.first_seen_at
        if link.cause == SILENCE and (heard_before is None or when.heard > heard_before):
            at = max(when.heard, link.as_of)
            return [CommunicationInferred(at=at, received_at=when.received_at)]
        return []
    stage = device.stage
    if (
        stage.value is Lifecycle.POOR_COMMUNICATION
        and lifecycle_of(device).value is Lifecycle.POOR_COMMUNICATION
        and stage.as_of is not None
        and when.at > stage.as_of
    ):
        return [CommunicationInferred(at=when.at, received_at=when.received_at)]
    return []


def enters_operation(device: Device, when: Occurrence, *, readings: bool = False) -> list[Event]:
    """A device that is installed and heard, or discovered and read, is in operation."""
    stage = device.stage
    if stage.value not in _BEFORE_OPERATION or (stage.as_of is not None and when.at < stage.as_of):
        return []
    since = installed_at(device)
    if since is None and readings:
        if stage.value is Lifecycle.DISCOVERED:
            since = stage.as_of
        elif stage.as_of is None:  # no lifecycle was ever stated
            since = device.registered_at
    if since is None or when.at < since:
        return []
    inferred = replace(when, flags=(*when.flags, Flag.INFERRED))
    return [LifecycleStaged(lifecycle=Lifecycle.IN_OPERATION, when=inferred, cause=INFERRED)]


def entered_operation_already(device: Device, when: Occurrence) -> list[Event]:
    """The installation was reported late: the device spoke after it, before the report came."""
    if device.spoke_at is None:
        return []
    return enters_operation(
        device, Occurrence(at=device.spoke_at, stated_at=None, received_at=when.received_at)
    )
