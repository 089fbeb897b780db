"""What was known about a device, and since when: one small document for every change of a device's state.

A state holds every facet; what describes the device (attributes, names, dates) stands in it only when that changed,
else the state says in which older one. Contact alone makes no state. So the device as it was known at a time is found
by two reads of ``_id``, whatever came before and after, and no other index is needed.

The time of a state is when the hub recorded it, never earlier than that of the state before: the clocks of two hubs may
differ, a device's order may not. A device's document says where its newest state lies, so no read is spent on it.
Two calls that store the same revision may disagree about whether the description stands in its state or in an older
one, as they came from different ones. Both are right, as the texts are the same: whoever reads goes from one to the
other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bson import MaxKey

from smoc_service.mongodb import Document, as_stored
from smoc_service.register.device import ATTRIBUTES, FACETS, Device, Facet
from smoc_service.register.documents import from_pairs, to_pairs

STATES: Final = "states"
# Of which nothing is known.
_UNKNOWN: Final = {name: Facet(value=values[0]) for name, values in FACETS.items()}


def state_after(
    before: Mapping[str, Any] | None, device: Device
) -> tuple[Document | None, Document]:
    """Return the state to be kept, None when it is known already, and what the device's document says of its states.

    ``before`` is the stored document that ``device`` takes the place of, None for a new device.
    """
    mark = (before or {}).get("state")
    if device.updated_at is None:
        return None, {} if mark is None else {"state": mark}
    at = as_stored(device.updated_at)
    if mark is None:
        key = _key(at, device.revision)
        state = {
            "_id": state_id(device.device_id, key),
            "facets": _facets(device),
            "described": _described(device),
        }
        return state, {"state": {**key, "described_in": key}}
    assert before is not None  # noqa: S101 - who has a mark was stored
    key = _key(max(at, mark["at"]), device.revision)
    described = _described(device)
    described_anew = described != _described_before(before)
    facets = _facets(device)
    if not described_anew and facets == _facets_before(before):
        return None, {"state": mark}
    described_in = key if described_anew else mark["described_in"]
    what = {"described": described} if described_anew else {"described_in": described_in}
    state = {"_id": state_id(device.device_id, key), "facets": facets, **what}
    return state, {"state": {**key, "described_in": described_in}}


def states_known(device_id: str, at: datetime) -> Document:
    """Return the query for the states of a device that were known at ``at``; the last of them by ``_id`` held then."""
    return {
        "_id": {
            "$gt": {"device_id": device_id},
            "$lt": {"device_id": device_id, "at": at, "revision": MaxKey()},
        }
    }


def states_of(device_id: str) -> Document:
    """Return the query for all states of a device; the first of them by ``_id`` is the oldest."""
    return {
        "_id": {
            "$gt": {"device_id": device_id},
            "$lt": {"device_id": device_id, "at": MaxKey()},
        }
    }


def state_id(device_id: str, key: Mapping[str, Any]) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"device_id": device_id, "at": key["at"], "revision": key["revision"]}


def device_from_state(state: Mapping[str, Any], described: Mapping[str, Any]) -> Device:
    """Return the device of a state, with its description. What states do not keep (contact, users' notes) is empty."""
    device_id: str = state["_id"]["device_id"]
    network, _, identifier = device_id.partition("/")
    kept = state["facets"]
    return Device(
        device_id=device_id,
        network=network,
        device_identifier=identifier,
        revision=state["_id"]["revision"],
        facets={name: Facet(**kept[name]) if name in kept else _UNKNOWN[name] for name in FACETS},
        attributes={name: described[name] for name in ATTRIBUTES if name in described},
        names=from_pairs(described.get("names", ())),
        life_dates=from_pairs(described.get("life_dates", ())),
        first_seen_at=described.get("first_seen_at"),
        updated_at=state["_id"]["at"],
    )


def _key(at: datetime, revision: int) -> Document:
    return {"at": at, "revision": revision}


def _facets(device: Device) -> Document:
    """Return the facets of which something is known."""
    return {
        name: {
            "value": facet.value,
            "as_of": None if facet.as_of is None else as_stored(facet.as_of),
            "cause": facet.cause,
        }
        for name, facet in device.facets.items()
        if facet.as_of is not None or facet != _UNKNOWN[name]
    }


def _facets_before(document: Mapping[str, Any]) -> Document:
    return {
        name: document[name]
        for name, values in FACETS.items()
        if document[name] != {"value": values[0], "as_of": None, "cause": ""}
    }


def _described(device: Device) -> Document:
    described: Document = dict(device.attributes)
    if device.names:
        described["names"] = to_pairs(device.names)
    if device.life_dates:
        described["life_dates"] = to_pairs(device.life_dates)
    if device.first_seen_at is not None:
        described["first_seen_at"] = as_stored(device.first_seen_at)
    return described


def _described_before(document: Mapping[str, Any]) -> Document:
    kept = (*ATTRIBUTES, "names", "life_dates", "first_seen_at")
    return {name: document[name] for name in kept if document.get(name)}
