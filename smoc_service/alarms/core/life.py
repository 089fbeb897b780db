"""What users do with an alarm.

    state           acknowledge   assign     comment  snooze  resolve
    OPEN            ACKNOWLEDGED  ASSIGNED   yes      yes     RESOLVED
    ACKNOWLEDGED    refused       ASSIGNED   yes      yes     RESOLVED
    ASSIGNED        refused       ASSIGNED   yes      yes     RESOLVED
    RESOLVED        refused       refused    yes      refused refused
    WAITING is not listed, so it takes no command

RESOLVED is the end. If the cause comes back, a new alarm begins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias, assert_never

from smoc_service.alarms.core.alarm import HISTORY_AT_MOST, Alarm, Deed, Entry, State
from smoc_service.who import Who

SNOOZE_AT_MOST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    assignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    pass


Action: TypeAlias = Acknowledge | Assign | Comment | Snooze | Resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with its user and time. The same ``request_id`` again is the same command."""

    action: Action
    who: Who
    request_id: str
    at: datetime
    comment: str = ""


class CommandRefused(Exception):
    """The alarm does not take this command; the text says why."""


class StateRefused(CommandRefused):
    """Not in this state."""


class SnoozeRefused(CommandRefused):
    """Not until then."""


class HistoryFull(CommandRefused):
    """An alarm's history is bounded; this one can only be resolved."""


class RequestIdReused(CommandRefused):
    """The same request id came with another command."""


def obey(alarm: Alarm, command: Command) -> Alarm:
    """Return the alarm after ``command``; the very same alarm when it was obeyed before.

    Raises:
        CommandRefused: one of its four kinds.
    """
    entry = _entry(command)
    if _was_obeyed(alarm, entry):
        return alarm
    action = command.action
    if alarm.state is State.RESOLVED and not isinstance(action, Comment):
        raise StateRefused(f"alarm {alarm.alarm_id} is resolved")
    if len(alarm.history) >= HISTORY_AT_MOST and not isinstance(action, Resolve):
        raise HistoryFull(f"alarm {alarm.alarm_id} has {HISTORY_AT_MOST} entries, resolve it")
    match action:
        case Acknowledge():
            if alarm.state is not State.OPEN:
                raise StateRefused(f"alarm {alarm.alarm_id} is {alarm.state.lower()} already")
            return alarm.after(entry, state=State.ACKNOWLEDGED)
        case Assign():
            return alarm.after(entry, state=State.ASSIGNED, assignee=action.assignee)
        case Comment():
            return alarm.after(entry)
        case Snooze():
            return _snoozed(alarm, action.until, entry)
        case Resolve():
            return alarm.resolved(entry)
        case _:
            assert_never(action)


def _was_obeyed(alarm: Alarm, entry: Entry) -> bool:
    for done in alarm.history:
        if done.request_id == entry.request_id:
            if (done.deed, done.detail, done.comment) != (entry.deed, entry.detail, entry.comment):
                raise RequestIdReused("request_id: was used for another command")
            return True
    return False


def _snoozed(alarm: Alarm, until: datetime, entry: Entry) -> Alarm:
    if not entry.at < until <= entry.at + SNOOZE_AT_MOST:
        raise SnoozeRefused(f"until: not within the next {SNOOZE_AT_MOST.days} days")
    look_at = alarm.look_at
    if look_at is not None and not alarm.has_own_pace:
        look_at = min(look_at, until)
    return alarm.after(entry, snoozed_until=until, look_at=look_at)


def _entry(command: Command) -> Entry:
    deed, detail = _noted(command.action)
    return Entry(
        at=command.at,
        who=command.who,
        deed=deed,
        detail=detail,
        comment=command.comment,
        request_id=command.request_id,
    )


def _noted(action: Action) -> tuple[Deed, str]:
    match action:
        case Acknowledge():
            return Deed.ACKNOWLEDGED, ""
        case Assign():
            return Deed.ASSIGNED, action.assignee
        case Comment():
            return Deed.COMMENTED, ""
        case Snooze():
            return Deed.SNOOZED, action.until.isoformat()
        case Resolve():
            return Deed.RESOLVED, ""
        case _:
            assert_never(action)
