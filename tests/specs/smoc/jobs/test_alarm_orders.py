"""Orders of jobs on alarms, as messages say them: what is wrong is refused with its place."""

from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.smoc.v1 import alarm_service_pb2
from meterpark.smoc.v1 import job_service_pb2 as contract

from service_chassis.refusals import CallRefused
from smoc_service.jobs.core.job import Selection
from smoc_service.jobs.wire.actions import read_action, write_action
from smoc_service.jobs.wire.selections import read_selection, write_alarm_selection

FILTER = alarm_service_pb2.AlarmFilter
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SEEN = contract.JobAction(acknowledge_alarms=contract.AcknowledgeAlarmsAction(comment="storm"))


def soon() -> Timestamp:
    return Timestamp(seconds=1)


def _read(order: contract.CreateJobRequest) -> None:
    read_selection(order)
    read_action(order, NOW)


@pytest.mark.parametrize(
    ("selection", "action", "field"),
    [
        (contract.AlarmSelection(), SEEN, "alarm_selection"),
        (
            contract.AlarmSelection(filter=FILTER(), alarm_ids=["north/" + "0" * 20]),
            SEEN,
            "alarm_selection",
        ),
        (contract.AlarmSelection(alarm_ids=["x"]), SEEN, "alarm_selection.alarm_ids[0]"),
        (
            contract.AlarmSelection(alarm_ids=["north/" + "0" * 20] * 501),
            SEEN,
            "alarm_selection.alarm_ids",
        ),
        (
            contract.AlarmSelection(
                alarm_ids=["north/" + "0" * 20], excluded_alarm_ids=["north/" + "0" * 20]
            ),
            SEEN,
            "alarm_selection.excluded_alarm_ids",
        ),
        (
            contract.AlarmSelection(filter=FILTER(states=[alarm_service_pb2.ALARM_STATE_WAITING])),
            SEEN,
            "alarm_selection.filter.states",
        ),
        (
            contract.AlarmSelection(filter=FILTER()),
            contract.JobAction(tag=contract.TagAction(add=["a"])),
            "action",
        ),
        (
            contract.AlarmSelection(filter=FILTER()),
            contract.JobAction(resolve_alarms=contract.ResolveAlarmsAction(rules=["silent"])),
            "action.rules",
        ),
        (
            contract.AlarmSelection(filter=FILTER()),
            contract.JobAction(comment_alarms=contract.CommentAlarmsAction(comment=" ")),
            "action.comment_alarms.comment",
        ),
        (
            contract.AlarmSelection(filter=FILTER()),
            contract.JobAction(snooze_alarms=contract.SnoozeAlarmsAction(until_time=soon())),
            "action.snooze_alarms.until_time",
        ),
    ],
)
def test_a_bad_order_is_refused_with_the_place_of_its_mistake(
    selection: contract.AlarmSelection, action: contract.JobAction, field: str
) -> None:
    order = contract.CreateJobRequest(alarm_selection=selection, action=action)
    with pytest.raises(CallRefused) as refused:
        _read(order)
    assert refused.value.metadata["field"] == field


def test_devices_and_alarms_are_not_ordered_together() -> None:
    order = contract.CreateJobRequest(
        selection=contract.DeviceSelection(device_ids=["north/1"]),
        alarm_selection=contract.AlarmSelection(filter=FILTER()),
    )
    with pytest.raises(CallRefused, match="either"):
        read_selection(order)


@pytest.mark.parametrize(
    "action",
    [
        contract.JobAction(resolve_alarms=contract.ResolveAlarmsAction(comment="done")),
        contract.JobAction(comment_alarms=contract.CommentAlarmsAction(comment="done")),
        contract.JobAction(
            snooze_alarms=contract.SnoozeAlarmsAction(
                until_time=Timestamp(seconds=int(NOW.timestamp()) + 60), comment="later"
            )
        ),
    ],
    ids=lambda action: str(action.WhichOneof("action")),
)
def test_what_was_ordered_is_told_as_it_was_ordered(action: contract.JobAction) -> None:
    wanted = contract.AlarmSelection(
        filter=FILTER(areas=["A1"], states=[alarm_service_pb2.ALARM_STATE_OPEN]),
        excluded_alarm_ids=["north/" + "0" * 20],
    )
    order = contract.CreateJobRequest(alarm_selection=wanted, action=action)
    assert write_action(read_action(order, NOW)) == action
    selection = read_selection(order)
    assert write_alarm_selection(selection) == wanted
    assert write_alarm_selection(Selection(conditions={})) is None
