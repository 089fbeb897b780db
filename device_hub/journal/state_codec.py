"""How a device lies beside each commit: the state after it, so that recalling a device reads one document.

A cache of what the events say. Its shape has one number for all: a state of another version is ignored, and
the device is replayed from its events. So this may change freely; raise `STATE_VERSION` when it does, or when
`evolve` changes its mind.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.power import power_of
from device_hub.device.state import Device
from device_hub.device.values import (
    Communication,
    Facet,
    Fault,
    Firmware,
    Identifier,
    Lifecycle,
    Phase,
    Power,
    Switch,
    Tamper,
)
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.journal.plan_codec import plan_from_document, plan_to_document

if TYPE_CHECKING:
    from datetime import datetime

Document = dict[str, Any]
STATE_VERSION: Final = 2
# Earlier versions that say all that this one says of such a device: version 1 knew no plans, and there were none.
_READ: Final = (1, STATE_VERSION)

_FACETS: Final[tuple[tuple[str, Callable[[str], StrEnum]], ...]] = (
    ("stage", Lifecycle),
    ("supply", Power),
    ("switch", Switch),
    ("communication", Communication),
    ("tamper", Tamper),
    ("firmware", Firmware),
    ("fault", Fault),
)
_TIMES: Final = ("first_seen_at", "last_contact_at", "spoke_at", "registered_at", "shipped_at")

# What a stored device may hold.
KEYS: Final = frozenset(
    {
        *("version", "network", "identifier", "lifecycle", "power", *_TIMES),
        *(field for field, _ in _FACETS),
        *("phases", "attributes", "shipped", "identifiers", "plans", "recent"),
        *("joined_into", "joined_at", "own", "parts"),
    }
)

V = TypeVar("V", bound=StrEnum)


def device_to_document(device: Device) -> Document:
    """Return the stored form of the device. Unknown values are left out.

    "lifecycle" and "power" serve readers with other tools; they are derived, and not read here.
    """
    document: Document = {
        "version": STATE_VERSION,
        "network": device.network,
        "identifier": device.identifier,
        "lifecycle": _write(lifecycle_of(device)),
        "power": _write(power_of(device)),
    }
    for field in _TIMES:
        at = getattr(device, field)
        if at is not None:
            document[field] = at
    for field, _ in _FACETS:
        facet = getattr(device, field)
        if facet.as_of is not None:
            document[field] = _write(facet)
    if device.phases:
        document["phases"] = {name: _write(phase) for name, phase in device.phases.items()}
    if device.attributes_as_of:
        document["attributes"] = _write_attributes(device)
    lists: Document = {
        "shipped": sorted(device.shipped),
        "identifiers": [[one.scheme, one.value] for one in sorted(device.identifiers)],
        "plans": [plan_to_document(plan) for plan in device.plans],
        "recent": list(device.recent),
    }
    document |= {field: texts for field, texts in lists.items() if texts}
    if device.joined_into:
        document["joined_into"] = device.joined_into
        document["joined_at"] = device.joined_at
    if device.own is not None:
        document["own"] = device_to_document(device.own)
        document["parts"] = [
            {"device_id": device_id, "device": device_to_document(part)}
            for device_id, part in device.parts.items()
        ]
    return document


def device_from_document(stored: Mapping[str, Any]) -> Device | None:
    """Return the stored device; None when it was stored in another version, or says more: replay it instead."""
    if stored.get("version") not in _READ:
        return None
    try:
        return part_from_document(stored)
    except WrittenByNewerHub:
        return None


def part_from_document(stored: Mapping[str, Any]) -> Device:
    """Return the device that was stored in this version or an earlier one.

    What a device was when it was joined into another lies in an event, and is read for as long as the journal exists:
    a new version of the state has to read the old ones here. Raises WrittenByNewerHub.
    """
    if stored["version"] > STATE_VERSION or (more := stored.keys() - KEYS):
        told = ", ".join(sorted(more)) if stored["version"] <= STATE_VERSION else "its version"
        raise WrittenByNewerHub(f"a stored device says more than this hub knows: {told}")
    try:
        return _device(stored)
    except ValueError as error:
        raise WrittenByNewerHub(f"a stored device: {error}") from error


def _device(stored: Mapping[str, Any]) -> Device:
    fields: Document = {field: stored[field] for field in _TIMES if field in stored}
    for field, values in _FACETS:
        if field in stored:
            fields[field] = _read(stored[field], values)
    return Device(
        network=stored["network"],
        identifier=stored["identifier"],
        phases={name: _read(phase, Phase) for name, phase in stored.get("phases", {}).items()},
        attributes={
            word: text
            for statement in stored.get("attributes", ())
            for word, text in statement["said"].items()
        },
        attributes_as_of={
            word: statement["as_of"]
            for statement in stored.get("attributes", ())
            for word in statement["said"]
        },
        shipped=frozenset(stored.get("shipped", ())),
        identifiers=frozenset(Identifier(*one) for one in stored.get("identifiers", ())),
        plans=tuple(plan_from_document(plan) for plan in stored.get("plans", ())),
        recent=tuple(stored.get("recent", ())),
        joined_into=stored.get("joined_into", ""),
        joined_at=stored.get("joined_at"),
        own=part_from_document(stored["own"]) if "own" in stored else None,
        parts={
            part["device_id"]: part_from_document(part["device"])
            for part in stored.get("parts", ())
        },
        **fields,
    )


def _write_attributes(device: Device) -> list[Document]:
    """By time: most were said in the same message, and a time for each would be a fifth of the document."""
    statements: dict[datetime, Document] = {}
    for word, as_of in device.attributes_as_of.items():
        statements.setdefault(as_of, {})[word] = device.attributes[word]
    return [{"as_of": as_of, "said": said} for as_of, said in statements.items()]


def _write(facet: Facet[StrEnum]) -> Document:
    return {"value": facet.value.value, "as_of": facet.as_of, "cause": facet.cause}


def _read(stored: Mapping[str, Any], values: Callable[[str], V]) -> Facet[V]:
    return Facet(values(stored["value"]), stored["as_of"], stored["cause"])
