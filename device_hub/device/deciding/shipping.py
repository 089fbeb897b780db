"""What a shipment file does to a device: it names a delivered meter, and adds facts that no other source stated.

A file from the purchase department is the weakest source. By lifecycle:

    the device is                   the shipment
    unknown                         brings it into being, INVENTORY since then
    NOT_DEFINED, never registered   registers it: INVENTORY since then; readings take it into operation
    anything else, also REMOVED     leaves the lifecycle as it is

In every one it adds the attributes that are missing. What a head-end system said stays, and what it says later takes
the place of what the file said, whatever the times. What only a shipment file said, a later file corrects.
"""

from collections.abc import Mapping

from device_hub.device.attributes import check_names, check_room
from device_hub.device.commands import Ship
from device_hub.device.deciding.occurrences import fingerprint
from device_hub.device.events import Event
from device_hub.device.events.stated import Shipped
from device_hub.device.refusal import Reason, Refused
from device_hub.device.state import Device
from device_hub.device.values import Occurrence


def ship(device: Device, command: Ship, when: Occurrence) -> list[Event]:
    """Record the file's facts that no source stated; raise Refused(REPORT_EMPTY, ARGUMENT_INVALID)."""
    said = {word: text for word, text in command.attributes.items() if text}
    if not said:
        raise Refused(Reason.REPORT_EMPTY, "the shipment says nothing about the device")
    check_names(said)
    otherwise = contradicted(device, said)
    changed = {
        word: text
        for word, text in said.items()
        if word not in otherwise and device.attributes.get(word) != text
    }
    check_room(device.attributes, {**device.attributes, **changed})
    mark = _mark(otherwise)
    if mark is None or mark in device.recent:
        mark, otherwise = None, {}
    if not changed and not otherwise and device.registered_at is not None:
        return []
    return [Shipped(when=when, changed=changed, contradicted=otherwise, fingerprint=mark)]


def contradicted(device: Device, said: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that contradict another source; the other source's facts stay."""
    return {
        word: text
        for word, text in said.items()
        if text
        and word in device.attributes
        and word not in device.shipped
        and device.attributes[word] != text
    }


def _mark(otherwise: Mapping[str, str]) -> int | None:
    """The text has no time, so the same file gives the same one at any time."""
    if not otherwise:
        return None
    return fingerprint("shipment", *(text for item in sorted(otherwise.items()) for text in item))
