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
    """Every alarm of the device that is not resolved, and not his already."""

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


WorkDeed: TypeAlias = Tag | MarkForExchange | UnmarkForExchange
AlarmDeed: TypeAlias = AcknowledgeAlarms | AssignAlarms
Deed: TypeAlias = WorkDeed | AlarmDeed


class DeedRefused(Exception):
    """This device does not take it; the text says why."""


def work_after(work: Work, deed: WorkDeed, username: str, at: datetime) -> Work:
    """Return what is said of a device after ``deed``; the very same when it was so already.

    Raises:
        DeedRefused: it would carry too many tags.
    """
    match deed:
        case Tag():
            tags = tuple(sorted({*work.tags, *deed.add} - set(deed.remove)))
            if len(tags) > TAGS_AT_MOST and len(tags) > len(work.tags):
                raise DeedRefused(f"it would carry {len(tags)} tags, {TAGS_AT_MOST} at most")
            after = replace(work, tags=tags)
        case MarkForExchange():
            # Who wanted it first, for the same reason, stays.
            if work.exchange is not None and work.exchange.reason == deed.reason:
                return work
            mark = ExchangeMark(reason=deed.reason, username=username, at=at)
            after = replace(work, exchange=mark)
        case UnmarkForExchange():
            after = replace(work, exchange=None)
        case _:
            assert_never(deed)
    return work if after == work else replace(after, version=work.version + 1)


def alarms_for(deed: AlarmDeed, alarms: Sequence[Alarm]) -> list[Alarm]:
    """Return those of a device's ``alarms`` that ``deed`` changes: of those that are shown."""
    wanted = [
        alarm
        for alarm in alarms
        if alarm.state not in {State.WAITING, State.RESOLVED}
        and (not deed.rules or alarm.rule in deed.rules)
    ]
    match deed:
        case AcknowledgeAlarms():
            return [alarm for alarm in wanted if alarm.state is State.OPEN]
        case AssignAlarms():
            return [alarm for alarm in wanted if alarm.assignee != deed.assignee]
        case _:
            assert_never(deed)


def wanted_of_an_alarm(deed: AlarmDeed) -> Acknowledge | Assign:
    match deed:
        case AcknowledgeAlarms():
            return Acknowledge()
        case AssignAlarms():
            return Assign(assignee=deed.assignee)
        case _:
            assert_never(deed)


def told(deed: Deed, count: int) -> str:
    """Return a sentence for people about ``deed`` done with ``count`` devices."""
    devices = f"{count:,} device{'' if count == 1 else 's'}"
    match deed:
        case AcknowledgeAlarms():
            return f"Acknowledge {_which(deed)} of {devices}"
        case AssignAlarms():
            return f"Assign {_which(deed)} of {devices} to {deed.assignee}"
        case Tag():
            parts = []
            if deed.add:
                parts.append(f"Tag {devices} with {', '.join(deed.add)}")
            if deed.remove:
                of = "them" if deed.add else devices
                parts.append(
                    f"{'remove' if deed.add else 'Remove'} {', '.join(deed.remove)} from {of}"
                )
            return ", ".join(parts)
        case MarkForExchange():
            return f"Mark {devices} for exchange: {deed.reason}"
        case UnmarkForExchange():
            return f"Remove the exchange mark from {devices}"
        case _:
            assert_never(deed)


def _which(deed: AlarmDeed) -> str:
    return f"alarms ({', '.join(deed.rules)})" if deed.rules else "all alarms"
