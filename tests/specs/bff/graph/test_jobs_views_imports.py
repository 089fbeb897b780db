"""Jobs, views and imports: what goes to the register, and what comes back."""

import base64
import json
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from meterpark.smoc.v1 import import_service_pb2, job_service_pb2, view_service_pb2
from meterpark.smoc.v1.alarm_service_pb2 import ALARM_SEVERITY_CRITICAL, AlarmFilter
from meterpark.smoc.v1.device_service_pb2 import (
    CommunicationDay,
    DeviceFilter,
    FacetAge,
    GetCommunicationQualityResponse,
    TimeRange,
)

from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, at, device, refused

REQUEST_ID = "0b6e1d0a-6f0b-4a5e-9d3e-6c1f7a9b2c3d"
JOB = job_service_pb2.Job(
    job_id="7",
    state=job_service_pb2.JOB_STATE_RUNNING,
    selection=job_service_pb2.DeviceSelection(filter=DeviceFilter(models=["E450"])),
    action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["exchange-2027"])),
    summary="Tag 3 devices with exchange-2027",
    username="anna",
    create_time=at("2026-11-21T08:00:00Z"),
    total_count=3,
    pending_count=2,
    done_count=1,
)


async def test_a_job_is_made_of_a_selection_and_an_action() -> None:
    smoc = Smoc()
    smoc.answers["CreateJob"] = lambda _: job_service_pb2.CreateJobResponse(job=JOB)
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            f"""mutation {{ createJob(requestId: "{REQUEST_ID}", expectedCount: 3,
            selection: {{filter: {{models: ["E450"]}}}},
            action: {{kind: TAG, addTags: ["exchange-2027"]}}) {{ ... on JobChanged {{ job {{
            state createdAt filter {{ models }} action {{ kind addTags reason }}
            totalCount doneCount viewerCan {{ pause resume cancel }} }} }} }} }}"""
        )
        assert answer["createJob"]["job"] == {
            "state": "RUNNING",
            "createdAt": "2026-11-21T08:00:00+00:00",
            "filter": {"models": ["E450"]},
            "action": {"kind": "TAG", "addTags": ["exchange-2027"], "reason": None},
            "totalCount": 3,
            "doneCount": 1,
            "viewerCan": {"pause": True, "resume": False, "cancel": True},
        }
        [request] = smoc.requests("CreateJob")
        assert request == job_service_pb2.CreateJobRequest(
            request_id=REQUEST_ID,
            selection=JOB.selection,
            action=JOB.action,
            expected_count=3,
        )


@pytest.mark.parametrize(
    ("selection", "action", "field"),
    [
        ("{}", "{kind: UNMARK_FOR_EXCHANGE}", "selection"),
        ('{filter: {}, deviceIds: ["north/1"]}', "{kind: UNMARK_FOR_EXCHANGE}", "selection"),
        ('{deviceIds: ["north/1"]}', '{kind: TAG, reason: "worn"}', "action.reason"),
    ],
)
async def test_a_job_that_says_two_things_at_once_is_refused_here(
    selection: str, action: str, field: str
) -> None:
    async with running_bff() as bff:
        error = await bff.error(
            f"{{ jobPreview(selection: {selection}, action: {action}) {{ deviceCount }} }}"
        )
        assert error["extensions"]["field"] == field
        assert not bff.smoc.asked


async def test_the_devices_of_a_job_come_with_what_became_of_them() -> None:
    smoc = Smoc()
    smoc.add(device(1))
    smoc.answers["GetJob"] = lambda _: job_service_pb2.GetJobResponse(job=JOB)
    smoc.answers["ListJobItems"] = lambda _: job_service_pb2.ListJobItemsResponse(
        items=[
            job_service_pb2.JobItem(
                device_id=device(1).device_id,
                outcome=job_service_pb2.JOB_OUTCOME_FAILED,
                detail="it carries 20 tags already",
            )
        ]
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            """{ job(id: "7") { items(outcomes: [FAILED]) { edges { node {
            outcome detail device { model } } } } } }"""
        )
        [edge] = answer["job"]["items"]["edges"]
        assert edge["node"] == {
            "outcome": "FAILED",
            "detail": "it carries 20 tags already",
            "device": {"model": "ED300L"},
        }
        [request] = smoc.requests("ListJobItems")
        assert list(request.outcomes) == [job_service_pb2.JOB_OUTCOME_FAILED]


