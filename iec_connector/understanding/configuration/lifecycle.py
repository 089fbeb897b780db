"""What a configuration message says about the life of a device.

In this order:

1. Verbs that end something (deleted, closed, canceled) -> REMOVED.
2. ``deviceState`` of IEC4HES, or a status that is one of its values, is taken as it is.
3. A status text of the table of life-cycle words (``tables/lifecycle_words.py``; ``dlc.default.inStock``: what stands
   behind the last dot counts).
4. All else says nothing: a status that is not in the table (``inactive``; it is kept as text), dates, and a verb alone.
   Head-end systems publish all their meters again as ``created`` after a restart, and a park in operation must
   not return to the shelf. The dates of ``lifecycle`` are reported as they are; what follows from them, and what a
   device is of which only the existence is known, the hub decides, which knows what came before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.times import parse_time

if TYPE_CHECKING:
    from datetime import tzinfo

    from iec_connector.understanding.element import Element

_LIFE_DATES = (
    *("manufacturedDate", "purchaseDate", "receivedDate"),
    *("installationDate", "removalDate", "retiredDate"),
)
_DAY_LENGTH = len("2026-03-01")


def life_dates(meter: Element, zone: tzinfo) -> dict[str, str]:
    """The dates of ``lifecycle`` (``lifecycleDate`` of edition 3) in ISO 8601, with zone where there is a time.

    Not those that say "never".
    A date that cannot be read is kept as written: nothing hangs on it.
    """
    lifecycle = meter.first("lifecycle", "lifecycledate")
    if lifecycle is None:
        return {}
    dates: dict[str, str] = {}
    for name in _LIFE_DATES:
        text = lifecycle.text(name.lower())[:64]
        if not text:
            continue
        try:
            at = parse_time(text, zone).at
        except ValueError:
            dates[name] = text
            continue
        if at is not None:
            dates[name] = (
                text if len(text) == _DAY_LENGTH else at.isoformat().replace("+00:00", "Z")
            )
    return dates
