"""The kept past of a device: its milestones, and the days on which it was heard.

Both only gather: a milestone keeps the earliest reported time, and a day of contact stays one. So late, repeated or
reordered input leads to the same result, and both can be gathered again from the timeline.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from smoc_service.register.device import Device, TimelineEntry

# How many days of contact a device keeps, the last one on which it was heard included; what fits into an int64.
WINDOW_DAYS: Final = 63

INSTALLED: Final = "installed"
DISCOVERED: Final = "discovered"
TAKEN_INTO_OPERATION: Final = "taken_into_operation"
MILESTONES: Final = (INSTALLED, DISCOVERED, TAKEN_INTO_OPERATION)

_BY_LIFECYCLE: Final = {"DISCOVERED": DISCOVERED, "IN_OPERATION": TAKEN_INTO_OPERATION}
_INSTALLATION_DATE = "installationDate"
# No smart meter is older: such a date was never filled in.
_NO_METER_YET = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# Entries of which the device itself was the source. Those that the hub concluded come with one of these.
SPOKEN: Final = frozenset(
    {
        *("contact", "noted", "unknown-event", "discovered"),
        *("power-lost", "power-restored", "phase-lost", "phase-restored"),
        *("switch-connected", "switch-disconnected", "tamper-detected", "tamper-cleared"),
        *("firmware-update-succeeded", "communication-established"),
        *("fault-detected", "fault-cleared"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDays:
    """The days (UTC) on which a device was heard; bit n of ``bits`` is day ``until - n``, in days since 1970-01-01."""

    until: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    # By milestone, when it happened first; only those that happened.
    milestones: Mapping[str, datetime] = field(default_factory=dict)
    contact_days: ContactDays | None = None


def day_of(moment: datetime) -> int:
    """Return the day (UTC) of ``moment`` in days since 1970-01-01."""
    return ordinal_day(moment.astimezone(UTC))


def ordinal_day(moment: date) -> int:
    """Return the day of a date, or of a time in UTC, in days since 1970-01-01."""
    return moment.toordinal() - _EPOCH_DAY


def date_of(day: int) -> date:
    """Return the date of a day since 1970-01-01."""
    return date.fromordinal(day + _EPOCH_DAY)


def past_of(device: Device, entries: Sequence[TimelineEntry]) -> Past:
    """Return the past that ``device`` and its ``entries`` show."""
    milestones: dict[str, datetime] = {}
    for milestone, at in (*_told_by_device(device), *_told_by_entries(entries)):
        if milestone not in milestones or at < milestones[milestone]:
            milestones[milestone] = at
    heard = {
        entry.received_at
        for entry in entries
        if entry.kind in SPOKEN and "duplicate" not in entry.flags
    }
    days = {day_of(at) for at in (*heard, device.last_contact_at) if at is not None}
    return Past(milestones=milestones, contact_days=_contact_days(days))


def merged(one: Past, other: Past) -> Past:
    """Return the union of both."""
    milestones = dict(one.milestones)
    for milestone, at in other.milestones.items():
        milestones[milestone] = min(at, milestones.get(milestone, at))
    days = [each for each in (one.contact_days, other.contact_days) if each is not None]
    if not days:
        return Past(milestones=milestones)
    until = max(each.until for each in days)
    bits = 0
    for each in days:
        bits |= _shifted(each.bits, until - each.until)
    return Past(milestones=milestones, contact_days=ContactDays(until=until, bits=bits))


def past_document(past: Past) -> dict[str, Any]:
    """Return the fields of a device's document that hold its past; empty values have no field."""
    document: dict[str, Any] = {}
    if past.milestones:
        document["milestones"] = {
            name: past.milestones[name] for name in MILESTONES if name in past.milestones
        }
    if past.contact_days is not None:
        document["contact_days"] = {
            "until": past.contact_days.until,
            "bits": past.contact_days.bits,
        }
    return document


def past_from(document: Mapping[str, Any] | None) -> Past:
    """Return the past that a device's document holds; that of no document is empty."""
    if document is None:
        return Past()
    days = document.get("contact_days")
    return Past(
        milestones=document.get("milestones", {}),
        contact_days=None if days is None else ContactDays(**days),
    )


def _told_by_device(device: Device) -> Iterable[tuple[str, datetime]]:
    lifecycle = device.facets.get("lifecycle")
    if lifecycle and lifecycle.value in _BY_LIFECYCLE and lifecycle.as_of is not None:
        yield _BY_LIFECYCLE[lifecycle.value], lifecycle.as_of
    installed_at = _date(device.life_dates.get(_INSTALLATION_DATE, ""))
    # A date that lies ahead is a plan.
    if installed_at is not None and device.updated_at and installed_at <= device.updated_at:
        yield INSTALLED, installed_at


def _told_by_entries(entries: Sequence[TimelineEntry]) -> Iterable[tuple[str, datetime]]:
    for entry in entries:
        if entry.occurred_at is None:
            continue
        if entry.kind == "installed" or (
            entry.kind == "configured" and entry.details.get("usage_point")
        ):
            yield INSTALLED, entry.occurred_at
        if entry.kind == "discovered":
            yield DISCOVERED, entry.occurred_at
        if entry.kind in {"lifecycle", "configured"}:
            milestone = _BY_LIFECYCLE.get(entry.details.get("lifecycle", ""))
            if milestone is not None:
                yield milestone, entry.occurred_at


def _date(text: str) -> datetime | None:
    """Return the date or time of ``text`` in ISO 8601, UTC when it names no zone; None when it is none."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment >= _NO_METER_YET else None


def _contact_days(days: Iterable[int]) -> ContactDays | None:
    heard = sorted(days)
    if not heard:
        return None
    bits = 0
    for day in heard:
        bits |= _shifted(1, heard[-1] - day)
    return ContactDays(until=heard[-1], bits=bits)


def _shifted(bits: int, days: int) -> int:
    """Return the bits seen from so many days later; what left the window is gone."""
    return (bits << days) & ((1 << WINDOW_DAYS) - 1) if days < WINDOW_DAYS else 0
