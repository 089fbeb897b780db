"""How many alarms were opened, day by day: the alarm load of people (ISA-18.2, EEMUA 191)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from smoc_service.alarms.core.rules import Severity

# Peaks are counted in blocks of ten minutes, as EEMUA 191 does.
BLOCK_MINUTES: Final = 10
# An alarm that is opened as often as that within one block chatters.
CHATTERS_FROM: Final = 3
DAYS_AT_MOST: Final = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAsked:
    """Days, both included (UTC); networks: empty is all that the caller sees."""

    start: date
    end: date
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """So many alarms of one severity were opened within one block of ten minutes."""

    at: datetime
    severity: Severity
    count: int


@dataclass(slots=True, kw_only=True)
class LoadDay:
    day: date
    counts: Counter[Severity] = field(default_factory=Counter)
    # In its busiest ten minutes, and when they began; None: no alarm was opened.
    peak: int = 0
    peak_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequentAlarm:
    """What raised alarms again and again: a rule of a device, or of an area."""

    network: str
    # Empty: of an area.
    device_id: str
    area: str
    rule: str
    count: int
    chatters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLoad:
    days: Sequence[LoadDay]
    # The most frequent first.
    frequent: Sequence[FrequentAlarm]
    chattering: int
    stale: int
    as_of: datetime


def load_days(opened: Iterable[Opened], start: date, end: date) -> list[LoadDay]:
    """Return a day for each from ``start`` to ``end``, both included, also where nothing was opened."""
    length = (end - start).days + 1
    days = {each: LoadDay(day=each) for each in (start + timedelta(n) for n in range(length))}
    blocks: Counter[datetime] = Counter()
    for each in opened:
        blocks[each.at] += each.count
        if (day := days.get(each.at.astimezone(UTC).date())) is not None:
            day.counts[each.severity] += each.count
    for at, count in sorted(blocks.items()):
        day = days.get(at.astimezone(UTC).date())
        if day is not None and count > day.peak:
            day.peak, day.peak_at = count, at
    return list(days.values())
