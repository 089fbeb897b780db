"""What a job does with each of its devices: to what people say of it, or to its alarms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from smoc_service.alarms.core.alarm import Alarm, State
from smoc_service.alarms.core.life import Acknowledge, Assign, Comment, Resolve, Snooze
from smoc_service.alarms.core.life import Action as ActionOnAnAlarm
from smoc_service.register.device import ExchangeMark, Work

TAGS_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlarms:
    """Every alarm of the device that is open."""

    comment: str = ""
    # Empty: alarms of all rules.
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignAlarms:
    """Every alarm of the device that is not resolved, and not assigned to the user already."""

    assignee: str
    comment: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveAlarms:
    """Every alarm of the device that is not resolved."""

    comment: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeAlarms:
    """Every alarm of the device that is not resolved, and does not sleep until then already."""

    until: datetime
    comment: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAlarms:
    """Every alarm of the device that is not resolved."""

    comment: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkForExchange:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmarkForExchange:
    pass


WorkAction: TypeAlias = Tag | MarkForExchange | UnmarkForExchange
AlarmAction: TypeAlias = (
    AcknowledgeAlarms | AssignAlarms | ResolveAlarms | SnoozeAlarms | CommentAlarms
)
Action: TypeAlias = WorkAction | AlarmAction


class ActionRefused(Exception):
    """This device does not take it; the text says why."""


def work_after(work: Work, action: WorkAction, username: str, at: datetime) -> Work:
    """Return a device's work data after ``action``; the same object when nothing changes.

    Raises:
        ActionRefused: the device would have too many tags.
    """
    match action:
        case Tag():
            tags = tuple(sorted({*work.tags, *action.add} - set(action.remove)))
            if len(tags) > TAGS_AT_MOST and len(tags) > len(work.tags):
                raise ActionRefused(f"it would carry {len(tags)} tags, {TAGS_AT_MOST} at most")
            after = replace(work, tags=tags)
        case MarkForExchange():
            # The first user who asked for it, for the same reason, stays.
            if work.exchange is not None and work.exchange.reason == action.reason:
                return work
            mark = ExchangeMark(reason=action.reason, username=username, at=at)
            after = replace(work, exchange=mark)
        case UnmarkForExchange():
            after = replace(work, exchange=None)
        case _:
            assert_never(action)
    return work if after == work else replace(after, version=work.version + 1)


def alarms_for(action: AlarmAction, alarms: Sequence[Alarm]) -> list[Alarm]:
    """Return those of a device's ``alarms`` that ``action`` changes: of those that are shown."""
    return [
        alarm
        for alarm in alarms
        if alarm.state is not State.RESOLVED
        and (not action.rules or alarm.rule in action.rules)
        and not why_not(action, alarm)
    ]


def why_not(action: AlarmAction, alarm: Alarm) -> str:
    """Return why there is nothing to do with ``alarm``, for people; empty when there is."""
    if alarm.state is State.WAITING:
        return "an alarm of its area stands for it"
    if alarm.state is State.RESOLVED and not isinstance(action, CommentAlarms):
        return "is resolved already"
    match action:
        case AcknowledgeAlarms():
            return "" if alarm.state is State.OPEN else f"is {alarm.state.lower()} already"
        case AssignAlarms():
            is_so = alarm.assignee == action.assignee
            return f"is assigned to {action.assignee} already" if is_so else ""
        case SnoozeAlarms():
            return "sleeps until then already" if alarm.snoozed_until == action.until else ""
        case ResolveAlarms() | CommentAlarms():
            return ""
        case _:
            assert_never(action)


def action_on_an_alarm(action: AlarmAction) -> ActionOnAnAlarm:
    match action:
        case AcknowledgeAlarms():
            return Acknowledge()
        case AssignAlarms():
            return Assign(assignee=action.assignee)
        case ResolveAlarms():
            return Resolve()
        case SnoozeAlarms():
            return Snooze(until=action.until)
        case CommentAlarms():
            return Comment()
        case _:
            assert_never(action)


def sentence_for(action: Action, count: int, *, of_alarms: bool = False) -> str:
    """Return a sentence for people about ``action`` done with ``count`` devices, or alarms."""
    devices = f"{count:,} device{'' if count == 1 else 's'}"
    match action:
        case Tag():
            parts = []
            if action.add:
                parts.append(f"Tag {devices} with {', '.join(action.add)}")
            if action.remove:
                of = "them" if action.add else devices
                parts.append(
                    f"{'remove' if action.add else 'Remove'} {', '.join(action.remove)} from {of}"
                )
            return ", ".join(parts)
        case MarkForExchange():
            return f"Mark {devices} for exchange: {action.reason}"
        case UnmarkForExchange():
            return f"Remove the exchange mark from {devices}"
        case _:
            alarms = f"{count:,} alarm{'' if count == 1 else 's'}"
            return _sentence_of_alarms(
                action, alarms if of_alarms else f"{_which(action)} of {devices}"
            )


def _sentence_of_alarms(action: AlarmAction, alarms: str) -> str:
    match action:
        case AcknowledgeAlarms():
            return f"Acknowledge {alarms}"
        case AssignAlarms():
            return f"Assign {alarms} to {action.assignee}"
        case ResolveAlarms():
            return f"Resolve {alarms}"
        case SnoozeAlarms():
            return f"Snooze {alarms} until {action.until:%Y-%m-%d %H:%M} UTC"
        case CommentAlarms():
            return f"Comment {alarms}"
        case _:
            assert_never(action)


def _which(action: AlarmAction) -> str:
    return f"alarms ({', '.join(action.rules)})" if action.rules else "all alarms"
