"""The alarm load of days: what is counted where, without a database."""

from datetime import UTC, date, datetime

from smoc_service.alarms.core.alarm import area_of, area_subject
from smoc_service.alarms.core.load import Opened, load_days
from smoc_service.alarms.core.rules import Severity


def opened(at: str, severity: Severity, count: int) -> Opened:
    moment = datetime.fromisoformat(f"2026-11-{at}:00+00:00")
    return Opened(at=moment, severity=severity, count=count)


def test_every_day_is_there_also_one_without_alarms() -> None:
    days = load_days([], date(2026, 11, 1), date(2026, 11, 3))
    assert [each.day.day for each in days] == [1, 2, 3]
    assert [(each.peak, each.peak_at) for each in days] == [(0, None)] * 3


def test_a_peak_counts_all_severities_of_its_ten_minutes() -> None:
    [first, second] = load_days(
        [
            opened("01T08:00", Severity.MAJOR, 6),
            opened("01T08:00", Severity.INFO, 5),
            opened("01T23:50", Severity.CRITICAL, 10),
            opened("02T00:00", Severity.CRITICAL, 3),
        ],
        date(2026, 11, 1),
        date(2026, 11, 2),
    )
    assert (first.peak, first.peak_at) == (11, datetime(2026, 11, 1, 8, tzinfo=UTC))
    assert dict(first.counts) == {Severity.MAJOR: 6, Severity.INFO: 5, Severity.CRITICAL: 10}
    assert (second.peak, second.counts[Severity.CRITICAL]) == (3, 3)


def test_an_area_is_told_from_a_device_whatever_it_is_called() -> None:
    for area in ("A1", "a/b", "area/1", ""):
        assert area_of(area_subject("north", area)) == area
    assert area_of("north/area") == ""
    assert area_of("north/areas") == ""
