"""An alarm, as it is at one moment, with all that was done to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from smoc_service.alarms.core.rules import Severity
from smoc_service.who import Who

# An alarm is one document. People's commands beyond this are refused, but the one that resolves; what rules do beyond
# it is done and not noted.
HISTORY_AT_MOST: Final = 300
# Counts of an area's alarm: at one look every five minutes, the last hour.
COUNTED_AT_MOST: Final = 12


class State(StrEnum):
    # Not listed: its cause has not lasted long enough, or an area's alarm represents it.
    WAITING = "WAITING"
    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ASSIGNED = "ASSIGNED"
    RESOLVED = "RESOLVED"


class Deed(StrEnum):
    """What was done to an alarm."""

    OPENED = "OPENED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ASSIGNED = "ASSIGNED"
    COMMENTED = "COMMENTED"
    SNOOZED = "SNOOZED"
    WOKEN = "WOKEN"
    JOINED = "JOINED"
    PARTED = "PARTED"
    CAUSE_OVER = "CAUSE_OVER"
    CAUSE_BACK = "CAUSE_BACK"
    RESOLVED = "RESOLVED"


# The rules themselves; no token has such a subject.
RULES: Final = Who(subject="", username="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: datetime
    who: Who
    deed: Deed
    # The assignee, the end of the snooze, or the area's alarm: depends on the deed.
    detail: str = ""
    comment: str = ""
    # Of the command; empty for what a rule did.
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many alarms of a list have one severity, and when the oldest of them was opened."""

    count: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many devices an area's alarm stood for at one look."""

    at: datetime
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    # "<network>/<number>"; numbers rise with time.
    alarm_id: str
    version: int
    rule: str
    category: str
    severity: Severity
    network: str
    # Empty: of an area.
    device_id: str
    area: str
    state: State
    # When its cause began, as the device or the head-end system says.
    since: datetime
    summary: str
    # When it has to be examined again, changed or not; None when it is resolved.
    look_at: datetime | None
    opened_at: datetime | None = None
    assignee: str = ""
    snoozed_until: datetime | None = None
    cause_over: bool = False
    # The area's alarm that represents this one.
    part_of: str = ""
    # Of the device at the last look; for storms.
    seen_revision: int = 0
    resolved_at: datetime | None = None
    # A user resolved it: the same cause, while it lasts, raises no new alarm.
    by_hand: bool = False
    history: tuple[Entry, ...] = ()
    # Of an area's alarm: what the newest looks counted, oldest first.
    counted: tuple[Counted, ...] = ()

    @property
    def subject(self) -> str:
        """Return what the alarm is about: of each rule, a subject has at most one that is not resolved."""
        return self.device_id or area_subject(self.network, self.area)

    @property
    def has_own_pace(self) -> bool:
        """Whether its looks are measurements, at times of their own: storms and areas."""
        return not self.device_id or self.seen_revision > 0

    def after(self, entry: Entry | None = None, **changes: Any) -> "Alarm":
        """Return the alarm's next version."""
        noted = entry is not None and (
            len(self.history) < HISTORY_AT_MOST or entry.deed is Deed.RESOLVED
        )
        history = (*self.history, entry) if noted and entry is not None else self.history
        return replace(self, version=self.version + 1, history=history, **changes)

    def resolved(self, entry: Entry) -> "Alarm":
        return self.after(
            entry,
            state=State.RESOLVED,
            resolved_at=entry.at,
            look_at=None,
            snoozed_until=None,
            part_of="",
            by_hand=entry.who != RULES,
        )


def area_subject(network: str, area: str) -> str:
    # No device id has two slashes.
    return f"{network}/area/{area}"


def area_of(subject: str) -> str:
    """Return the area that ``subject`` is; empty when it is a device."""
    _, _, named = subject.partition("/")
    return named.removeprefix("area/") if named.startswith("area/") else ""
