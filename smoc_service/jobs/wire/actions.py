"""What is done by a job, as messages say it."""

import re
from datetime import datetime
from typing import Final

from meterpark.smoc.v1 import job_service_pb2 as contract

from service_chassis.conditions import read_values
from service_chassis.refusals import argument_invalid
from service_chassis.times import read_time, write_time
from smoc_service.alarms.core.life import SNOOZE_AT_MOST
from smoc_service.alarms.wire import read_assignee, read_comment
from smoc_service.jobs.core.actions import (
    TAGS_AT_MOST,
    AcknowledgeAlarms,
    Action,
    AssignAlarms,
    CommentAlarms,
    MarkForExchange,
    ResolveAlarms,
    SnoozeAlarms,
    Tag,
    UnmarkForExchange,
)
from smoc_service.mongodb import as_stored

REASON_AT_MOST: Final = 200
_TAG = re.compile(r"[a-z0-9_:-]{1,40}")


def read_action(
    request: contract.CreateJobRequest | contract.PreviewJobRequest, now: datetime
) -> Action:
    """Return what is to be done, checked; alarms take fewer actions than devices."""
    action = _read_action(request.action, now)
    if request.HasField("alarm_selection"):
        if isinstance(action, Tag | MarkForExchange | UnmarkForExchange):
            raise argument_invalid("action", "not one that alarms take")
        if action.rules:
            raise argument_invalid("action.rules", "belong to devices: name rules in the filter")
    return action


def _read_action(message: contract.JobAction, now: datetime) -> Action:
    match message.WhichOneof("action"):
        case "acknowledge_alarms":
            acknowledge = message.acknowledge_alarms
            return AcknowledgeAlarms(
                comment=read_comment(acknowledge.comment, "action.acknowledge_alarms.comment"),
                rules=read_values(acknowledge.rules, "action.acknowledge_alarms.rules"),
            )
        case "assign_alarms":
            assign = message.assign_alarms
            return AssignAlarms(
                assignee=read_assignee(assign.assignee, "action.assign_alarms.assignee"),
                comment=read_comment(assign.comment, "action.assign_alarms.comment"),
                rules=read_values(assign.rules, "action.assign_alarms.rules"),
            )
        case "resolve_alarms":
            resolve = message.resolve_alarms
            return ResolveAlarms(
                comment=read_comment(resolve.comment, "action.resolve_alarms.comment"),
                rules=read_values(resolve.rules, "action.resolve_alarms.rules"),
            )
        case "snooze_alarms":
            snooze = message.snooze_alarms
            return SnoozeAlarms(
                until=_read_until(snooze, now),
                comment=read_comment(snooze.comment, "action.snooze_alarms.comment"),
                rules=read_values(snooze.rules, "action.snooze_alarms.rules"),
            )
        case "comment_alarms":
            return _read_comment_alarms(message.comment_alarms)
        case "tag":
            return _read_tag(message.tag)
        case "mark_for_exchange":
            return MarkForExchange(reason=_read_reason(message.mark_for_exchange.reason))
        case "unmark_for_exchange":
            return UnmarkForExchange()
        case _:
            raise argument_invalid("action", "missing")


def write_action(action: Action) -> contract.JobAction:
    match action:
        case AcknowledgeAlarms():
            return contract.JobAction(
                acknowledge_alarms=contract.AcknowledgeAlarmsAction(
                    comment=action.comment, rules=action.rules
                )
            )
        case AssignAlarms():
            return contract.JobAction(
                assign_alarms=contract.AssignAlarmsAction(
                    assignee=action.assignee, comment=action.comment, rules=action.rules
                )
            )
        case ResolveAlarms():
            return contract.JobAction(
                resolve_alarms=contract.ResolveAlarmsAction(
                    comment=action.comment, rules=action.rules
                )
            )
        case SnoozeAlarms():
            return contract.JobAction(
                snooze_alarms=contract.SnoozeAlarmsAction(
                    until_time=write_time(action.until),
                    comment=action.comment,
                    rules=action.rules,
                )
            )
        case CommentAlarms():
            return contract.JobAction(
                comment_alarms=contract.CommentAlarmsAction(
                    comment=action.comment, rules=action.rules
                )
            )
        case Tag():
            return contract.JobAction(tag=contract.TagAction(add=action.add, remove=action.remove))
        case MarkForExchange():
            return contract.JobAction(
                mark_for_exchange=contract.MarkForExchangeAction(reason=action.reason)
            )
        case UnmarkForExchange():
            return contract.JobAction(unmark_for_exchange=contract.UnmarkForExchangeAction())


def _read_until(message: contract.SnoozeAlarmsAction, now: datetime) -> datetime:
    until = read_time(message, "until_time", "action.snooze_alarms")
    if until is None or not now < until <= now + SNOOZE_AT_MOST:
        raise argument_invalid(
            "action.snooze_alarms.until_time", f"not within the next {SNOOZE_AT_MOST.days} days"
        )
    return as_stored(until)


def _read_comment_alarms(message: contract.CommentAlarmsAction) -> CommentAlarms:
    comment = read_comment(message.comment, "action.comment_alarms.comment")
    if not comment:
        raise argument_invalid("action.comment_alarms.comment", "empty")
    rules = read_values(message.rules, "action.comment_alarms.rules")
    return CommentAlarms(comment=comment, rules=rules)


def _read_tag(message: contract.TagAction) -> Tag:
    for name in ("add", "remove"):
        given = getattr(message, name)
        if len(given) > TAGS_AT_MOST:
            raise argument_invalid(f"action.tag.{name}", f"more than {TAGS_AT_MOST} tags")
        for index, tag in enumerate(given):
            if not _TAG.fullmatch(tag):
                raise argument_invalid(
                    f"action.tag.{name}[{index}]",
                    f"{tag[:60]!r} is not 1 to 40 of small letters, digits, '-', '_', ':'",
                )
    if not message.add and not message.remove:
        raise argument_invalid("action.tag", "no tag to add or remove")
    if both := set(message.add) & set(message.remove):
        raise argument_invalid("action.tag.remove", f"{min(both)!r} is to be added, too")
    return Tag(add=tuple(sorted(set(message.add))), remove=tuple(sorted(set(message.remove))))


def _read_reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= REASON_AT_MOST or not reason.isprintable():
        raise argument_invalid(
            "action.mark_for_exchange.reason", f"not 1 to {REASON_AT_MOST} printable characters"
        )
    return reason
