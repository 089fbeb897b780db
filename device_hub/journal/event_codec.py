"""How events lie in the journal: plain documents, by names that are a contract.

A stored name is a literal in the class of its event (`device_hub.device.events`), never a class path. What lies in the
journal never changes: a change of shape, be it one field more, gets a new number, an upcaster in `UPCASTERS`, and a
golden document in tests/contracts/stored that is never edited afterwards. A hub that reads a field that it does not
know leaves the device to a newer hub. A field that is empty (None, "", {}) is left out, and read as empty.
Datetimes stay datetimes, UTC, whole milliseconds: the journal reads with ``tz_aware=True``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from device_hub.device.events import Event
from device_hub.device.plan import Plan
from device_hub.device.state import Device
from device_hub.device.values import (
    Control,
    EndDeviceEvent,
    Flag,
    Identifier,
    Lifecycle,
    Meaning,
    Occurrence,
    Outcome,
    Switch,
)
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.journal.plan_codec import plan_from_document, plan_to_document
from device_hub.journal.state_codec import device_to_document, part_from_document

Document = dict[str, Any]
Stored = Mapping[str, Any]
Upcaster = Callable[[Stored], tuple[str, Document]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One line of the contract. "event", "control" and "when" are flattened into the document, a "plan" is not."""

    kind: type[Any]
    fields: tuple[str, ...]
    # What the code of a recorded event meant, where the name says it.
    meaning: Meaning | None = None


_EVENT = (
    "code",
    "code_name",
    "severity",
    "reason",
    "event_mrid",
    "issuer_tracking_id",
    "details",
    "firmware_version",
    "usage_point",
    *("author", "remark", "status", "latitude", "longitude", "ended"),
)
_CONTROL = (
    *("code", "code_name", "action", "control_mrid", "issuer_tracking_id"),
    *("author", "status", "reason", "remark", "details"),
)

# The contract: each event holds its stored name; its fields are stored in their order.
STORED: Final[Mapping[str, Shape]] = {
    kind.STORED: Shape(
        kind, tuple(field.name for field in fields(kind)), getattr(kind, "MEANING", None)
    )
    for kind in get_args(Event)
}

# Old stored name -> (next name, its document). Pure; the result is looked up again.
UPCASTERS: Final[Mapping[str, Upcaster]] = {}


_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "lifecycle": Lifecycle,
    "switch": Switch,
    "plan": plan_from_document,
    "part": part_from_document,
}


# Beside what the class of an event says.
_ALWAYS: Final = frozenset({"name"})
_FLATTENED: Final[Mapping[str, Sequence[str]]] = {
    "when": ("at", "received_at", "stated_at", "heard_at", "flags"),
    "event": _EVENT,
    "control": ("outcome", *_CONTROL),
}
# What an event of each stored name may hold.
KEYS: Final[Mapping[str, frozenset[str]]] = {
    name: _ALWAYS.union(*(_FLATTENED.get(field, (field,)) for field in shape.fields))
    for name, shape in STORED.items()
}


def event_to_document(event: Event) -> Document:  # noqa: C901 - one case per kind of field
    """Return the stored form of the event; "name" holds its name."""
    document: Document = {"name": event.STORED}
    for field in STORED[event.STORED].fields:
        value = getattr(event, field)
        if field == "when":
            _write_when(value, document)
        elif field == "event":
            for word in _EVENT:
                if said := getattr(value, word):
                    document[word] = said
        elif field == "control":
            document["outcome"] = value.outcome.value
            document |= {word: said for word in _CONTROL if (said := getattr(value, word))}
        elif field == "identifiers":
            document[field] = [{"scheme": one.scheme, "value": one.value} for one in value]
        elif field in _VALUES:
            if value is not None:
                document[field] = _written(value)
        elif value not in (None, "", {}):
            document[field] = value
    return document


def _written(value: Any) -> Any:
    match value:
        case Plan():
            return plan_to_document(value)
        case Device():
            return device_to_document(value)
        case _:
            return value.value


def event_from_document(stored: Stored, upcasters: Mapping[str, Upcaster] = UPCASTERS) -> Event:
    """Return a stored event, in any shape that it ever had. Raises WrittenByNewerHub.

    What is not known is never passed over: the device would be decided about without it.
    """
    name = said = stored["name"]
    while name in upcasters:
        name, stored = upcasters[name](stored)
    shape = STORED.get(name)
    if shape is None:
        raise WrittenByNewerHub(f'stored event "{name}" is not known to this version of the hub')
    if name == said and (more := stored.keys() - KEYS[name]):
        told = ", ".join(sorted(more))
        raise WrittenByNewerHub(f'stored event "{name}" says more than this hub knows: {told}')
    try:
        event: Event = shape.kind(**_values_of(shape, stored))
    except (TypeError, ValueError) as error:
        raise WrittenByNewerHub(f'stored event "{name}": {error}') from error
    return event


def _values_of(shape: Shape, stored: Stored) -> Document:
    values: Document = {}
    for field in shape.fields:
        if field == "when":
            values[field] = _read_when(stored)
        elif field == "event":
            said = {word: stored[word] for word in _EVENT if word in stored}
            values[field] = EndDeviceEvent(meaning=shape.meaning or Meaning.NOTED, **said)
        elif field == "control":
            said = {word: stored[word] for word in _CONTROL if word in stored}
            values[field] = Control(outcome=Outcome(stored["outcome"]), **said)
        elif field == "identifiers":
            values[field] = tuple(Identifier(**one) for one in stored[field])
        elif field in stored:
            value = stored[field]
            values[field] = _VALUES[field](value) if field in _VALUES else value
    return values


def events_to_documents(events: Iterable[Event]) -> list[Document]:
    return [event_to_document(event) for event in events]


def events_from_documents(stored: Iterable[Stored]) -> list[Event]:
    return [event_from_document(one) for one in stored]


def _write_when(when: Occurrence, document: Document) -> None:
    document["at"] = when.at
    document["received_at"] = when.received_at
    if when.stated_at is not None:
        document["stated_at"] = when.stated_at
    if when.heard_at is not None:
        document["heard_at"] = when.heard_at
    if when.flags:
        document["flags"] = [flag.value for flag in when.flags]


def _read_when(stored: Stored) -> Occurrence:
    return Occurrence(
        at=stored["at"],
        stated_at=stored.get("stated_at"),
        received_at=stored["received_at"],
        flags=tuple(Flag(flag) for flag in stored.get("flags", ())),
        heard_at=stored.get("heard_at"),
    )
