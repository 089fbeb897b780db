"""Times as people give them to a command."""

from datetime import datetime

from meterpark_cli.devices.conditions import AGE, read_age
from meterpark_cli.failures import WrongUsage

MOMENT_HELP = "A time like 2026-11-21T10:30 (local, or with zone), a day, or an age like 3d."


def read_moment(text: str, option: str, now: datetime) -> datetime:
    """Return the time that ``text`` names: ISO 8601, of the zone of ``now`` if it names none, or so long before now."""
    try:
        if AGE.fullmatch(text):
            return now - read_age(text, option)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment
    except (ValueError, OverflowError):
        raise WrongUsage(
            f"{option}: {text!r} is no time like 2026-11-21T10:30, and no age like 3d"
        ) from None
