"""What a job does with each of its devices: to what people say of it, or to its alarms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from smoc_service.alarms.core.alarm import Alarm, State
from smoc_service.alarms.core.life import Acknowledge, Assign
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
AlarmAction: TypeAlias = AcknowledgeAlarms | AssignAlarms
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
    wanted = [
        alarm
        for alarm in alarms
        if alarm.state not in {State.WAITING, State.RESOLVED}
        and (not action.rules or alarm.rule in action.rules)
    ]
    match action:
        case AcknowledgeAlarms():
            return [alarm for alarm in wanted if alarm.state is State.OPEN]
        case AssignAlarms():
            return [alarm for alarm in wanted if alarm.assignee != action.assignee]
        case _:
            assert_never(action)


def action_on_an_alarm(action: AlarmAction) -> Acknowledge | Assign:
    match action:
        case AcknowledgeAlarms():
            return Acknowledge()
        case AssignAlarms():
            return Assign(assignee=action.assignee)
        case _:
            assert_never(action)


def sentence_for(action: Action, count: int) -> str:
    """Return a sentence for people about ``action`` done with ``count`` devices."""
    devices = f"{count:,} device{'' if count == 1 else 's'}"
    match action:
        case AcknowledgeAlarms():
            return f"Acknowledge {_which(action)} of {devices}"
        case AssignAlarms():
            return f"Assign {_which(action)} of {devices} to {action.assignee}"
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
            assert_never(action)


def _which(action: AlarmAction) -> str:
    return f"alarms ({', '.join(action.rules)})" if action.rules else "all alarms"
