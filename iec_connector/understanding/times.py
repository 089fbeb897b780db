"""Times as head-end systems write them.

ISO 8601, with a blank for the ``T``, without zone, with a zone without colon, with fractions of any length,
with ``24:00:00``, without separators. 1970-01-01, 0001-01-01 and 9999-12-31 are how meters, .NET and SAP write
"never".

A clock that lost its time starts again at one of ``CLOCK_STARTS`` and runs on until it is set: its time in the first
days after is as unknown as "never" (see ``is_clock_start``).
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from iec_connector.understanding.element import Element

_TIME = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"
    r"(?:[Tt ]\s{0,9}|(?=[0-9]{4}))?"
    r"(?:([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,99}))?)?)?"
    r"\s{0,9}(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.ASCII,
)
# How most systems write a time; "never" is not among them.
_USUAL = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z", re.ASCII
)
_FIRST_DAY = ("0001", "01", "01")
_LAST_DAY = ("9999", "12", "31")
_MICROSECOND_DIGITS = 6
_LEAP_SECOND = 60
_LONGEST_REMEMBERED = 64
_MIDNIGHT_AFTER = 24


CLOCK_STARTS = (
    date(1970, 1, 1),  # Unix
    date(1980, 1, 1),  # MS-DOS, and many real-time clocks
    date(1980, 1, 6),  # GPS
    date(1990, 1, 1),
    date(1999, 8, 22),  # GPS, first week roll-over
    date(2000, 1, 1),  # most meters; Zigbee and DLMS count from here
    date(2001, 1, 1),
)
"""Where clocks start that have lost their time; a source's settings add its own."""

