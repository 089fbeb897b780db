"""What happened, in a sentence for people: the published form of an event.

Published is not stored: this may change with what people need to read, `device_hub.journal.event_codec` may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from device_hub.device.attributes import LIFE_DATES, NAMES, STATED_LIFECYCLE
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
    Told,
    ToldEvent,
    Unlinked,
    flags_of,
)
from device_hub.device.plans.plan import Plan, PlanKind
from device_hub.device.values import Flag, Lifecycle, Meaning, Occurrence, Outcome

# Stable word and opening of the sentence. The words are published: never rename one.
_TOLD: Final[Mapping[type[ToldEvent], tuple[str, str]]] = {
    PowerLost: ("power-lost", "Power lost"),
    PowerRestored: ("power-restored", "Power restored"),
    PhaseLost: ("phase-lost", "Phase lost"),
    PhaseRestored: ("phase-restored", "Phase restored"),
    SwitchConnected: ("switch-connected", "Switch connected"),
    SwitchDisconnected: ("switch-disconnected", "Switch disconnected"),
    TamperDetected: ("tamper-detected", "Tamper detected"),
    TamperCleared: ("tamper-cleared", "Tamper cleared"),
    FirmwareUpdateStarted: ("firmware-update-started", "Firmware update started"),
    FirmwareUpdateSucceeded: ("firmware-update-succeeded", "Firmware updated"),
    FirmwareUpdateFailed: ("firmware-update-failed", "Firmware update failed"),
    CommunicationEstablished: ("communication-established", "Communication established"),
    CommunicationLost: ("communication-lost", "Communication lost"),
    DeviceDiscovered: ("discovered", "Discovered"),
    FaultDetected: ("fault-detected", "Fault detected"),
    FaultCleared: ("fault-cleared", "Fault cleared"),
    EventNoted: ("noted", "Event"),
}
_STAGES: Final[Mapping[Lifecycle, str]] = {
    Lifecycle.NOT_DEFINED: "not defined",
    Lifecycle.INVENTORY: "in inventory",
    Lifecycle.DISCOVERED: "discovered",
    Lifecycle.IN_OPERATION: "in operation",
    Lifecycle.UPDATE_IN_PROGRESS: "being updated",
    Lifecycle.POOR_COMMUNICATION: "in poor communication",
    Lifecycle.ERROR: "in error",
    Lifecycle.REMOVED: "removed",
}


_CONTROLS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.UNSPECIFIED: ("control-noted", "Order"),
    Outcome.ORDERED: ("control-ordered", "Ordered"),
    Outcome.EXECUTED: ("control-executed", "Order carried out"),
    Outcome.FAILED: ("control-failed", "Order failed"),
    Outcome.CANCELED: ("control-canceled", "Order canceled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """``occurred_at`` is what orders; a stated time that was not believed stands in the details."""

    kind: str
    summary: str
    occurred_at: datetime
    received_at: datetime
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def entry_from(event: Event) -> TimelineEntry:  # noqa: C901, PLR0912 - one case per event
    """Return the timeline entry of one event."""
    match event:
        case Told():
            return _told(event)
        case DeviceFirstHeard(received_at=at):
            return _entry(event, "first-heard", "First heard of", at, at)
        case Configured():
            return _configured(event)
        case Shipped():
            return _shipped(event)
        case Identified(learned_at=at):
            return _entry(event, "identified", _known_as(event), at, at, _names(event))
        case JoinedInto(into=into, at=at):
            return _entry(event, "joined-into", f"Joined into {into}", at, at, _said_by(event))
        case DeviceJoined(joined=joined, at=at):
            return _entry(
                event, "device-joined", f"{joined} is this device", at, at, _said_by(event)
            )
        case JoinUndone(other=other, at=at):
            summary = f"The join with {other} is undone"
            return _entry(event, "join-undone", summary, at, at, _said_by(event))
        case LifecycleStaged(lifecycle=lifecycle, when=when, cause=cause):
            summary = f"Now {_STAGES[lifecycle]} ({cause})"
            details = {"lifecycle": lifecycle.value}
            return _entry(event, "lifecycle", summary, when.at, when.received_at, details)
        case Linked() | Unlinked():
            return _linkage(event)
        case ChangePlanned() | PlanWithdrawn() | PlanCarriedOut():
            return _plan(event)
        case ContactMade(when=when, reading_count=count):
            summary = f"Heard from, with {count} readings" if count else "Heard from"
            return _entry(event, "contact", summary, when.at, when.received_at)
        case ControlNoted():
            return _control(event)
        case PowerRestoreInferred(at=at, received_at=received_at):
            summary = "Power is back: the device was heard"
            return _entry(event, "power-restored", summary, at, received_at)
        case CommunicationInferred(at=at, received_at=received_at):
            summary = "Communication is back: the device was heard"
            return _entry(event, "communication-established", summary, at, received_at)
        case FellSilent(silent_since=since, noted_at=at):
            summary = f"Silent since {since:%Y-%m-%d %H:%M} UTC"
            return _entry(event, "fell-silent", summary, at, at)
        case _:
            assert_never(event)


def _told(event: ToldEvent) -> TimelineEntry:
    kind, opening = _TOLD[type(event)]
    told, when = event.event, event.when
    match event:
        case PhaseLost(phase=phase) | PhaseRestored(phase=phase) if phase != "?":
            opening = opening.replace("Phase", f"Phase {phase}")
        case FirmwareUpdateSucceeded() if told.firmware_version:
            opening = f"Firmware updated to {told.firmware_version}"
        case EventNoted() if told.meaning is Meaning.UNSPECIFIED:
            kind, opening = "unknown-event", "Event with unknown code"
        case _:
            pass
    details = dict(told.details)
    ours = {
        "severity": told.severity,
        "reason": told.reason,
        "event_mrid": told.event_mrid,
        "issuer_tracking_id": told.issuer_tracking_id,
        "firmware_version": told.firmware_version,
        "usage_point": told.usage_point,
        "author": told.author,
        "remark": told.remark,
        "status": told.status,
        "latitude": told.latitude,
        "longitude": told.longitude,
    }
    _add(details, ours, when)
    summary = f"{opening} ({told.code_name or told.code})"
    return _entry(event, kind, summary, when.at, when.received_at, details, told.code)


def _control(event: ControlNoted) -> TimelineEntry:
    kind, opening = _CONTROLS[event.control.outcome]
    control, when = event.control, event.when
    details = dict(control.details)
    ours = {
        "code_name": control.code_name,
        "action": control.action,
        "control_mrid": control.control_mrid,
        "issuer_tracking_id": control.issuer_tracking_id,
        "author": control.author,
        "status": control.status,
        "reason": control.reason,
        "remark": control.remark,
    }
    _add(details, ours, when)
    what = control.action or control.code_name or control.code
    summary = opening + (f": {what}" if what else "")
    summary += f" ({control.reason})" if control.reason else ""
    return _entry(event, kind, summary, when.at, when.received_at, details, control.code)


def _add(details: dict[str, str], ours: Mapping[str, str], when: Occurrence) -> None:
    """Add our own words where the message does not use them itself."""
    for word, text in ours.items():
        if text:
            details.setdefault(word, text)
    if Flag.CLOCK_SUSPECT in when.flags and when.stated_at is not None:
        details.setdefault("stated_time", when.stated_at.isoformat())


def _linkage(event: Linked | Unlinked) -> TimelineEntry:
    place, parent, when = event.usage_point, event.parent, event.when
    details = {"usage_point": place, "parent": parent}
    match event:
        case Linked():
            details["area"] = event.area
            kind = "installed" if place else "attached"
            at = f"Installed at usage point {place}"
            summary = at + (f", behind {parent}" if parent else "") if place else f"Behind {parent}"
        case Unlinked():
            kind = "detached" if parent else "uninstalled"
            summary = (
                f"No longer behind {parent}"
                if parent
                else f"Removed from usage point {place}".rstrip()
            )
    told = {word: text for word, text in details.items() if text}
    return _entry(event, kind, summary, when.at, when.received_at, told)


def _plan(event: ChangePlanned | PlanWithdrawn | PlanCarriedOut) -> TimelineEntry:
    plan = event.plan
    details = {**plan.said, "effective_time": plan.effective_at.isoformat()}
    match event:
        case ChangePlanned(when=when):
            summary = planned_summary(plan)
            return _entry(event, "change-planned", summary, when.at, when.received_at, details)
        case PlanWithdrawn(when=when):
            summary = "Called off: p" + planned_summary(plan).removeprefix("P")
            return _entry(event, "plan-withdrawn", summary, when.at, when.received_at, details)
        case PlanCarriedOut(refused=refused):
            at = plan.effective_at
            summary = "As planned: " + _plan_says(plan)
            if refused:
                summary = f"Cannot be done as planned ({refused}): {_plan_says(plan)}"
                details["refused"] = refused
            return _entry(event, "plan-carried-out", summary, at, at, details)


def planned_summary(plan: Plan) -> str:
    """Return what people read of a plan that waits."""
    return f"Planned for {plan.effective_at:%Y-%m-%d %H:%M} UTC: {_plan_says(plan)}"


def _plan_says(plan: Plan) -> str:
    opening = {PlanKind.LINK: "linked to ", PlanKind.UNLINK: "unlinked from "}.get(plan.kind, "")
    said = (f"{_spoken(word)} {text}".rstrip() for word, text in sorted(plan.said.items()))
    return opening + ", ".join(said)


def _configured(event: Configured) -> TimelineEntry:
    new = {word: text for word, text in event.changed.items() if text and word != STATED_LIFECYCLE}
    if event.switch is not None:
        new["switch"] = event.switch.value
    parts = []
    if new:
        parts.append(", ".join(f"{_spoken(word)} {text}" for word, text in sorted(new.items())))
    if event.overtaken:
        late = ", ".join(_spoken(word) for word in sorted(event.overtaken))
        parts.append(f"came too late: {late}")
    summary = "Configured" + (": " + "; ".join(parts) if parts else "")
    details = {**{word: text for word, text in event.changed.items() if text}, **new}
    details |= {f"overtaken {word}": text for word, text in event.overtaken.items()}
    when = event.when
    return _entry(event, "configured", summary, when.at, when.received_at, details)


def _shipped(event: Shipped) -> TimelineEntry:
    parts = [f"{_spoken(word)} {text}" for word, text in sorted(event.changed.items())]
    told = [", ".join(parts)] if parts else []
    if event.contradicted:
        words = ", ".join(_spoken(word) for word in sorted(event.contradicted))
        told.append(f"says otherwise, and is not believed: {words}")
    summary = "Named by a shipment file" + (": " + "; ".join(told) if told else "")
    details = dict(event.changed)
    details |= {f"contradicted {word}": text for word, text in event.contradicted.items()}
    when = event.when
    return _entry(event, "shipped", summary, when.at, when.received_at, details)


def _said_by(event: JoinedInto | DeviceJoined | JoinUndone) -> dict[str, str]:
    match event:
        case JoinedInto(into=device_id) | JoinUndone(other=device_id):
            pass
        case DeviceJoined(joined=device_id):
            pass
    return {"device_id": device_id, "by": event.by, "reason": event.reason}


def _known_as(event: Identified) -> str:
    said = ", ".join(
        f"{_spoken(one.scheme.removeprefix('name/')) or 'name'} {one.value}"
        for one in event.identifiers
    )
    return f"Known as {said}" + (f", says {event.by}: {event.reason}" if event.by else "")


def _names(event: Identified) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for one in event.identifiers:
        names.setdefault(one.scheme or "name", []).append(one.value)
    details = {scheme: ", ".join(values) for scheme, values in names.items()}
    return details | ({"by": event.by, "reason": event.reason} if event.by else {})


def _spoken(word: str) -> str:
    return word.removeprefix(NAMES).removeprefix(LIFE_DATES).replace("_", " ")


def _entry(  # noqa: PLR0917 - the fields of an entry
    event: Event,
    kind: str,
    summary: str,
    occurred_at: datetime,
    received_at: datetime,
    details: Mapping[str, str] | None = None,
    code: str = "",
) -> TimelineEntry:
    return TimelineEntry(
        kind=kind,
        summary=summary,
        occurred_at=occurred_at,
        received_at=received_at,
        code=code,
        details=details or {},
        flags=tuple(flag.value for flag in flags_of(event)),
    )
