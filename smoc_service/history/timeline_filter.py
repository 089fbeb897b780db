"""Filter for the entries of a device's timeline."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from smoc_service.register.device import TimelineEntry

ALARM_KIND: Final = "alarm-"
# How much earlier than it happened something can have been recorded, by clocks that differ.
_CLOCKS_DIFFER_BY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Conditions are combined with "and", the values of one with "or"; an empty one does not count."""

    kinds: tuple[str, ...] = ()
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None
    flags: tuple[str, ...] = ()
    without_alarms: bool = False

    @property
    def wants_reports(self) -> bool:
        """Whether what was reported of the device can fit."""
        return not self.kinds or any(not kind.startswith(ALARM_KIND) for kind in self.kinds)

    @property
    def wants_alarms(self) -> bool:
        """Whether what was done with the device's alarms can fit; it carries no flags."""
        if self.without_alarms or self.flags:
            return False
        return not self.kinds or any(kind.startswith(ALARM_KIND) for kind in self.kinds)

    @property
    def recorded_from(self) -> datetime | None:
        """Return before which time nothing was recorded that fits."""
        try:
            return None if self.occurred_from is None else self.occurred_from - _CLOCKS_DIFFER_BY
        except OverflowError:  # the first day of the year 1: no limit
            return None

    def query(self) -> dict[str, Any]:
        """Return the conditions on stored entries of a device; no index serves them."""
        conditions: dict[str, Any] = {}
        if self.kinds:
            conditions["kind"] = {"$in": list(self.kinds)}
        if self.flags:
            conditions["flags"] = {"$in": list(self.flags)}
        occurred = {
            word: at
            for word, at in (("$gte", self.occurred_from), ("$lt", self.occurred_before))
            if at is not None
        }
        return conditions | ({"occurred_at": occurred} if occurred else {})

    def fits(self, entry: TimelineEntry) -> bool:
        at = entry.occurred_at
        return (
            (not self.kinds or entry.kind in self.kinds)
            and (not self.flags or any(flag in self.flags for flag in entry.flags))
            and (self.occurred_from is None or (at is not None and at >= self.occurred_from))
            and (self.occurred_before is None or (at is not None and at < self.occurred_before))
        )

    def fingerprint(self) -> str:
        """Return a text that is equal for equal conditions, in any order."""
        said = {
            "kinds": sorted(self.kinds),
            "occurred": [str(self.occurred_from), str(self.occurred_before)],
            "flags": sorted(self.flags),
            "without_alarms": self.without_alarms,
        }
        return json.dumps(said, ensure_ascii=True)
