"""Jobs between the contract's messages and the register's own words. Nothing else knows both."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf import json_format
from meterpark.smoc.v1 import device_service_pb2
from meterpark.smoc.v1 import job_service_pb2 as contract

from contract_limits import DEVICES_PER_CALL
from service_chassis.refusals import argument_invalid
from service_chassis.words import read_words, write_word
from smoc_service.alarms.wire import read_assignee, read_comment
from smoc_service.door.reading import read_device_id, read_values, under
from smoc_service.door.times import write_time
from smoc_service.jobs.core.actions import (
    TAGS_AT_MOST,
    AcknowledgeAlarms,
    Action,
    AssignAlarms,
    MarkForExchange,
    Tag,
    UnmarkForExchange,
)
from smoc_service.jobs.core.job import Job, Outcome, Selection, State
from smoc_service.jobs.core.skips import SkipReason
from smoc_service.jobs.documents import Item
from smoc_service.park.questions import filter_document, read_filter

REASON_AT_MOST: Final = 200
_TAG = re.compile(r"[a-z0-9_:-]{1,40}")


def read_selection(message: contract.DeviceSelection) -> Selection:
    """Return the checked selection; conditions stay in the contract's words, in which they are stored."""
    conditioned = message.HasField("filter")
    if conditioned == bool(message.device_ids):
        raise argument_invalid("selection", "give either filter or device_ids")
    if not conditioned:
        if message.excluded_device_ids:
            raise argument_invalid("selection.excluded_device_ids", "only with a filter")
        return Selection(device_ids=_read_device_ids(message.device_ids, "selection.device_ids"))
    if message.filter == device_service_pb2.DeviceFilter():
        raise argument_invalid("selection.filter", "no condition: name at least one")
    with under("selection"):
        read_filter(message.filter)
    return Selection(
        conditions=filter_document(message.filter),
        without=_read_device_ids(message.excluded_device_ids, "selection.excluded_device_ids"),
    )


def read_action(message: contract.JobAction) -> Action:
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
        case "tag":
            return _read_tag(message.tag)
        case "mark_for_exchange":
            return MarkForExchange(reason=_read_reason(message.mark_for_exchange.reason))
        case "unmark_for_exchange":
            return UnmarkForExchange()
        case _:
            raise argument_invalid("action", "missing")


def read_expected_count(count: int) -> int:
    if count < 0:
        raise argument_invalid("expected_count", "negative")
    return count


def read_states(request: contract.ListJobsRequest) -> tuple[State, ...]:
    return read_words(contract.JobState, request.states, State, "states")


def read_outcomes(request: contract.ListJobItemsRequest) -> tuple[Outcome, ...]:
    return read_words(contract.JobOutcome, request.outcomes, Outcome, "outcomes")


def write_job(job: Job) -> contract.Job:
    selection: contract.DeviceSelection | None = None
    if job.selection != Selection():
        selection = contract.DeviceSelection(
            device_ids=job.selection.device_ids, excluded_device_ids=job.selection.without
        )
    if selection is not None and job.selection.conditions is not None:
        json_format.ParseDict(dict(job.selection.conditions), selection.filter)
    return contract.Job(
        job_id=job.job_id,
        state=write_word(contract.JobState, job.state),
        selection=selection,
        action=_write_action(job.action),
        summary=job.summary,
        username=job.who.username,
        create_time=write_time(job.created_at),
        update_time=write_time(job.updated_at),
        end_time=write_time(job.ended_at),
        total_count=job.counts.total,
        pending_count=job.counts.pending,
        done_count=job.counts.done,
        unchanged_count=job.counts.unchanged,
        failed_count=job.counts.failed,
        skipped_count=job.counts.skipped,
    )


def write_skipped(skipped: Mapping[SkipReason, int]) -> list[contract.SkippedDevices]:
    return [
        contract.SkippedDevices(device_count=count, reason=write_word(contract.SkipReason, reason))
        for reason, count in skipped.items()
    ]


def write_item(item: Item) -> contract.JobItem:
    return contract.JobItem(
        device_id=item.device_id,
        outcome=write_word(contract.JobOutcome, item.outcome),
        detail=item.detail,
        time=write_time(item.at),
    )


def _read_device_ids(device_ids: Sequence[str], field: str) -> tuple[str, ...]:
    if len(device_ids) > DEVICES_PER_CALL:
        raise argument_invalid(field, f"more than {DEVICES_PER_CALL}")
    for index, device_id in enumerate(device_ids):
        read_device_id(device_id, f"{field}[{index}]")
    return tuple(dict.fromkeys(device_ids))


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


def _write_action(action: Action) -> contract.JobAction:
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
        case Tag():
            return contract.JobAction(tag=contract.TagAction(add=action.add, remove=action.remove))
        case MarkForExchange():
            return contract.JobAction(
                mark_for_exchange=contract.MarkForExchangeAction(reason=action.reason)
            )
        case UnmarkForExchange():
            return contract.JobAction(unmark_for_exchange=contract.UnmarkForExchangeAction())
