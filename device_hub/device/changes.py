"""What a report changes of a device, in pieces: each returns fields of `Device` with their new values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from device_hub.device.facets import newer
from device_hub.device.state import WINDOW, Device
from device_hub.device.values import Communication, Occurrence


def contact(device: Device, when: Occurrence, cause: str, *, powered: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "last_contact_at": later(device.last_contact_at, when.heard),
        "communication": newer(device.communication, Communication.REACHABLE, when.at, cause),
    }
    if powered:
        changes["spoke_at"] = later(device.spoke_at, when.at)
    return changes


def stated(device: Device, attributes: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Return the attributes after a statement: for each attribute the newest wins; at equal times the later report.

    A statement of a shipment file yields to any other source, at any time.
    """
    known, as_of = dict(device.attributes), dict(device.attributes_as_of)
    for word, text in attributes.items():
        if word not in as_of or at >= as_of[word] or word in device.shipped:
            known[word] = text
            as_of[word] = at
    shipped = device.shipped.difference(attributes)
    return {"attributes": known, "attributes_as_of": as_of, "shipped": shipped}


def remembered(device: Device, fingerprint: int) -> tuple[int, ...]:
    return (*device.recent, fingerprint)[-WINDOW:]


def later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)
