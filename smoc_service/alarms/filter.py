"""The alarms that a caller selects and may see, as a MongoDB query."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service_chassis.scope import Scope
from smoc_service.alarms.core.alarm import Alarm, Deed, State
from smoc_service.alarms.documents import NARROWED_BY, OPEN, RESOLVED, SNOOZED
from smoc_service.register.device import network_of

_UNRESOLVED = (State.OPEN, State.ACKNOWLEDGED, State.ASSIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Conditions are combined with "and", the values of one with "or"; an empty one does not count."""

    # By what it narrows (``NARROWED_BY``), networks among them; only those that are a condition.
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Empty: those that need attention.
    states: tuple[State, ...] = ()
    with_snoozed: bool = False

    def within(self, scope: Scope) -> "ScopedAlarmFilter":
        """Return the conditions, cut to the networks of ``scope``: the only way from conditions to a query.

        Raises:
            NetworkDenied: a network, or a device of one, is named that lies outside of it.
        """
        for network in self.narrowed.get("network", ()):
            scope.require(network, f"network {network}")
        for device_id in self.narrowed.get("device_id", ()):
            scope.require(network_of(device_id), f"device {device_id}")
        narrowed = dict(self.narrowed)
        if scope.networks is not None:
            narrowed.setdefault("network", tuple(sorted(scope.networks)))
        return ScopedAlarmFilter(
            narrowed=narrowed,
            states=self.states or _UNRESOLVED,
            with_snoozed=self.with_snoozed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedAlarmFilter:
    """Conditions that find nothing which their caller may not see. Made by ``AlarmFilter.within`` alone."""

    narrowed: Mapping[str, tuple[str, ...]]
    states: tuple[State, ...]
    with_snoozed: bool

    def fits(self, alarm: Alarm) -> bool:
        """Return whether watchers of the list need this alarm: it is in the list, or may have been until now.

        State, snooze and assignee change. Everything else that a filter names stays the same for an alarm's life.
        """
        return all(
            any(value in values for value in _values(alarm, name))
            for name, values in self.narrowed.items()
        )

    def query(self) -> dict[str, Any]:
        conditions: dict[str, Any] = {"shown": True, "shelf": {"$in": self._shelves()}}
        for name, values in self.narrowed.items():
            conditions[name] = values[0] if len(values) == 1 else {"$in": list(values)}
        wanted = {state for state in self.states if state is not State.RESOLVED}
        if wanted and wanted != set(_UNRESOLVED):
            conditions["state"] = {"$in": sorted(self.states)}
        return conditions

    def index(self) -> str:
        """Return the index to follow: that of the condition which leaves least, as a rule."""
        narrowing = [name for name in NARROWED_BY if name in self.narrowed]
        return f"listed_by_{narrowing[0]}" if narrowing else "listed"

    def fingerprint(self) -> str:
        """Return a text that is equal for equal conditions, in any order."""
        narrowed = {name: sorted(values) for name, values in sorted(self.narrowed.items())}
        return json.dumps([narrowed, sorted(self.states), self.with_snoozed], ensure_ascii=True)

    def _shelves(self) -> list[str]:
        shelves = []
        if set(self.states) & set(_UNRESOLVED):
            shelves.append(OPEN)
            if self.with_snoozed:
                shelves.append(SNOOZED)
        if State.RESOLVED in self.states:
            shelves.append(RESOLVED)
        return shelves


def _values(alarm: Alarm, name: str) -> Iterator[str]:
    yield getattr(alarm, name)
    if name == "assignee":
        yield from (entry.detail for entry in alarm.history if entry.deed is Deed.ASSIGNED)
