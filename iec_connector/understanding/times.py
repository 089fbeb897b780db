"""Times as head-end systems write them.

ISO 8601, with a blank for the ``T``, without zone, with a zone without colon, with fractions of any length,
with ``24:00:00``, without separators. 1970-01-01 and 0001-01-01 are how meters and .NET write "never".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
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
_MICROSECOND_DIGITS = 6
_LEAP_SECOND = 60
_MIDNIGHT_AFTER = 24


class Moment(NamedTuple):
    """A time, or ``None`` for none or "never"; and whether its zone had to be assumed."""

    at: datetime | None
    zone_assumed: bool = False


UNSAID = Moment(None)


def parse_time(text: str, zone: tzinfo) -> Moment:
    """The moment that ``text`` says, in UTC; ``zone`` is taken when it names none.

    A time that the clocks show twice when daylight saving ends is the first of the two.

    Raises:
        ValueError: not a time.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time in ISO 8601")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if (year, month, day) in (("1970", "01", "01"), ("0001", "01", "01")):
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
    if (at.year, at.month, at.day) == (1970, 1, 1):
        return UNSAID
    return Moment(at, zone_assumed=not offset)


def moment_at(element: Element, zone: tzinfo, *names: str) -> Moment:
    """The moment in the first of the children ``names`` that holds one.

    Raises:
        Unreadable: ``TIME_INVALID``, with the place of the child.
    """
    for name in names:
        text = element.text(name)
        if not text:
            continue
        try:
            return parse_time(text, zone)
        except ValueError as error:
            child = element.first(name) or element
            raise Unreadable(
                Reason.TIME_INVALID,
                f"{child.written_name} {text[:60]!r} is no time: {error}",
                at=child,
            ) from None
    return UNSAID


def _offset(text: str) -> tzinfo:
    if text in ("Z", "z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-distance if text[0] == "-" else distance)
