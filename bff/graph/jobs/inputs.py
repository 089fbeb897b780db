"""The devices of a job, and the action on each."""

from enum import Enum

import strawberry
from meterpark.smoc.v1 import job_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.devices.filter import DeviceFilterInput, filter_to_wire


@strawberry.enum
class JobActionKind(Enum):
    ACKNOWLEDGE_ALARMS = "acknowledge_alarms"
    ASSIGN_ALARMS = "assign_alarms"
    TAG = "tag"
    MARK_FOR_EXCHANGE = "mark_for_exchange"
    UNMARK_FOR_EXCHANGE = "unmark_for_exchange"


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
    description="The action on each device: its kind, and the arguments of that kind."
)
class JobActionInput:
    kind: JobActionKind
    comment: str | None = strawberry.field(
        default=None, description="Of ACKNOWLEDGE_ALARMS and ASSIGN_ALARMS."
    )
    rules: list[str] | None = strawberry.field(
        default=None, description="Only alarms of these rules; null or empty: of all."
    )
    assignee: str | None = strawberry.field(default=None, description="Of ASSIGN_ALARMS.")
    add_tags: list[str] | None = strawberry.field(default=None, description="Of TAG.")
    remove_tags: list[str] | None = strawberry.field(default=None, description="Of TAG.")
    reason: str | None = strawberry.field(default=None, description="Of MARK_FOR_EXCHANGE.")


_BELONGS = {
    JobActionKind.ACKNOWLEDGE_ALARMS: {"comment", "rules"},
    JobActionKind.ASSIGN_ALARMS: {"comment", "rules", "assignee"},
    JobActionKind.TAG: {"add_tags", "remove_tags"},
    JobActionKind.MARK_FOR_EXCHANGE: {"reason"},
    JobActionKind.UNMARK_FOR_EXCHANGE: set[str](),
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


def action_to_wire(given: JobActionInput) -> wire.JobAction:
    """Return ``given`` for the contract; raise Failure for what does not belong to its kind."""
    for name in ("comment", "rules", "assignee", "add_tags", "remove_tags", "reason"):
        if getattr(given, name) and name not in _BELONGS[given.kind]:
            raise argument_invalid(f"action.{name}", f"does not belong to {given.kind.name}")
    match given.kind:
        case JobActionKind.ACKNOWLEDGE_ALARMS:
            return wire.JobAction(
                acknowledge_alarms=wire.AcknowledgeAlarmsAction(
                    comment=given.comment or "", rules=given.rules
                )
            )
        case JobActionKind.ASSIGN_ALARMS:
            return wire.JobAction(
                assign_alarms=wire.AssignAlarmsAction(
                    assignee=given.assignee or "", comment=given.comment or "", rules=given.rules
                )
            )
        case JobActionKind.TAG:
            return wire.JobAction(tag=wire.TagAction(add=given.add_tags, remove=given.remove_tags))
        case JobActionKind.MARK_FOR_EXCHANGE:
            return wire.JobAction(
                mark_for_exchange=wire.MarkForExchangeAction(reason=given.reason or "")
            )
        case JobActionKind.UNMARK_FOR_EXCHANGE:
            return wire.JobAction(unmark_for_exchange=wire.UnmarkForExchangeAction())
