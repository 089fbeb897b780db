"""How devices and timeline entries lie in MongoDB. Times are kept to the millisecond, as BSON has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from bson import MaxKey

from service_chassis.scope import Scope
from smoc_service.mongodb import Document, as_stored
from smoc_service.register.device import (
    ATTRIBUTES,
    FACETS,
    Device,
    ExchangeMark,
    Facet,
    Identifier,
    ParkChange,
    PlannedChange,
    TimelineEntry,
    Work,
)

DEVICES = "devices"
TIMELINE = "timeline"

# What a document says of the one change that made it: the next one does not have it.
OF_THE_CHANGE = frozenset({"was", "traceparent"})
# What only the register itself needs and no reader.
INTERNAL = ("names_of_joined", "was", "milestones", "contact_days", "state")


def device_document(device: Device, before: Mapping[str, str] | None) -> Document:
    """Return the document for ``device``.

    ``before`` holds the facet values that this document takes the place of, None for a new device. They are kept
    within the document, as ``was``, when one of them changed: so the change stream alone says which count falls and
    which rises (see ``summary``), and what changes no count can be passed over by the database.
    """
    document: Document = {
        "_id": device.device_id,
        "network": device.network,
        "device_identifier": device.device_identifier,
        "revision": device.revision,
        "names": to_pairs(device.names),
        "life_dates": to_pairs(device.life_dates),
        "first_seen_at": device.first_seen_at,
        "last_contact_at": device.last_contact_at,
        "updated_at": device.updated_at,
        **device.attributes,
    }
    for name, facet in device.facets.items():
        document[name] = {"value": facet.value, "as_of": facet.as_of, "cause": facet.cause}
    if device.planned:
        document["planned"] = [planned_document(one) for one in device.planned]
    if device.work.version:
        document["work"] = work_document(device.work)
    if device.identifiers:
        document["identifiers"] = [
            {"scheme": one.scheme, "value": one.value} for one in device.identifiers
        ]
    if device.joined_into:
        document["joined_into"] = device.joined_into
    if device.joined:
        document["joined"] = list(device.joined)
        document["names_of_joined"] = list(device.names_of_joined)
    if before is not None and before != {name: device.facets[name].value for name in FACETS}:
        document["was"] = dict(before)
    return document


def device_from(document: Mapping[str, Any]) -> Device:
    return Device(
        device_id=document["_id"],
        network=document["network"],
        device_identifier=document["device_identifier"],
        revision=document["revision"],
        facets={name: Facet(**document[name]) for name in FACETS},
        attributes={name: document[name] for name in ATTRIBUTES if name in document},
        names=from_pairs(document["names"]),
        life_dates=from_pairs(document["life_dates"]),
        first_seen_at=document["first_seen_at"],
        last_contact_at=document["last_contact_at"],
        updated_at=document["updated_at"],
        planned=planned_from(document),
        work=work_from(document),
        identifiers=tuple(Identifier(**one) for one in document.get("identifiers", ())),
        joined_into=document.get("joined_into", ""),
        joined=tuple(document.get("joined", ())),
    )


def planned_document(change: PlannedChange) -> Document:
    return {
        "effective_at": as_stored(change.effective_at),
        "said_at": None if change.said_at is None else as_stored(change.said_at),
        "kind": change.kind,
        "summary": change.summary,
        "changes": to_pairs(change.changes),
    }


def planned_from(document: Mapping[str, Any]) -> tuple[PlannedChange, ...]:
    """Return the plans of a stored device; a device without plans has no such field."""
    return tuple(
        PlannedChange(**(one | {"changes": from_pairs(one["changes"])}))
        for one in document.get("planned", ())
    )


def work_document(work: Work) -> Document:
    document: Document = {"version": work.version, "tags": list(work.tags)}
    if work.exchange is not None:
        mark = work.exchange
        document["exchange"] = {"reason": mark.reason, "username": mark.username, "at": mark.at}
    return document


def work_from(device: Mapping[str, Any]) -> Work:
    """Return what users noted about a stored device; a device without notes has no such field."""
    work = device.get("work")
    if work is None:
        return Work()
    mark = work.get("exchange")
    return Work(
        version=work["version"],
        tags=tuple(work["tags"]),
        exchange=None if mark is None else ExchangeMark(**mark),
    )


def work_changed(device: Mapping[str, Any], work: Work) -> Document:
    """Return the new document of ``device`` with the users' notes ``work``; no facet's count changes."""
    kept = {name: device[name] for name in device if name not in OF_THE_CHANGE}
    return kept | {"work": work_document(work)}


def facet_values(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the value of each facet of a stored device."""
    return {name: document[name]["value"] for name in FACETS}


def entry_document(device: Device, entry: TimelineEntry) -> Document:
    """Return the document for one entry. Its ``_id`` makes it unique and gives its order: no second index is needed."""
    return {
        "_id": _entry_key(device.device_id, entry.revision, entry.index),
        "kind": entry.kind,
        "occurred_at": entry.occurred_at,
        "received_at": entry.received_at,
        "recorded_at": entry.recorded_at,
        "code": entry.code,
        "summary": entry.summary,
        "details": to_pairs(entry.details),
        "flags": list(entry.flags),
        # As it was known then, so that the newest changes of the park are shown without reading each device.
        "serial_number": device.serial_number,
    }


def entry_from(document: Mapping[str, Any]) -> TimelineEntry:
    return TimelineEntry(
        revision=document["_id"]["revision"],
        index=document["_id"]["index"],
        kind=document["kind"],
        occurred_at=document["occurred_at"],
        received_at=document["received_at"],
        recorded_at=document["recorded_at"],
        code=document["code"],
        summary=document["summary"],
        details=from_pairs(document["details"]),
        flags=tuple(document["flags"]),
        device_id=document["_id"]["device_id"],
    )


def park_change_from(document: Mapping[str, Any]) -> ParkChange:
    return ParkChange(
        device_id=document["_id"]["device_id"],
        serial_number=document["serial_number"],
        entry=entry_from(document),
    )


def entries_query(device_id: str, before: tuple[int, int] | None) -> Document:
    """Return the query for a device's entries, all of them or those older than (revision, index) ``before``."""
    end = {"device_id": device_id, "revision": MaxKey()}
    if before is not None:
        end = _entry_key(device_id, *before)
    return {"_id": {"$gt": {"device_id": device_id}, "$lt": end}}


def entries_within(scope: Scope) -> Document:
    """Return the condition for entries of devices that may be seen. No index serves it: for entries already found."""
    if scope.networks is None:
        return {}
    # "0" follows "/": a network is a range of device ids.
    ranges = [
        {"_id.device_id": {"$gte": f"{network}/", "$lt": f"{network}0"}}
        for network in sorted(scope.networks)
    ]
    return {"$or": ranges} if ranges else {"_id": {"$in": []}}


def _entry_key(device_id: str, revision: int, index: int) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"device_id": device_id, "revision": revision, "index": index}


def to_pairs(texts: Mapping[str, str]) -> list[Document]:
    # As pairs and not as fields: a name that a head-end system chose may hold "." or begin with "$".
    return [{"name": name, "value": value} for name, value in sorted(texts.items())]


def from_pairs(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in pairs}