CLOCK_START_DAYS = 7
"""For so many days after its start a clock is not believed: by then it was set, or never will be."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A start is a local midnight somewhere: zones go from -12 to +14 hours.
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)


class Moment(NamedTuple):
    """A time, or ``None`` for none or "never"; and whether its zone had to be assumed.

    ``stated_at`` is what a clock said that is not believed; ``wrong`` a date that could not be read. ``takes_effect``:
    ``at`` is when something takes effect, which may lie ahead; it was said at ``said_at``, if that is told.
    """

    at: datetime | None
    zone_assumed: bool = False
    stated_at: datetime | None = None
    wrong: Unreadable | None = None
    takes_effect: bool = False
    said_at: datetime | None = None


UNSAID = Moment(None)


def is_clock_start(at: datetime, starts: tuple[date, ...]) -> bool:
    """Return whether a clock that shows ``at`` has lost its time: ``at`` is in the first days of one of ``starts``.

    Before 1970 there was no clock to say so: 1899-12-30, 1900-01-01 and the like are empty fields.
    """
    windows, last = _windows(starts)
    return at < last and (at < _EPOCH or any(begin <= at < end for begin, end in windows))


@lru_cache(maxsize=64)
def _windows(starts: tuple[date, ...]) -> tuple[list[tuple[datetime, datetime]], datetime]:
    """When clocks are not believed, and the end of the last of these times."""
    windows = []
    for start in starts:
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
        end = midnight + timedelta(days=CLOCK_START_DAYS) + _LATEST_ZONE
        windows.append((midnight - _EARLIEST_ZONE, end))
    return windows, max((end for _, end in windows), default=_EPOCH)


def first_of(*moments: Moment) -> Moment:
    """The first of them that says a time; with the first date among them that could not be read."""
    said = next((each for each in moments if each.at is not None), None)
    stated = next((each.stated_at for each in moments if each.stated_at is not None), None)
    wrong = next((each.wrong for each in moments if each.wrong is not None), None)
    if said is None:
        return Moment(None, stated_at=stated, wrong=wrong)
    return said._replace(wrong=wrong)


def newest_of(*moments: Moment) -> Moment:
    """The newest of them; with the first date among them that could not be read."""
    said = [each for each in moments if each.at is not None]
    newest = max(said, key=lambda each: each.at or datetime.min.replace(tzinfo=UTC), default=UNSAID)
    return first_of(newest, *moments)


def parse_time(text: str, zone: tzinfo) -> Moment:
    """The moment that ``text`` says, in UTC; ``zone`` is taken when it names none.

    A time that the clocks show twice when daylight saving ends is the first of the two.

    Raises:
        ValueError: not a time.
    """
    moment = _stated(text, zone)
    return UNSAID if moment.at is None or _says_never(moment.at) else moment


def _says_never(at: datetime) -> bool:
    return (at.year, at.month, at.day) == (1970, 1, 1)


def _stated(text: str, zone: tzinfo) -> Moment:
    """What the text says, "never" as the 1st of January 1970; nothing for the first and the last day that there is.

    Raises:
        ValueError: not a time.
    """
    return _parsed(text, zone) if len(text) <= _LONGEST_REMEMBERED else _parsed_anew(text, zone)


def _parsed_anew(text: str, zone: tzinfo) -> Moment:
    if _USUAL.fullmatch(text) is not None:
        with suppress(ValueError):
            # In C. What it refuses may still be a time: 24:00:00, a leap second.
            return Moment(datetime.fromisoformat(text))
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time in ISO 8601")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if (year, month, day) == _FIRST_DAY:
        return UNSAID
    seconds = int(second or 0)
    hours = int(hour or 0)
    # 24:00:00 is the end of a day, :60 a leap second: both are the next second.
    carry = timedelta()
    if hours == _MIDNIGHT_AFTER and not int(minute or 0) and not seconds:
        hours, carry = 0, timedelta(days=1)
    elif seconds == _LEAP_SECOND:
        seconds, carry = _LEAP_SECOND - 1, timedelta(seconds=1)
    microsecond = int((fraction or "0")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0"))
    stated = datetime(
        int(year),
        int(month),
        int(day),
        hours,
        int(minute or 0),
        seconds,
        microsecond,
        tzinfo=_offset(offset) if offset else zone,
    )
    try:
        at = (stated + carry).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the years 1 to 9999") from None
    if (year, month, day) == _LAST_DAY:
        return UNSAID
    if (year, month, day) == ("1970", "01", "01") and not _says_never(at):
        # The epoch in another zone.
        at = datetime(1970, 1, 1, tzinfo=UTC)
    return Moment(at, zone_assumed=not offset)


# The meters of a message write the same times: of 96 values a day each.
_parsed = lru_cache(maxsize=4_096)(_parsed_anew)


def plain_moment(text: str, zone: tzinfo) -> Moment:
    """The moment in a text that says one; nothing when it says "never", or is no time."""
    try:
        moment = _stated(text, zone)
    except ValueError:
        return UNSAID
    return UNSAID if moment.at is None or _says_never(moment.at) else moment


def moment_at(element: Element | None, zone: tzinfo, *names: str) -> Moment:
    """Return the moment in the first of the children ``names`` that holds one.

    An unreadable date affects nothing else: the next child is read, and ``wrong`` holds the error with the place of
    the child.
    """
    if element is None:
        return UNSAID
    wrong: Unreadable | None = None
    stated_at: datetime | None = None
    for name in names:
        text = element.text(name)
        if not text:
            continue
        try:
            moment = _stated(text, zone)
        except ValueError as error:
            wrong = wrong or _time_invalid(element, name, text, error)
            continue
        if moment.at is None:
            continue
        if _says_never(moment.at):
            stated_at = stated_at or moment.at
            continue
        return Moment(moment.at, moment.zone_assumed, wrong=wrong)
    return Moment(None, stated_at=stated_at, wrong=wrong)


def _time_invalid(element: Element, name: str, text: str, error: ValueError) -> Unreadable:
    child = element.first(name) or element
    return Unreadable(
        Reason.TIME_INVALID, f"{child.written_name} {text[:60]!r} is no time: {error}", at=child
    )


def _offset(text: str) -> tzinfo:
    if text in ("Z", "z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-distance if text[0] == "-" else distance)