async def test_a_view_keeps_filter_and_order_and_gives_them_back() -> None:
    smoc = Smoc()
    smoc.answers["CreateView"] = lambda request: view_service_pb2.CreateViewResponse(
        view=request.view
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            f"""mutation {{ createView(requestId: "{REQUEST_ID}", view: {{name: "Dark for days",
            filter: {{powers: ["OFF"], markedForExchange: false,
                facetAges: [{{facet: POWER, since: {{end: "2026-11-18T00:00:00Z"}}}}]}},
            orderBy: [{{by: POWER_AS_OF, direction: DESC}}, {{by: MODEL}}], columns: ["model"]}}) {{
            ... on ViewChanged {{ view {{ name filter {{ powers markedForExchange neverContacted
            facetAges {{ facet since {{ start end }} }} }}
            orderBy {{ by direction }} columns viewerCan {{ update }} }} }} }} }}"""
        )
        assert answer["createView"]["view"] == {
            "name": "Dark for days",
            "filter": {
                "powers": ["OFF"],
                "markedForExchange": False,
                "neverContacted": None,
                "facetAges": [
                    {
                        "facet": "POWER",
                        "since": {"start": None, "end": "2026-11-18T00:00:00+00:00"},
                    }
                ],
            },
            "orderBy": [
                {"by": "POWER_AS_OF", "direction": "DESC"},
                {"by": "MODEL", "direction": "ASC"},
            ],
            "columns": ["model"],
            "viewerCan": {"update": False},
        }
        [request] = smoc.requests("CreateView")
        assert request.view.order_by == "power.as_of_time desc, model"
        assert list(request.view.filter.facet_ages) == [
            FacetAge(facet="power", since=TimeRange(end_time=at("2026-11-18T00:00:00Z")))
        ]


async def test_a_view_of_alarms_goes_to_the_register_and_comes_back() -> None:
    smoc = Smoc()
    kept: list[view_service_pb2.View] = []

    def create(request: view_service_pb2.CreateViewRequest) -> view_service_pb2.CreateViewResponse:
        kept.append(request.view)
        return view_service_pb2.CreateViewResponse(view=request.view)

    smoc.answers["CreateView"] = create
    smoc.answers["ListViews"] = lambda _: view_service_pb2.ListViewsResponse(views=kept)
    async with running_bff(smoc) as bff:
        await bff.data(
            f"""mutation {{ createView(requestId: "{REQUEST_ID}", view: {{name: "Mine", alarms: {{
            filter: {{severities: [CRITICAL], areas: ["Nord"]}}, mine: true}} }}) {{ __typename }} }}"""
        )
        assert kept[0].alarms == view_service_pb2.AlarmView(
            filter=AlarmFilter(severities=[ALARM_SEVERITY_CRITICAL], areas=["Nord"]), mine=True
        )
        assert not kept[0].HasField("filter")
        kept.append(view_service_pb2.View(name="Dark"))
        answer = await bff.data(
            "{ views(withAlarms: true) { name alarms { mine filter { severities areas deviceId } } } }"
        )
        assert answer["views"] == [
            {
                "name": "Mine",
                "alarms": {
                    "mine": True,
                    "filter": {"severities": ["CRITICAL"], "areas": ["Nord"], "deviceId": None},
                },
            },
            {"name": "Dark", "alarms": None},
        ]
        await bff.data("{ views { name } }")
        assert [one.with_alarms for one in smoc.requests("ListViews")] == [True, False]


async def test_an_etag_goes_with_a_change_and_a_view_that_changed_meanwhile_is_told() -> None:
    def refuse(_: Any) -> Any:
        raise refused("VIEW_CHANGED", "etag: read it again")

    smoc = Smoc()
    smoc.answers["UpdateView"] = smoc.answers["DeleteView"] = refuse
    async with running_bff(smoc) as bff:
        for change in (
            'updateView(viewId: "7", view: {name: "dark"}, etag: "v1")',
            'deleteView(viewId: "7", etag: "v1")',
        ):
            answer = await bff.data(f"mutation {{ answer: {change} {{ __typename }} }}")
            assert answer == {"answer": {"__typename": "ViewChangedMeanwhile"}}
        [update], [delete] = smoc.requests("UpdateView"), smoc.requests("DeleteView")
        assert (update.view.etag, delete.etag) == ("v1", "v1")


