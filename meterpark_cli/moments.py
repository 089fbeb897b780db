"""Times and ages as people give them to a command."""

import re
from datetime import datetime, timedelta

from meterpark_cli.failures import WrongUsage

MOMENT_HELP = "A time like 2026-11-21T10:30 (local, or with zone), a day, or an age like 3d."
_AGE = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str, option: str, now: datetime) -> datetime:
    """Return the time that ``text`` names: ISO 8601, of the zone of ``now`` if it names none, or so long before now."""
    try:
        if _AGE.fullmatch(text):
            return now - read_age(text, option)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment
    except (ValueError, OverflowError):
        raise WrongUsage(
            f"{option}: {text!r} is neither a time like 2026-11-21T10:30 nor an age like 3d"
        ) from None


def read_age(text: str, option: str) -> timedelta:
    parts = _AGE.fullmatch(text)
    if parts is None:
        raise WrongUsage(
            f"{option}: {text!r} is not an age: use a number and s, m, h, d or w, e.g. 36h"
        )
    return timedelta(**{_UNITS[parts[2]]: int(parts[1])})
