"""The devices or alarms of a job, and the action on each."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from meterpark.smoc.v1 import job_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.alarms.alarm import AlarmFilterInput
from bff.graph.devices.filter import DeviceFilterInput, filter_to_wire
from bff.graph.fields import stamp_of


@strawberry.enum
class JobActionKind(Enum):
    ACKNOWLEDGE_ALARMS = "acknowledge_alarms"
    ASSIGN_ALARMS = "assign_alarms"
    TAG = "tag"
    MARK_FOR_EXCHANGE = "mark_for_exchange"
    UNMARK_FOR_EXCHANGE = "unmark_for_exchange"
    RESOLVE_ALARMS = "resolve_alarms"
    SNOOZE_ALARMS = "snooze_alarms"
    COMMENT_ALARMS = "comment_alarms"


@strawberry.input(
    description="Exactly one of both: a filter with at least one condition, or 1 to 500 devices."
)
class DeviceSelectionInput:
    filter: DeviceFilterInput | None = None
    device_ids: list[strawberry.ID] | None = None
    excluded_device_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Up to 500 that are left out of what the filter finds."
    )


@strawberry.input(
    description="Exactly one of both: a filter, empty for all that need attention, or 1 to 500 alarms."
)
class AlarmSelectionInput:
    filter: AlarmFilterInput | None = None
    alarm_ids: list[strawberry.ID] | None = None
    excluded_alarm_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Up to 500 that are left out of what the filter finds."
    )


@strawberry.input(
    description="The action on each device or alarm: its kind, and the arguments of that kind."
)
class JobActionInput:
    kind: JobActionKind
    comment: str | None = strawberry.field(default=None, description="Of actions on alarms.")
    rules: list[str] | None = strawberry.field(
        default=None, description="Only devices' alarms of these rules; null or empty: of all."
    )
    assignee: str | None = strawberry.field(default=None, description="Of ASSIGN_ALARMS.")
    add_tags: list[str] | None = strawberry.field(default=None, description="Of TAG.")
    remove_tags: list[str] | None = strawberry.field(default=None, description="Of TAG.")
    reason: str | None = strawberry.field(default=None, description="Of MARK_FOR_EXCHANGE.")
    until: datetime | None = strawberry.field(
        default=None, description="Of SNOOZE_ALARMS: within the next 90 days."
    )


_BELONGS = {
    JobActionKind.ACKNOWLEDGE_ALARMS: {"comment", "rules"},
    JobActionKind.ASSIGN_ALARMS: {"comment", "rules", "assignee"},
    JobActionKind.TAG: {"add_tags", "remove_tags"},
    JobActionKind.MARK_FOR_EXCHANGE: {"reason"},
    JobActionKind.UNMARK_FOR_EXCHANGE: set[str](),
    JobActionKind.RESOLVE_ALARMS: {"comment", "rules"},
    JobActionKind.SNOOZE_ALARMS: {"comment", "rules", "until"},
    JobActionKind.COMMENT_ALARMS: {"comment", "rules"},
}


def selection_to_wire(given: DeviceSelectionInput) -> wire.DeviceSelection:
    """Return ``given`` for the contract; raise Failure when it names both ways, or none."""
    if (given.filter is None) == (not given.device_ids):
        raise argument_invalid("selection", "either a filter or device ids")
    return wire.DeviceSelection(
        filter=filter_to_wire(given.filter, "selection.filter"),
        device_ids=given.device_ids,
        excluded_device_ids=given.excluded_device_ids,
    )


def alarms_to_wire(given: AlarmSelectionInput) -> wire.AlarmSelection:
    """Return ``given`` for the contract; raise Failure when it names both ways, or none."""
    if (given.filter is None) == (not given.alarm_ids):
        raise argument_invalid("selection", "either a filter or alarm ids")
    return wire.AlarmSelection(
        filter=given.filter.to_wire() if given.filter else None,
        alarm_ids=given.alarm_ids,
        excluded_alarm_ids=given.excluded_alarm_ids,
    )


def action_to_wire(given: JobActionInput) -> wire.JobAction:
    """Return ``given`` for the contract; raise Failure for what does not belong to its kind."""
    for name in ("comment", "rules", "assignee", "add_tags", "remove_tags", "reason", "until"):
        if getattr(given, name) and name not in _BELONGS[given.kind]:
            raise argument_invalid(f"action.{name}", f"does not belong to {given.kind.name}")
    if given.kind.name.endswith("_ALARMS"):
        return _on_alarms(given)
    match given.kind:
        case JobActionKind.TAG:
            return wire.JobAction(tag=wire.TagAction(add=given.add_tags, remove=given.remove_tags))
        case JobActionKind.MARK_FOR_EXCHANGE:
            return wire.JobAction(
                mark_for_exchange=wire.MarkForExchangeAction(reason=given.reason or "")
            )
        case _:
            return wire.JobAction(unmark_for_exchange=wire.UnmarkForExchangeAction())


def _on_alarms(given: JobActionInput) -> wire.JobAction:
    said: dict[str, Any] = {"comment": given.comment or "", "rules": given.rules}
    match given.kind:
        case JobActionKind.ACKNOWLEDGE_ALARMS:
            return wire.JobAction(acknowledge_alarms=wire.AcknowledgeAlarmsAction(**said))
        case JobActionKind.ASSIGN_ALARMS:
            said["assignee"] = given.assignee or ""
            return wire.JobAction(assign_alarms=wire.AssignAlarmsAction(**said))
        case JobActionKind.RESOLVE_ALARMS:
            return wire.JobAction(resolve_alarms=wire.ResolveAlarmsAction(**said))
        case JobActionKind.SNOOZE_ALARMS:
            if given.until is None:
                raise argument_invalid("action.until", "missing")
            said["until_time"] = stamp_of(given.until, "action.until")
            return wire.JobAction(snooze_alarms=wire.SnoozeAlarmsAction(**said))
        case _:
            return wire.JobAction(comment_alarms=wire.CommentAlarmsAction(**said))