async def test_ages_of_a_view_pass_as_they_are() -> None:
    smoc = Smoc()
    smoc.answers["CreateView"] = lambda request: view_service_pb2.CreateViewResponse(
        view=request.view
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            f"""mutation {{ createView(requestId: "{REQUEST_ID}", view: {{name: "Stuck",
            lasting: [{{facet: LIFECYCLE, seconds: 86400}}], silentSeconds: 93600}}) {{
            ... on ViewChanged {{ view {{ lasting {{ facet seconds }} silentSeconds }} }} }} }}"""
        )
        assert answer["createView"]["view"] == {
            "lasting": [{"facet": "LIFECYCLE", "seconds": 86_400}],
            "silentSeconds": 93_600,
        }
        [request] = smoc.requests("CreateView")
        assert request.view == view_service_pb2.View(
            name="Stuck",
            lasting=[
                view_service_pb2.FacetLasting(facet="lifecycle", at_least=Duration(seconds=86_400))
            ],
            silent_for=Duration(seconds=93_600),
        )


async def append(bff: Any, content: str) -> Any:
    answer = await bff.data(
        """mutation Append($content: String!) {
        appendShipmentImportChunk(importId: "5", offset: 9, content: $content) { __typename
        ... on ShipmentImportChanged { shipmentImport { receivedBytes viewerCan { check run } } }
        ... on ChunkOffsetWrong { offset } ... on ArgumentInvalid { field } } }""",
        {"content": content},
    )
    return answer["appendShipmentImportChunk"]


async def test_a_part_of_a_file_comes_as_base64_and_goes_on_as_bytes() -> None:
    part = "serial,model,network\n1EMH0012345678,ED300L,süd\n".encode()
    smoc = Smoc()
    smoc.answers["AppendImportChunk"] = lambda _: import_service_pb2.AppendImportChunkResponse(
        shipment_import=import_service_pb2.ShipmentImport(
            state=import_service_pb2.IMPORT_STATE_UPLOADING, received_bytes=9 + len(part)
        )
    )
    async with running_bff(smoc) as bff:
        assert await append(bff, base64.b64encode(part).decode()) == {
            "__typename": "ShipmentImportChanged",
            "shipmentImport": {
                "receivedBytes": 9 + len(part),
                "viewerCan": {"check": True, "run": False},
            },
        }
        [request] = smoc.requests("AppendImportChunk")
        assert (request.offset, request.content) == (9, part)
        for wrong in ("nonsense!", base64.b64encode(b"x" * (2**20 + 1)).decode()):
            assert await append(bff, wrong) == {
                "__typename": "ArgumentInvalid",
                "field": "content",
            }
        assert len(smoc.asked) == 1


async def test_a_part_at_the_wrong_place_is_told_where_to_go_on() -> None:
    def refuse(_: Any) -> Any:
        raise refused("CHUNK_OFFSET_WRONG", "offset: the file ends at 4", offset="4")

    smoc = Smoc()
    smoc.answers["AppendImportChunk"] = refuse
    async with running_bff(smoc) as bff:
        assert await append(bff, "") == {"__typename": "ChunkOffsetWrong", "offset": 4}


async def test_days_are_asked_for_by_their_dates() -> None:
    smoc = Smoc()
    smoc.answers["GetCommunicationQuality"] = lambda _: GetCommunicationQualityResponse(
        days=[CommunicationDay(date="2026-11-20", devices_in_service=10, devices_heard=9)]
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            """{ communicationQuality(days: {start: "2026-11-01", end: "2026-11-21"}) {
            date area devicesInService devicesHeard } }"""
        )
        assert answer["communicationQuality"] == [
            {"date": "2026-11-20", "area": None, "devicesInService": 10, "devicesHeard": 9}
        ]
        [request] = smoc.requests("GetCommunicationQuality")
        assert (request.start_date, request.end_date) == ("2026-11-01", "2026-11-21")


async def test_an_operation_leaves_one_line_in_the_log_and_no_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    smoc = Smoc()
    smoc.answers["DeleteView"] = lambda _: view_service_pb2.DeleteViewResponse()
    async with running_bff(smoc) as bff:
        await bff.data(
            "mutation Remove($id: ID!) { deleteView(viewId: $id) { __typename } }", {"id": "secret"}
        )
        [line] = [line for line in capsys.readouterr().out.splitlines() if "operation" in line]
        assert "Remove" in line
        assert "anna" in line
        assert "fine" in line
        assert "secret" not in line
        assert bff.token not in line
        assert json.dumps(bff.smoc.requests("DeleteView")[0].view_id) == '"secret"'
