"""The lifecycle that people see: the stage of a device's life, overlaid by what is wrong with it now.

**Stage** (`Device.stage`), moved by these and by nothing else; an older statement never overrides a newer one:

    from                            by                                                  to
    -                               any report                                          NOT_DEFINED
    any                             a configuration that states a lifecycle             as stated
    any                             a configuration with a verb that removes, or with
                                    a new removalDate or retiredDate that has passed    REMOVED
    NOT_DEFINED, INVENTORY          an event that means DISCOVERED                      DISCOVERED
    NOT_DEFINED, INVENTORY,         installed, and heard since                          IN_OPERATION  (inferred)
      DISCOVERED
    DISCOVERED, or registered       readings                                            IN_OPERATION  (inferred)
      without a stated lifecycle
    in the field                    unlinked from its usage point                       INVENTORY     (inferred)
    REMOVED                         linked to a usage point                             INVENTORY     (inferred)

A shipment file moves no stage (`shipping`).

Installed: linked to a usage point, or one is configured, or an installationDate that has come is. In the field:
DISCOVERED, IN_OPERATION, and the three conditions below when a configuration states them.

**Lifecycle**, first line that holds:

    stage REMOVED, INVENTORY, or stated NOT_DEFINED                             as the stage
    nothing stated                                                              INVENTORY if registered, or NOT_DEFINED
    fault PRESENT, or firmware FAILED, since the stage was stated               ERROR
    communication LOST since the stage was stated; or silence                   POOR_COMMUNICATION
    firmware UPDATING since the stage was stated                                UPDATE_IN_PROGRESS
    stage states a condition, and nothing newer says that it is over            as the stage
    else                                                                        DISCOVERED or IN_OPERATION

The time of a condition is when it began; the time of a stage is when it was stated, also when a condition
that hid it is over.

So the newest statement of the head-end system wins: a configuration that says IN_OPERATION ends an older fault. It does
not end silence, which is the hub's own finding: only contact does (else each nightly re-publish would end it).
Stray events never revive a REMOVED device, and a NOT_DEFINED device that speaks stays NOT_DEFINED.
"""

from datetime import datetime

from device_hub.device.attributes import LIFE_DATES, date_of
from device_hub.device.facets import CONFIGURATION, JOINED, SHIPMENT, SILENCE
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from device_hub.device.values import Communication, Facet, Fault, Firmware, Lifecycle

_INSTALLATION_DATE = LIFE_DATES + "installationDate"


def lifecycle_of(device: Device) -> Facet[Lifecycle]:
    """Return the published lifecycle facet, by the table above; a device that was joined into another is gone."""
    if device.joined_into:
        return Facet(Lifecycle.REMOVED, device.joined_at, JOINED)
    stage = device.stage
    match stage.value:
        case Lifecycle.REMOVED | Lifecycle.INVENTORY:
            return stage
        case Lifecycle.NOT_DEFINED:
            if stage.as_of is None and device.registered_at is not None:
                return Facet(Lifecycle.INVENTORY, device.registered_at, _registered_by(device))
            return stage
        case _:
            return _condition(device) or _stated(device)


def _registered_by(device: Device) -> str:
    return SHIPMENT if device.registered_at == device.shipped_at else CONFIGURATION


def is_in_the_field(device: Device) -> bool:
    """Whether the device is where it should talk."""
    return device.stage.value not in (
        Lifecycle.NOT_DEFINED,
        Lifecycle.INVENTORY,
        Lifecycle.REMOVED,
    )


def installed_at(device: Device) -> datetime | None:
    """Return since when the device is at a usage point; None when it is at none."""
    if "usage_point" in device.attributes_as_of:
        # After any source stated where the device is, a date from the purchase department does not count.
        at_one = device.attributes.get("usage_point")
        return device.attributes_as_of["usage_point"] if at_one else None
    said_at = device.attributes_as_of.get(_INSTALLATION_DATE)
    if said_at is None:
        return None
    date = date_of(device.attributes[_INSTALLATION_DATE])
    # A date that lies ahead installs no device yet.
    return said_at if date is None else max(said_at, date)


def silent_since(device: Device) -> datetime | None:
    """Return from when on the device has not been heard, in our own clock's time.

    None when silence does not matter (not in the field, or joined into another device), or is already known.
    A device that was never heard counts from when it should have begun to talk.
    """
    if not is_in_the_field(device) or _is_lost(device) or device.first_seen_at is None:
        return None
    if device.joined_into:
        return None
    since = max(device.first_seen_at, device.stage.as_of or device.first_seen_at)
    return max(since, device.last_contact_at or since)


def silence_due_at(device: Device, rules: Rules) -> datetime | None:
    """Return when the device counts as silent if nothing is heard until then; None as `silent_since`."""
    since = silent_since(device)
    if since is None:
        return None
    try:
        return since + rules.silence_after
    except OverflowError:  # the last days of the year 9999: never
        return None


def _condition(device: Device) -> Facet[Lifecycle] | None:
    stated_at = device.stage.as_of
    fault, firmware = device.fault, device.firmware
    if fault.value is Fault.PRESENT and _since(fault.as_of, stated_at):
        return Facet(Lifecycle.ERROR, fault.as_of, fault.cause)
    if firmware.value is Firmware.FAILED and _since(firmware.as_of, stated_at):
        return Facet(Lifecycle.ERROR, firmware.as_of, firmware.cause)
    if _is_lost(device):
        lost = device.communication
        return Facet(Lifecycle.POOR_COMMUNICATION, lost.as_of, lost.cause)
    if firmware.value is Firmware.UPDATING and _since(firmware.as_of, stated_at):
        return Facet(Lifecycle.UPDATE_IN_PROGRESS, firmware.as_of, firmware.cause)
    return None


def _stated(device: Device) -> Facet[Lifecycle]:
    """Return the stage, unless it states a condition that is over since."""
    stage = device.stage
    match stage.value:
        case Lifecycle.POOR_COMMUNICATION:
            over = device.communication.value is Communication.REACHABLE
            as_of = device.communication.as_of
        case Lifecycle.UPDATE_IN_PROGRESS:
            over, as_of = device.firmware.value is Firmware.CURRENT, device.firmware.as_of
        case Lifecycle.ERROR:
            over, as_of = device.fault.value is Fault.NONE, device.fault.as_of
        case _:
            return stage
    if over and as_of is not None and stage.as_of is not None and as_of > stage.as_of:
        return Facet(Lifecycle.IN_OPERATION, stage.as_of, stage.cause)
    return stage


def _is_lost(device: Device) -> bool:
    lost = device.communication
    return lost.value is Communication.LOST and (
        lost.cause == SILENCE or _since(lost.as_of, device.stage.as_of)
    )


def _since(as_of: datetime | None, stated_at: datetime | None) -> bool:
    return as_of is not None and (stated_at is None or as_of >= stated_at)
