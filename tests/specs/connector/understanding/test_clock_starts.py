"""Clocks that lost their time: what they say in their first days is as unknown as "never"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding.times import CLOCK_STARTS
from tests.specs.connector.understanding.samples import (
    NORTH,
    event,
    events,
    linkage,
    message,
    meter_config,
    names,
    only,
    read,
    source,
)

if TYPE_CHECKING:
    from iec_connector.understanding import Source

SENT = "<Timestamp>2026-02-28T10:00:00Z</Timestamp>"
TEN = datetime(2026, 2, 28, 10, tzinfo=UTC)


def occurrence(written: str, of: Source = NORTH) -> tuple[datetime | None, datetime | None]:
    time = f"<createdDateTime>{written}</createdDateTime>"
    report = only(read(message(events(event(time=time)), more=SENT), of))
    return report.occurred_at, report.stated_at


@pytest.mark.parametrize(
    "written",
    [
        *("1970-01-01T00:00:00Z", "1970-01-01T05:30:00+05:30", "1970-01-03T11:00:00Z"),
        *("1899-12-30T00:00:00Z", "1900-01-01T00:00:00Z", "1601-01-01T00:00:00Z"),
        *("1980-01-01T00:00:05Z", "1980-01-06T00:00:05Z", "1999-08-22T00:10:00Z"),
        *("2000-01-01T00:00:12Z", "2000-01-01T00:00:12+08:00", "1999-12-31T23:00:12Z"),
        *("2000-01-02T17:00:00Z", "2000-01-07T23:59:59Z", "20000101000000", "2001-01-01T00:01:00Z"),
    ],
)
def test_a_clock_in_its_first_days_is_kept_and_not_believed(written: str) -> None:
    at, stated_at = occurrence(written)
    assert at is None
    assert stated_at is not None


@pytest.mark.parametrize(
    "written", ["2000-02-01T00:00:00Z", "2001-06-01T00:00:00Z", "1999-12-30T00:00:00Z"]
)
def test_other_times_are_reported_as_they_are(written: str) -> None:
    at, stated_at = occurrence(written)
    assert at is not None
    assert stated_at is None


def test_a_source_may_know_of_other_clocks() -> None:
    started = "2010-01-01T00:00:40Z"
    assert occurrence(started)[0] is not None
    of = source(clock_starts=(*CLOCK_STARTS, date(2010, 1, 1)))
    assert occurrence(started, of) == (None, datetime(2010, 1, 1, 0, 0, 40, tzinfo=UTC))


@pytest.mark.parametrize("start", CLOCK_STARTS)
def test_each_start_of_the_table_is_one_in_every_zone(start: date) -> None:
    for hours in (-14, 0, 12, 7 * 24 + 11):
        at = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(hours=hours)
        assert occurrence(at.isoformat())[0] is None


@pytest.mark.parametrize(
    ("payload", "noun"),
    [
        (
            meter_config(
                names()
                + "<status><value>active</value><dateTime>2000-01-01T00:00:00Z</dateTime></status>"
            ),
            "MeterConfig",
        ),
        (
            linkage(
                "<ConfigurationEvent><effectiveDateTime>1970-01-01T00:00:00Z</effectiveDateTime>"
                f"</ConfigurationEvent><Meter>{names()}</Meter><UsagePoint><mRID>U</mRID></UsagePoint>"
            ),
            "MasterDataLinkageConfig",
        ),
    ],
)
def test_what_is_configured_at_such_a_time_holds_from_when_it_was_said(
    payload: str, noun: str
) -> None:
    report = only(read(message(payload, noun=noun, more=SENT)))
    assert report.occurred_at == TEN
    assert report.stated_at is not None


def test_the_hub_learns_what_the_clock_said() -> None:
    time = "<createdDateTime>2000-01-01T00:00:12Z</createdDateTime>"
    wire = report_to_wire(only(read(message(events(event(time=time)), more=SENT))))
    assert not wire.HasField("occurred_time")
    assert wire.stated_time.ToDatetime(UTC) == datetime(2000, 1, 1, 0, 0, 12, tzinfo=UTC)
