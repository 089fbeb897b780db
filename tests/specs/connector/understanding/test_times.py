"""Times as they are written, and what they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iec_connector.understanding.times import UNSAID, Moment, parse_time

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-02-28T09:15:00Z", (2026, 2, 28, 9, 15)),
        ("2026-02-28t09:15:00z", (2026, 2, 28, 9, 15)),
        ("2026-02-28T09:15Z", (2026, 2, 28, 9, 15)),
        ("2026-02-28T12:45:00+03:30", (2026, 2, 28, 9, 15)),
        ("2026-02-28T12:45:00+0330", (2026, 2, 28, 9, 15)),
        ("2026-02-28T12:15:00 +03", (2026, 2, 28, 9, 15)),
        ("2026-02-28T04:15:00-05:00", (2026, 2, 28, 9, 15)),
        ("2026-02-28T09:15:00 UTC", (2026, 2, 28, 9, 15)),
        ("20260228T091500Z", (2026, 2, 28, 9, 15)),
        ("2026-02-28T09:15:00.5Z", (2026, 2, 28, 9, 15, 0, 500000)),
        ("2026-02-28T09:15:00,5Z", (2026, 2, 28, 9, 15, 0, 500000)),
        ("2026-02-28T09:15:00.123456789Z", (2026, 2, 28, 9, 15, 0, 123456)),
        ("2026-02-28T24:00:00Z", (2026, 3, 1)),
        ("2026-06-30T23:59:60Z", (2026, 7, 1)),
        ("2026-02-28Z", (2026, 2, 28)),
    ],
)
def test_a_time_with_zone_is_that_time(text: str, at: tuple[int, ...]) -> None:
    year, month, day, *rest = at
    assert parse_time(text, ZURICH) == Moment(datetime(year, month, day, *rest, tzinfo=UTC))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2020-11-15 12:34:31", datetime(2020, 11, 15, 11, 34, 31, tzinfo=UTC)),
        ("2020-11-15  12:34:31", datetime(2020, 11, 15, 11, 34, 31, tzinfo=UTC)),
        ("20201115123431", datetime(2020, 11, 15, 11, 34, 31, tzinfo=UTC)),
        ("2020-07-15T12:34:31.25", datetime(2020, 7, 15, 10, 34, 31, 250000, tzinfo=UTC)),
        ("2020-11-15", datetime(2020, 11, 14, 23, tzinfo=UTC)),
        # Shown twice when daylight saving ends: the first.
        ("2025-10-26T02:30:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_in_the_zone_of_the_source(text: str, at: datetime) -> None:
    assert parse_time(text, ZURICH) == Moment(at, zone_assumed=True)


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:00:00Z",
        "1970-01-01T05:30:00+05:30",
        "1970-01-01 00:00:00",
        "1970-01-01",
        "1969-12-31T19:00:00-05:00",
        "0001-01-01T00:00:00",
    ],
)
def test_the_epoch_is_never(text: str) -> None:
    assert parse_time(text, ZURICH) == UNSAID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-13-01",
        "2026-02-28T25:00:00Z",
        "2026-02-28T24:00:01Z",
        "28.02.2026 09:15",
        "1772270100",
        "2026-02-28T09:15:00+25:00",
        "9999-12-31T23:59:59-05:00",
        "9999-12-31T24:00:00Z",
        "2026-02-28T09:15:00Z" + "0" * 10_000,
        "２０２６-02-28",  # noqa: RUF001 - digits of another script
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_time(text, ZURICH)


@given(
    st.datetimes(
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14 * 60, 14 * 60).map(
            lambda minutes: timezone(timedelta(minutes=minutes))
        ),
    )
)
def test_every_time_that_is_written_in_iso_8601_is_read_as_it_was(at: datetime) -> None:
    assert parse_time(at.isoformat(), ZURICH) == Moment(at.astimezone(UTC))


@given(st.text(alphabet="0123456789-:T.+ Z", max_size=40))
def test_nothing_but_value_error_is_raised(text: str) -> None:
    try:
        moment = parse_time(text, ZURICH)
    except ValueError:
        return
    assert moment.at is None or moment.at.tzinfo is UTC
