"""What the sender is told of each report of a device: one that cannot be translated is its own fault alone."""

from dataclasses import replace

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Configuration, ControlOutcome, Linkage, Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from structlog.testing import capture_logs

from device_hub.device.commands import Command, RecordEvent
from device_hub.device.rules import DEFAULT_RULES
from device_hub.wire.reports import to_command
from device_hub.wire.verdicts import record
from tests.neighbours.hub import outcomes, power_lost, said
from tests.specs.hub.in_memory_history import InMemoryHistory

SPOILED = Linkage(change=Linkage.CHANGE_LINKED, usage_point="UP-7")
SPOILED.change = 4711  # type: ignore[assignment] # a newer sender's word


@pytest.mark.parametrize(
    ("report", "word"),
    [
        (said("r-2", "SN-1", 2, linkage=SPOILED), "linkage.change: 4711"),
        (said("r-2", "SN-1", 2, linkage=Linkage(usage_point="UP-7")), "linkage.change: is unsp"),
        (said("r-2", "SN-1", 2, control=ControlOutcome(code="3.31.0.42")), "control.outcome: is"),
    ],
)
async def test_a_word_that_this_hub_does_not_know_is_refused_and_holds_up_no_other_report(
    report: Report, word: str
) -> None:
    history = InMemoryHistory()
    reports = [power_lost("r-1", "SN-1", 1), report, power_lost("r-3", "SN-1", 3)]
    _, verdicts = await record(
        history, None, "north/SN-1", reports, command_of=to_command, rules=DEFAULT_RULES
    )
    recorded, refused = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_REFUSED
    assert outcomes(verdicts) == [recorded, refused, recorded]
    assert verdicts[1].reason == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
    assert word in verdicts[1].detail
    assert [commit.report_id for commit in history.commits] == ["r-1", "r-3"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "wrong"),
    [
        ("95", "8.5", "latitude: '95'"),
        ("nan", "8.5", "latitude: 'nan'"),
        ("47.3", "-180.5", "longitude: '-180.5'"),
        ("47.3", "", "longitude: ''"),
        ("", "8.5", "latitude: ''"),
        ("1e1", "8.5", "latitude: '1e1'"),
    ],
)
async def test_coordinates_that_are_no_place_on_earth_are_refused_and_what_is_one_is_kept(
    latitude: str, longitude: str, wrong: str
) -> None:
    history = InMemoryHistory()
    placed = Configuration(latitude="-47.3769", longitude="180")
    spoiled = Configuration(latitude=latitude, longitude=longitude, model="E450")
    reports = [
        said("r-1", "SN-1", 1, configuration=placed),
        said("r-2", "SN-1", 2, configuration=spoiled),
    ]
    _, verdicts = await record(
        history, None, "north/SN-1", reports, command_of=to_command, rules=DEFAULT_RULES
    )
    assert outcomes(verdicts) == [Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_REFUSED]
    assert verdicts[1].reason == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
    assert verdicts[1].detail.startswith(wrong)


async def test_a_report_that_meets_a_defect_of_ours_holds_up_no_other_one_of_its_device() -> None:
    def with_a_defect(report: Report) -> Command:
        command = to_command(report)
        if report.report_id == "r-2":
            assert isinstance(command, RecordEvent)
            return replace(command, event=None)  # type: ignore[arg-type]
        return command

    history = InMemoryHistory()
    reports = [power_lost(f"r-{number}", "SN-1", number) for number in (1, 2, 3)]
    with capture_logs() as logged:
        _, verdicts = await record(
            history, None, "north/SN-1", reports, command_of=with_a_defect, rules=DEFAULT_RULES
        )
    recorded, refused = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_REFUSED
    assert outcomes(verdicts) == [recorded, refused, recorded]
    assert verdicts[1].reason == ErrorReason.ERROR_REASON_HUB_DEFECT
    assert "AttributeError" in verdicts[1].detail
    assert [commit.report_id for commit in history.commits] == ["r-1", "r-3"]
    [line] = [line for line in logged if line["log_level"] == "error"]
    assert (line["event"], line["report_id"]) == ("a report ended in a defect", "r-2")
