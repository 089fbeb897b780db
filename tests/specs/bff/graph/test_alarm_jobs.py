"""Jobs on alarms: what goes to the register, and what comes back."""

from datetime import datetime

import pytest
from meterpark.smoc.v1 import job_service_pb2 as wire
from meterpark.smoc.v1.alarm_service_pb2 import ALARM_SEVERITY_CRITICAL, AlarmFilter

from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, at

REQUEST_ID = "0b6e1d0a-6f0b-4a5e-9d3e-6c1f7a9b2c3d"
SLEEP = wire.JobAction(
    snooze_alarms=wire.SnoozeAlarmsAction(until_time=at("2026-12-01T08:00:00Z"), comment="rain")
)
JOB = wire.Job(
    job_id="8",
    state=wire.JOB_STATE_RUNNING,
    alarm_selection=wire.AlarmSelection(
        filter=AlarmFilter(severities=[ALARM_SEVERITY_CRITICAL]),
        excluded_alarm_ids=["north/1"],
    ),
    action=SLEEP,
    summary="Snooze 3 alarms until 2026-12-01 08:00 UTC",
    total_count=3,
    pending_count=3,
    of_alarms=True,
)
CREATE = f"""mutation {{ createAlarmJob(requestId: "{REQUEST_ID}", expectedCount: 3,
  selection: {{filter: {{severities: [CRITICAL]}}, excludedAlarmIds: ["north/1"]}},
  action: {{kind: SNOOZE_ALARMS, until: "2026-12-01T08:00:00Z", comment: "rain"}})
  {{ ... on JobChanged {{ job {{ totalCount ofAlarms filter {{ models }} action {{ kind until comment }} }} }} }} }}"""


async def test_a_job_is_made_of_all_alarms_that_match_but_some() -> None:
    smoc = Smoc()
    smoc.answers["CreateJob"] = lambda _: wire.CreateJobResponse(job=JOB)
    async with running_bff(smoc) as bff:
        job = (await bff.data(CREATE))["createAlarmJob"]["job"]
        assert (job["totalCount"], job["ofAlarms"], job["filter"]) == (3, True, None)
        until = job["action"].pop("until")
        assert datetime.fromisoformat(until) == datetime.fromisoformat("2026-12-01T08:00:00Z")
        assert job["action"] == {"kind": "SNOOZE_ALARMS", "comment": "rain"}
        [request] = smoc.requests("CreateJob")
        assert request == wire.CreateJobRequest(
            request_id=REQUEST_ID,
            alarm_selection=JOB.alarm_selection,
            action=SLEEP,
            expected_count=3,
        )


@pytest.mark.parametrize(
    ("selection", "action", "field"),
    [
        ("{}", "{kind: RESOLVE_ALARMS}", "selection"),
        ('{filter: {}, alarmIds: ["north/1"]}', "{kind: RESOLVE_ALARMS}", "selection"),
        ("{filter: {}}", "{kind: SNOOZE_ALARMS}", "action.until"),
        ("{filter: {}}", '{kind: COMMENT_ALARMS, assignee: "victor"}', "action.assignee"),
    ],
)
async def test_what_is_no_order_is_refused_here(selection: str, action: str, field: str) -> None:
    async with running_bff() as bff:
        error = await bff.error(
            f"{{ alarmJobPreview(selection: {selection}, action: {action}) {{ deviceCount }} }}"
        )
        assert error["extensions"]["field"] == field
        assert not bff.smoc.asked


async def test_what_became_of_an_area_s_alarm_comes_without_a_device() -> None:
    smoc = Smoc()
    smoc.answers["GetJob"] = lambda _: wire.GetJobResponse(job=JOB)
    item = wire.JobItem(
        alarm_id="north/2", outcome=wire.JOB_OUTCOME_UNCHANGED, detail="is resolved already"
    )
    smoc.answers["ListJobItems"] = lambda _: wire.ListJobItemsResponse(items=[item])
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            """{ job(id: "8") { items { edges { node {
            alarmId deviceId outcome detail device { model } } } } } }"""
        )
        [edge] = answer["job"]["items"]["edges"]
        assert edge["node"] == {
            "alarmId": "north/2",
            "deviceId": "",
            "outcome": "UNCHANGED",
            "detail": "is resolved already",
            "device": None,
        }
        assert not smoc.requests("BatchGetDevices")
