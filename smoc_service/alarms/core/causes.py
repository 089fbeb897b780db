"""What a device's present state means for its alarms. Level, not edge: same device and time, same result.

So it may run any number of times, in any process and after any change, as long as it runs after the last change and at
the time ``look_at``.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from smoc_service.alarms.core.alarm import RULES, Alarm, Deed, Entry, State
from smoc_service.alarms.core.rules import FacetRule, Rule, Rules
from smoc_service.register.device import Device

# How often alarms without any change are examined all the same.
RECHECK: Final = timedelta(hours=1)
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

# Makes an alarm id of a network.
NewId: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Put:
    """The alarm is to be stored; ``before`` says which version it follows, None: it is new."""

    alarm: Alarm
    before: Alarm | None


@dataclass(frozen=True, slots=True)
class Drop:
    """The cause was over before the alarm was listed."""

    alarm: Alarm


Change: TypeAlias = Put | Drop


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A device and what is known about it. ``held``: its alarms that are not resolved, by rule."""

    device: Device
    held: Mapping[str, Alarm]
    # (rule, since) of alarms that people resolved.
    by_hand: Collection[tuple[str, datetime]] = ()
    # The alarm of its area, not resolved.
    area_alarm: Alarm | None = None
    storms_since: datetime | None = None


def causes(device: Device, rules: Rules) -> dict[str, datetime]:
    """Return since when the device has what a rule of facets looks for, by the rule's name."""
    values = {name: facet.value for name, facet in device.facets.items()}
    return {
        rule.name: device.facets[rule.facet].as_of or device.first_seen_at or _ALWAYS
        for rule in rules.facets
        if rule.holds(values)
    }


def decide(seen: Seen, rules: Rules, now: datetime, new_id: NewId) -> list[Change]:
    """Return what has to be stored so that the device's alarms are right at ``now``."""
    known: dict[str, Rule] = {rule.name: rule for rule in rules.facets}
    present = causes(seen.device, rules)
    decided: dict[str, Alarm | None] = {}
    for rule in rules.facets:
        held, since = seen.held.get(rule.name), present.get(rule.name)
        if since is not None:
            if held is None and (rule.name, since) not in seen.by_hand:
                held = _new(seen, rule, since, new_id)
            if held is not None:
                decided[rule.name] = _lasting(held, rule, since, seen, rules, now)
        elif held is not None:
            decided[rule.name] = _over(held, rule, now)
    if rules.storm is not None:
        known[rules.storm.name] = rules.storm
        decided[rules.storm.name] = _storming(seen, rules, now, new_id)
    for name, alarm in seen.held.items():
        if name not in known:
            decided[name] = ended(alarm, "the rule is off", now)
    return [
        change
        for name, alarm in decided.items()
        if (change := _change(seen.held.get(name), alarm)) is not None
    ]


def ended(alarm: Alarm, why: str, now: datetime) -> Alarm | None:
    """Return the alarm, resolved by the rules; None for one that was never listed."""
    if alarm.state is State.WAITING and not alarm.history:
        return None
    return alarm.resolved(Entry(at=now, who=RULES, deed=Deed.RESOLVED, detail=why))


def woken(alarm: Alarm, now: datetime) -> Alarm:
    """Return the alarm with its snooze ended when it is over."""
    if alarm.snoozed_until is None or now < alarm.snoozed_until:
        return alarm
    return alarm.after(_did(Deed.WOKEN, now), snoozed_until=None)


def _change(before: Alarm | None, alarm: Alarm | None) -> Change | None:
    if alarm is None:
        return None if before is None else Drop(before)
    if alarm == before:
        return None
    # However many steps it took: it is one write, and one version.
    version = 1 if before is None else before.version + 1
    return Put(replace(alarm, version=version), before)


def _new(seen: Seen, rule: Rule, since: datetime, new_id: NewId) -> Alarm:
    device = seen.device
    return Alarm(
        alarm_id=new_id(device.network),
        version=0,
        rule=rule.name,
        category=rule.category,
        severity=rule.severity,
        network=device.network,
        device_id=device.device_id,
        area=device.attributes.get("area", ""),
        state=State.WAITING,
        since=since,
        summary="",
        look_at=since,
    )


