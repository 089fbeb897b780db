"""Which calls are deeds, and what is read of them."""

import json

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    job_service_pb2,
    note_service_pb2,
    view_service_pb2,
)

from contract_limits import COMMENT_CHARACTERS, NOTE_CHARACTERS
from service_deeds.reading import named, said
from smoc_service.access import TABLE
from smoc_service.deeds.words import REGISTER

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
    assert REGISTER.kind_of(path) == kind


def test_what_reads_or_comes_from_the_hub_or_changes_how_the_page_looks_is_no_deed() -> None:
    reads = ("Batch", "Compare", "Count", "Export", "Get", "List", "Preview", "Watch")
    quiet = {path.rpartition("/")[2] for path in TABLE if not REGISTER.kind_of(path)}
    assert {name for name in quiet if not name.startswith(reads)} == {
        "AppendImportChunk",
        "ProvisionDevices",
        "SetPreference",
    }
    assert REGISTER.kind_of("/grpc.health.v1.Health/Check") == ""


def test_a_method_that_nobody_has_thought_of_yet_is_a_deed() -> None:
    assert REGISTER.kind_of("/meterpark.smoc.v1.ParkService/RepaintDevices") == "repaint-devices"


def test_a_deed_says_what_was_asked_and_about_what() -> None:
    request = alarm_service_pb2.AssignAlarmRequest(
        alarm_id=ALARM, request_id="1", assignee="otto", comment="somebody goes there"
    )
    answer = alarm_service_pb2.AssignAlarmResponse(
        alarm=alarm_service_pb2.Alarm(
            alarm_id=ALARM, device_id="north/3.26", summary="Tampered with"
        )
    )
    assert named(REGISTER, request).about == ALARM
    assert said(REGISTER, request) == (
        {"assignee": "otto", "comment": "somebody goes there"},
        frozenset(),
    )
    assert named(REGISTER, request, answer).device_ids == ("north/3.26",)
    assert REGISTER.summary(request, answer) == "Tampered with"


@pytest.mark.parametrize(
    "request_",
    [
        alarm_service_pb2.CommentAlarmRequest(comment="x" * COMMENT_CHARACTERS),
        note_service_pb2.CreateNoteRequest(text="😀" * NOTE_CHARACTERS),
        job_service_pb2.CreateJobRequest(
            action=job_service_pb2.JobAction(
                acknowledge_alarms=job_service_pb2.AcknowledgeAlarmsAction(
                    # JSON writes each of these as two characters.
                    comment='"\n' * (COMMENT_CHARACTERS // 2)
                )
            )
        ),
    ],
    ids=["alarm", "note", "job"],
)
def test_a_deed_keeps_whole_what_a_person_may_say(request_: Message) -> None:
    texts, cut = said(REGISTER, request_)
    assert cut == frozenset()
    [text] = texts.values()
    if not text.startswith("{"):
        [(_, whole)] = request_.ListFields()
        assert text == whole
    else:
        assert json.loads(text) == json_format.MessageToDict(
            request_.action,  # type: ignore[attr-defined]
            preserving_proto_field_name=True,
        )


def test_what_a_deed_keeps_in_part_is_named() -> None:
    ids = [f"north/{number:0100d}" for number in range(501)]
    request = job_service_pb2.CreateJobRequest(
        action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["yard-7"])),
        selection=job_service_pb2.DeviceSelection(device_ids=ids),
    )
    texts, cut = said(REGISTER, request)
    assert (texts["action"], cut) == ('{"tag": {"add": ["yard-7"]}}', frozenset({"selection"}))
    assert texts["selection"].endswith("…")
    names = named(REGISTER, request)
    assert (list(names.device_ids), names.cut) == (ids[:500], frozenset({"device_ids"}))
    long = named(REGISTER, view_service_pb2.DeleteViewRequest(view_id="v" * 1_000))
    assert (len(long.about), long.cut) == (300, frozenset({"about"}))


def test_a_job_is_about_the_devices_that_it_names() -> None:
    request = job_service_pb2.CreateJobRequest(
        selection=job_service_pb2.DeviceSelection(device_ids=["north/1", "north/2"]),
        action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["yard-7"])),
    )
    assert named(REGISTER, request).device_ids == ("north/1", "north/2")
    assert said(REGISTER, request)[0]["action"] == '{"tag": {"add": ["yard-7"]}}'


def test_what_a_view_is_called_is_found_within_it() -> None:
    request = view_service_pb2.CreateViewRequest()
    answer = view_service_pb2.CreateViewResponse(
        view=view_service_pb2.View(view_id="a" * 32, name="dark ones")
    )
    assert named(REGISTER, request, answer).about == "a" * 32
    assert REGISTER.summary(request, answer) == "dark ones"
