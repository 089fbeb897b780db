"""Which calls are deeds, and what is read of them."""

import pytest
from meterpark.smoc.v1 import alarm_service_pb2, job_service_pb2, view_service_pb2

from smoc_service.access import TABLE
from smoc_service.deeds import reading
from smoc_service.deeds.deed import kind_of

ALARM = "north/0197f3a1b2c3d4e5f607"
# Written by hand: what an auditor can find, by the method that does it.
DEEDS = {
    **{f"AlarmService/{name}Alarm": f"{name.lower()}-alarm" for name in (
        "Acknowledge", "Assign", "Comment", "Snooze", "Resolve",
    )},
    **{f"JobService/{name}Job": f"{name.lower()}-job" for name in (
        "Create", "Pause", "Resume", "Cancel",
    )},
    **{f"ViewService/{name}View": f"{name.lower()}-view" for name in ("Create", "Update", "Delete")},
    **{f"NoteService/{name}Note": f"{name.lower()}-note" for name in ("Create", "Delete")},
    **{f"ImportService/{name}Import": f"{name.lower()}-import" for name in (
        "Create", "Check", "Run", "Pause", "Resume", "Cancel",
    )},
}  # fmt: skip


@pytest.mark.parametrize(("method", "kind"), DEEDS.items())
def test_every_change_that_a_person_asks_for_is_a_deed(method: str, kind: str) -> None:
    path = f"/meterpark.smoc.v1.{method}"
    assert path in TABLE
    assert kind_of(path) == kind


def test_what_reads_or_comes_from_the_hub_or_changes_how_the_page_looks_is_no_deed() -> None:
    reads = ("Batch", "Compare", "Count", "Export", "Get", "List", "Preview", "Watch")
    quiet = {path.rpartition("/")[2] for path in TABLE if not kind_of(path)}
    assert {name for name in quiet if not name.startswith(reads)} == {
        "AppendImportChunk",
        "ProvisionDevices",
        "SetPreference",
    }
    assert kind_of("/grpc.health.v1.Health/Check") == ""


def test_a_method_that_nobody_has_thought_of_yet_is_a_deed() -> None:
    assert kind_of("/meterpark.smoc.v1.ParkService/RepaintDevices") == "repaint-devices"


def test_a_deed_says_what_was_asked_and_about_what() -> None:
    request = alarm_service_pb2.AssignAlarmRequest(
        alarm_id=ALARM, request_id="1", assignee="otto", comment="x" * 600
    )
    answer = alarm_service_pb2.AssignAlarmResponse(
        alarm=alarm_service_pb2.Alarm(
            alarm_id=ALARM, device_id="north/3.26", summary="Tampered with"
        )
    )
    assert reading.about(request) == ALARM
    said = reading.said(request)
    assert said["assignee"] == "otto"
    assert (len(said["comment"]), said["comment"][-1]) == (500, "…")
    assert set(said) == {"assignee", "comment"}
    assert reading.devices(answer) == ("north/3.26",)
    assert reading.summary(answer) == "Tampered with"


def test_a_job_is_about_the_devices_that_it_names() -> None:
    request = job_service_pb2.CreateJobRequest(
        selection=job_service_pb2.DeviceSelection(device_ids=["north/1", "north/2"]),
        action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["yard-7"])),
    )
    assert reading.devices(request) == ("north/1", "north/2")
    assert reading.said(request)["action"] == '{"tag": {"add": ["yard-7"]}}'


def test_what_a_view_is_called_is_found_within_it() -> None:
    answer = view_service_pb2.CreateViewResponse(
        view=view_service_pb2.View(view_id="a" * 32, name="dark ones")
    )
    assert (reading.about(answer), reading.summary(answer)) == ("a" * 32, "dark ones")