def _lasting(  # noqa: PLR0917
    held: Alarm, rule: FacetRule, since: datetime, seen: Seen, rules: Rules, now: datetime
) -> Alarm:
    alarm = woken(held, now)
    if alarm.cause_over:
        alarm = alarm.after(_did(Deed.CAUSE_BACK, now), cause_over=False)
    if alarm.state is State.WAITING and alarm.since != since:
        alarm = alarm.after(since=since)
    alarm = _joined(alarm, rule, seen, rules, now)
    due = alarm.since + rule.longer_than
    if alarm.state is State.WAITING and not alarm.part_of:
        if now < due:
            return alarm if alarm.look_at == due else alarm.after(look_at=due)
        facet = seen.device.facets[rule.facet]
        summary = f"{rule.facet} is {facet.value}" + (f" ({facet.cause})" if facet.cause else "")
        alarm = alarm.after(
            _did(Deed.OPENED, now),
            state=State.OPEN,
            opened_at=alarm.opened_at or now,
            summary=summary[:200],
        )
    return _looked_at(alarm, now)


def _joined(alarm: Alarm, rule: FacetRule, seen: Seen, rules: Rules, now: datetime) -> Alarm:
    """Return the alarm as part of the area's alarm if that one represents it, else as an alarm of its own."""
    area = seen.area_alarm
    covers = (
        area is not None
        and rules.area is not None
        and rules.area.of == rule.name
        and alarm.since >= area.since
    )
    if area is not None and covers:
        # An alarm that a user already works on stays as it is.
        if alarm.part_of == area.alarm_id or alarm.state not in (State.WAITING, State.OPEN):
            return alarm
        shown = alarm.state is State.OPEN
        entry = _did(Deed.JOINED, now, area.alarm_id) if shown else None
        return alarm.after(entry, state=State.WAITING, part_of=area.alarm_id, snoozed_until=None)
    if not alarm.part_of:
        return alarm
    return alarm.after(_did(Deed.PARTED, now, alarm.part_of), part_of="")


def _over(held: Alarm, rule: Rule, now: datetime) -> Alarm | None:
    if rule.auto_resolve or held.state is State.WAITING:
        return ended(held, "the cause is over", now)
    alarm = woken(held, now)
    if not alarm.cause_over:
        alarm = alarm.after(_did(Deed.CAUSE_OVER, now), cause_over=True)
    return _looked_at(alarm, now)


def _storming(seen: Seen, rules: Rules, now: datetime, new_id: NewId) -> Alarm | None:
    rule = rules.storm
    if rule is None:
        return None
    held, revision = seen.held.get(rule.name), seen.device.revision
    if held is None:
        if seen.storms_since is None or (rule.name, seen.storms_since) in seen.by_hand:
            return None
        return _new(seen, rule, seen.storms_since, new_id).after(
            _did(Deed.OPENED, now),
            state=State.OPEN,
            opened_at=now,
            summary=f"more than {rule.more_than_changes} changes within {rule.within_seconds} s",
            seen_revision=revision,
            look_at=now + rule.within,
        )
    if held.look_at is not None and now < held.look_at:
        return held
    if revision - held.seen_revision > rule.more_than_changes:
        alarm = woken(held, now)
        if alarm.cause_over:
            alarm = alarm.after(_did(Deed.CAUSE_BACK, now), cause_over=False)
        return alarm.after(seen_revision=revision, look_at=now + rule.within)
    over = _over(held, rule, now)
    if over is None or over.state is State.RESOLVED:
        return over
    return over.after(seen_revision=revision, look_at=now + rule.within)


def _looked_at(alarm: Alarm, now: datetime) -> Alarm:
    next_look = now + RECHECK
    if alarm.snoozed_until is not None:
        next_look = min(next_look, alarm.snoozed_until)
    if alarm.look_at is not None and now < alarm.look_at <= next_look:
        return alarm
    return alarm.after(look_at=next_look)


def _did(deed: Deed, now: datetime, detail: str = "") -> Entry:
    return Entry(at=now, who=RULES, deed=deed, detail=detail)
