"""Statements that may take effect later: a configuration, a link, an unlink. `configuring` takes what is effective."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from contract_limits import PLAN_BYTES_PER_DEVICE, PLANS_PER_DEVICE
from device_hub.device.attributes import LIFE_DATES, NAMES, STATED_LIFECYCLE, check_names, date_of
from device_hub.device.commands import Configure, Link, ReportFacts, Unlink
from device_hub.device.deciding import configuring
from device_hub.device.deciding.occurrences import occurrence, storable
from device_hub.device.events import Event
from device_hub.device.events.planned import (
    ChangePlanned,
    PlanWithdrawn,
)
from device_hub.device.events.stated import Configured
from device_hub.device.evolution import fold
from device_hub.device.plan import (
    Plan,
    PlanKind,
    is_too_much,
    merged,
)
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from device_hub.device.values import Configuration, Lifecycle, Occurrence

# Identity does not wait: these statements take effect at once.
_IDENTITY: Final = ("serial_number", "utility_number", "mrid")
_LINKAGES: Final = (PlanKind.LINK, PlanKind.UNLINK)
_SWITCH: Final = "switch"
# The end of all time, as systems write "never".
_NEVER: Final = 9999


def configure(device: Device, command: Configure, rules: Rules) -> list[Event]:
    """Record the configuration, now or as a plan. Raises Refused (REPORT_EMPTY, TIME_INVALID, ARGUMENT_INVALID)."""
    said = command.configuration
    if not _lies_ahead(command.facts, rules):
        when = occurrence(command.facts, rules)
        events = configuring.configure(device, command, when)
        return events + _removal_planned(fold(device, events), said, events, when)
    if command.facts.plan_withdrawn:
        return _withdrawn(device, command.facts, rules, (PlanKind.CONFIGURATION,))
    check_names(said.attributes)
    now = {word: text for word, text in said.attributes.items() if _is_identity(word)}
    later = {word: text for word, text in said.attributes.items() if word not in now and text}
    lifecycle = Lifecycle.REMOVED if said.removal else said.lifecycle
    if lifecycle is not None:
        later[STATED_LIFECYCLE] = lifecycle.value
    if said.switch is not None:
        later[_SWITCH] = said.switch.value
    events = []
    if now:
        known = replace(command, configuration=Configuration(attributes=now))
        events = configuring.configure(device, known, _said(command.facts, rules))
    if not (now or later):
        raise Refused(Reason.REPORT_EMPTY, "the configuration says nothing about the device")
    if later:
        events += _planned(device, command.facts, rules, PlanKind.CONFIGURATION, later)
    return events


def link(device: Device, command: Link, rules: Rules) -> list[Event]:
    """Record where the device is installed, now or as a plan. Raises Refused as `configure`."""
    facts = command.facts
    if not _lies_ahead(facts, rules):
        return configuring.link(device, command, occurrence(facts, rules))
    if facts.plan_withdrawn:
        return _withdrawn(device, facts, rules, _LINKAGES)
    if not (command.usage_point or command.parent):
        raise Refused(Reason.REPORT_EMPTY, "the linkage names no usage point and no parent")
    return _planned(device, facts, rules, PlanKind.LINK, _places(command))


def unlink(device: Device, command: Unlink, rules: Rules) -> list[Event]:
    """Record that the device leaves a place, now or as a plan. Raises Refused as `configure`."""
    facts = command.facts
    if not _lies_ahead(facts, rules):
        return configuring.unlink(device, command, occurrence(facts, rules))
    if facts.plan_withdrawn:
        return _withdrawn(device, facts, rules, _LINKAGES)
    words = _places(command) or {"usage_point": ""}
    return _planned(device, facts, rules, PlanKind.UNLINK, words)


def _lies_ahead(facts: ReportFacts, rules: Rules) -> bool:
    if facts.said_at is None or facts.occurred_at is None:
        return False
    effective_at = storable(facts.occurred_at, "occurred_at")
    return effective_at - storable(facts.received_at, "received_at") > rules.clock_tolerance


def _said(facts: ReportFacts, rules: Rules) -> Occurrence:
    return occurrence(replace(facts, occurred_at=facts.said_at), rules)


def _planned(
    device: Device, facts: ReportFacts, rules: Rules, kind: PlanKind, said: Mapping[str, str]
) -> list[Event]:
    assert facts.occurred_at is not None  # noqa: S101 - `_lies_ahead`
    when = _said(facts, rules)
    effective_at = storable(facts.occurred_at, "occurred_at")
    return _announced(
        device, when, Plan(kind=kind, effective_at=effective_at, said_at=when.at, said=said)
    )


def _announced(device: Device, when: Occurrence, plan: Plan) -> list[Event]:
    after = merged(device.plans, plan)
    if after == device.plans:
        return []
    if is_too_much(after):
        raise Refused(
            Reason.ARGUMENT_INVALID,
            f"more than {PLANS_PER_DEVICE} planned changes, or {PLAN_BYTES_PER_DEVICE} bytes of them",
        )
    return [ChangePlanned(when=when, plan=plan)]


def _withdrawn(
    device: Device, facts: ReportFacts, rules: Rules, kinds: tuple[PlanKind, ...]
) -> list[Event]:
    """What was announced for that date before this was said; nothing, if there is no such plan (any more)."""
    when = _said(facts, rules)
    effective_at = storable(facts.occurred_at or facts.received_at, "occurred_at")
    return [
        PlanWithdrawn(when=when, plan=plan)
        for plan in device.plans
        if plan.kind in kinds and plan.effective_at == effective_at and plan.said_at <= when.at
    ]


def _removal_planned(
    device: Device, said: Configuration, events: list[Event], when: Occurrence
) -> list[Event]:
    """A removalDate or retiredDate that is new and lies ahead is the plan of a removal, if no lifecycle is stated."""
    if said.lifecycle is not None or said.removal:
        return []
    changed = {
        word: text
        for event in events
        if isinstance(event, Configured)
        for word, text in event.changed.items()
    }
    dates = [
        date
        for word in configuring.ENDINGS
        if (date := date_of(changed.get(word, ""))) is not None
        and date > when.received_at
        and date.year < _NEVER
    ]
    if not dates:
        return []
    removed = {STATED_LIFECYCLE: Lifecycle.REMOVED.value}
    effective_at = storable(min(dates).astimezone(UTC), LIFE_DATES)
    return _announced(
        device,
        when,
        Plan(kind=PlanKind.CONFIGURATION, effective_at=effective_at, said_at=when.at, said=removed),
    )


def _is_identity(word: str) -> bool:
    return word in _IDENTITY or word.startswith(NAMES)


def _places(command: Link | Unlink) -> dict[str, str]:
    words = {"usage_point": command.usage_point, "parent": command.parent}
    if isinstance(command, Link):
        words["area"] = command.area
    return {word: text for word, text in words.items() if text}


def due_at(device: Device) -> datetime | None:
    """Return when the next plan takes effect."""
    return min((plan.effective_at for plan in device.plans), default=None)
