"""How events lie in the journal: plain documents, by names that are a contract.

A stored name is a literal of `STORED`, never a class path. What lies in the journal never changes: a change of shape
gets a new number, an upcaster in `UPCASTERS`, and a golden document in tests/contracts/stored that is never edited
afterwards. A field that is empty (None, "", {}) is left out, and read as empty.
Datetimes stay datetimes, UTC, whole milliseconds: the journal reads with ``tz_aware=True``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_hub.device.events import (
    ChangePlanned,
    CommunicationEstablished,
    CommunicationInferred,
    CommunicationLost,
    Configured,
    ContactMade,
    ControlNoted,
    DeviceDiscovered,
    DeviceFirstHeard,
    DeviceJoined,
    Event,
    EventNoted,
    FaultCleared,
    FaultDetected,
    FellSilent,
    FirmwareUpdateFailed,
    FirmwareUpdateStarted,
    FirmwareUpdateSucceeded,
    Identified,
    JoinedInto,
    JoinUndone,
    LifecycleStaged,
    Linked,
    PhaseLost,
    PhaseRestored,
    PlanCarriedOut,
    PlanWithdrawn,
    PowerLost,
    PowerRestored,
    PowerRestoreInferred,
    Shipped,
    SwitchConnected,
    SwitchDisconnected,
    TamperCleared,
    TamperDetected,
    Unlinked,
)
from device_hub.device.plans.plan import Plan
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
    # What the code of a told event meant, where the name says it.
    meaning: Meaning | None = None


_TOLD = ("event", "when", "fingerprint")
_PHASE = (*_TOLD, "phase")
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

STORED: Final[Mapping[str, Shape]] = {
    "device-first-heard.1": Shape(DeviceFirstHeard, ("network", "identifier", "received_at")),
    "identified.1": Shape(Identified, ("identifiers", "learned_at", "by", "reason")),
    "joined-into.1": Shape(JoinedInto, ("into", "at", "by", "reason")),
    "device-joined.1": Shape(DeviceJoined, ("joined", "part", "at", "by", "reason")),
    "join-undone.1": Shape(JoinUndone, ("other", "at", "by", "reason")),
    "power-lost.1": Shape(PowerLost, _TOLD, Meaning.POWER_LOST),
    "power-restored.1": Shape(PowerRestored, _TOLD, Meaning.POWER_RESTORED),
    "phase-lost.1": Shape(PhaseLost, _PHASE, Meaning.PHASE_LOST),
    "phase-restored.1": Shape(PhaseRestored, _PHASE, Meaning.PHASE_RESTORED),
    "switch-connected.1": Shape(SwitchConnected, _TOLD, Meaning.SWITCH_CONNECTED),
    "switch-disconnected.1": Shape(SwitchDisconnected, _TOLD, Meaning.SWITCH_DISCONNECTED),
    "tamper-detected.1": Shape(TamperDetected, _TOLD, Meaning.TAMPER_DETECTED),
    "tamper-cleared.1": Shape(TamperCleared, _TOLD, Meaning.TAMPER_CLEARED),
    "firmware-update-started.1": Shape(
        FirmwareUpdateStarted, _TOLD, Meaning.FIRMWARE_UPDATE_STARTED
    ),
    "firmware-update-succeeded.1": Shape(
        FirmwareUpdateSucceeded, _TOLD, Meaning.FIRMWARE_UPDATE_SUCCEEDED
    ),
    "firmware-update-failed.1": Shape(FirmwareUpdateFailed, _TOLD, Meaning.FIRMWARE_UPDATE_FAILED),
    "communication-established.1": Shape(
        CommunicationEstablished, _TOLD, Meaning.COMMUNICATION_ESTABLISHED
    ),
    "communication-lost.1": Shape(CommunicationLost, _TOLD, Meaning.COMMUNICATION_LOST),
    "device-discovered.1": Shape(DeviceDiscovered, _TOLD, Meaning.DISCOVERED),
    "fault-detected.1": Shape(FaultDetected, _TOLD, Meaning.FAULT),
    "fault-cleared.1": Shape(FaultCleared, _TOLD, Meaning.FAULT_CLEARED),
    "event-noted.1": Shape(EventNoted, _TOLD, Meaning.NOTED),
    "unknown-event-noted.1": Shape(EventNoted, _TOLD, Meaning.UNSPECIFIED),
    "configured.1": Shape(Configured, ("when", "changed", "overtaken", "switch", "fingerprint")),
    "shipped.1": Shape(Shipped, ("when", "changed", "contradicted", "fingerprint")),
    "lifecycle-staged.1": Shape(LifecycleStaged, ("lifecycle", "when", "cause")),
    "linked.1": Shape(Linked, ("when", "usage_point", "area", "parent", "fingerprint")),
    "unlinked.1": Shape(Unlinked, ("when", "usage_point", "parent", "fingerprint")),
    "contact-made.1": Shape(ContactMade, ("when", "reading_count")),
    "control-noted.1": Shape(ControlNoted, ("control", "when", "fingerprint")),
    "change-planned.1": Shape(ChangePlanned, ("when", "plan")),
    "plan-withdrawn.1": Shape(PlanWithdrawn, ("when", "plan")),
    "plan-carried-out.1": Shape(PlanCarriedOut, ("plan", "refused")),
    "power-restore-inferred.1": Shape(PowerRestoreInferred, ("at", "received_at")),
    "communication-inferred.1": Shape(CommunicationInferred, ("at", "received_at")),
    "fell-silent.1": Shape(FellSilent, ("silent_since", "noted_at")),
}

# Old stored name -> (next name, its document). Pure; the result is looked up again.
UPCASTERS: Final[Mapping[str, Upcaster]] = {}


_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "lifecycle": Lifecycle,
    "switch": Switch,
    "plan": plan_from_document,
    "part": part_from_document,
}
_NAMES: Final = {shape.kind: name for name, shape in STORED.items() if shape.kind is not EventNoted}


class StoredNameUnknown(Exception):
    """The journal holds an event that this version of the hub does not know: a newer one wrote it."""


def event_to_document(event: Event) -> Document:  # noqa: C901 - one case per kind of field
    """Return the event as it is stored; its name stands in "name"."""
    name = stored_name(event)
    document: Document = {"name": name}
    for field in STORED[name].fields:
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
    """Return the event that was stored, in any shape it ever had. Raises StoredNameUnknown."""
    name = stored["name"]
    while name in upcasters:
        name, stored = upcasters[name](stored)
    shape = STORED.get(name)
    if shape is None:
        raise StoredNameUnknown(f'stored event "{name}" is not known to this version of the hub')
    fields: Document = {}
    for field in shape.fields:
        if field == "when":
            fields[field] = _read_when(stored)
        elif field == "event":
            said = {word: stored[word] for word in _EVENT if word in stored}
            fields[field] = EndDeviceEvent(meaning=shape.meaning or Meaning.NOTED, **said)
        elif field == "control":
            said = {word: stored[word] for word in _CONTROL if word in stored}
            fields[field] = Control(outcome=Outcome(stored["outcome"]), **said)
        elif field == "identifiers":
            fields[field] = tuple(Identifier(**one) for one in stored[field])
        elif field in stored:
            value = stored[field]
            fields[field] = _VALUES[field](value) if field in _VALUES else value
    event: Event = shape.kind(**fields)
    return event


def events_to_documents(events: Iterable[Event]) -> list[Document]:
    return [event_to_document(event) for event in events]


def events_from_documents(stored: Iterable[Stored]) -> list[Event]:
    return [event_from_document(one) for one in stored]


def stored_name(event: Event) -> str:
    """Return the name under which the event is stored."""
    if isinstance(event, EventNoted):
        known = event.event.meaning is Meaning.NOTED
        return "event-noted.1" if known else "unknown-event-noted.1"
    return _NAMES[type(event)]


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
