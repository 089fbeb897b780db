"""JobService and ViewService through gRPC, with the park's real search: who may what, what a bad request is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1 import job_service_pb2_grpc, view_service_pb2, view_service_pb2_grpc
from meterpark.smoc.v1.device_service_pb2 import (
    CountDevicesRequest,
    DeviceFilter,
    FacetAge,
    TimeRange,
)

from service_chassis.refusals import reason_of
from smoc_service.views.store import OF_ONE_AT_MOST
from tests.neighbours.issuer import Bearing
from tests.neighbours.smoc.kept_alarms import reason, request_id
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision

View = view_service_pb2.View
TAG = contract.JobAction(tag=contract.TagAction(add=["yard-7"]))
DARK = contract.DeviceSelection(filter=DeviceFilter(powers=["OFF"]))
NAMED = contract.DeviceSelection(device_ids=["north/1"])


def asked_by(
    smoc: Smoc, name: str, *, role: str = "asset-manager", networks: tuple[str, ...] = ("*",)
) -> Any:
    token = smoc.issuer.token(
        roles=[role], networks=networks, preferred_username=name, sub=f"id-of-{name}"
    )

    class Both:
        jobs = Bearing(job_service_pb2_grpc.JobServiceStub(smoc.channel), token)
        views = Bearing(view_service_pb2_grpc.ViewServiceStub(smoc.channel), token)

    return Both


@asynccontextmanager
async def working(smoc: Smoc) -> AsyncIterator[None]:
    task = asyncio.create_task(smoc.runner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ended(jobs: Any, job_id: str) -> contract.Job:
    while True:
        job: contract.Job = (await jobs.GetJob(contract.GetJobRequest(job_id=job_id))).job
        if job.state in {contract.JOB_STATE_DONE, contract.JOB_STATE_CANCELLED}:
            return job
        await asyncio.sleep(0.01)


async def park(smoc: Smoc) -> None:
    """Make six devices in each of two networks, half of them without power."""
    await smoc.provision(
        *(
            provision(device(f"{network}/{n}", 1, power="OFF" if n % 2 else "ON"), [])
            for network in ("north", "south")
            for n in range(6)
        )
    )
    await smoc.caught_up()


async def test_a_job_does_what_is_selected_when_it_is_ordered_in_the_networks_of_its_creator(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc, working(smoc):
        await park(smoc)
        otto = asked_by(smoc, "otto", networks=("north",)).jobs
        preview = await otto.PreviewJob(contract.PreviewJobRequest(selection=DARK, action=TAG))
        assert (preview.device_count, preview.summary) == (3, "Tag 3 devices with yard-7")
        assert list(preview.sample_device_ids) == ["north/1", "north/3", "north/5"]
        request = contract.CreateJobRequest(
            request_id=request_id(), selection=DARK, action=TAG, expected_count=3
        )
        ordered = (await otto.CreateJob(request)).job
        assert (await otto.CreateJob(request)).job.job_id == ordered.job_id
        done = await ended(otto, ordered.job_id)
        assert (done.total_count, done.done_count, done.username) == (3, 3, "otto")
        assert (done.selection, done.action) == (DARK, TAG)
        items = contract.ListJobItemsRequest(
            job_id=ordered.job_id, outcomes=[contract.JOB_OUTCOME_DONE]
        )
        found = (await otto.ListJobItems(items)).items
        assert [each.device_id for each in found] == ["north/1", "north/3", "north/5"]
        listed = (await otto.ListJobs(contract.ListJobsRequest())).jobs
        assert [each.job_id for each in listed] == [ordered.job_id]
        assert not listed[0].HasField("selection")

        await smoc.caught_up()
        counted = await smoc.devices.CountDevices(CountDevicesRequest(dimensions=["tag"]))
        assert [(each.value, each.device_count) for each in counted.counts] == [("yard-7", 3)]
        assert len(await smoc.ids(DeviceFilter(tags=["yard-7"]))) == 3


async def test_a_preview_names_what_would_stay_as_it_is_and_who_is_left_out_is_left_alone(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc, working(smoc):
        await park(smoc)
        anna = asked_by(smoc, "anna").jobs

        async def done(selection: contract.DeviceSelection) -> contract.Job:
            request = contract.CreateJobRequest(
                request_id=request_id(), selection=selection, action=TAG
            )
            job = await ended(anna, (await anna.CreateJob(request)).job.job_id)
            await smoc.caught_up()
            return job

        left_out = contract.DeviceSelection(
            filter=DARK.filter, excluded_device_ids=["north/1", "south/1", "north/0"]
        )
        job = await done(left_out)
        assert (job.total_count, job.done_count, job.selection) == (4, 4, left_out)
        named = contract.DeviceSelection(device_ids=["north/1", "north/3", "north/0"])
        for selection, count, tagged in ((DARK, 6, 4), (left_out, 4, 4), (named, 3, 1)):
            asked = contract.PreviewJobRequest(selection=selection, action=TAG)
            preview = await anna.PreviewJob(asked)
            assert preview.device_count == count
            assert [(one.device_count, one.reason) for one in preview.skipped] == [
                (tagged, contract.SKIP_REASON_TAGS_ALREADY_SO)
            ]
        assert (await done(DARK)).unchanged_count == 4
        both = contract.DeviceSelection(device_ids=["north/1"], excluded_device_ids=["north/2"])
        refused = contract.PreviewJobRequest(selection=both, action=TAG)
        assert await reason(anna.PreviewJob(refused)) == "ARGUMENT_INVALID"


async def test_who_may_only_look_orders_nothing_and_nobody_reaches_beyond_his_networks(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc, working(smoc):
        await park(smoc)
        victor = asked_by(smoc, "victor", role="asset-viewer").jobs
        otto = asked_by(smoc, "otto", networks=("south",)).jobs
        anna = asked_by(smoc, "anna").jobs
        request = contract.CreateJobRequest(request_id=request_id(), selection=NAMED, action=TAG)
        assert await reason(victor.CreateJob(request)) == "ROLE_MISSING"
        assert await reason(otto.CreateJob(request)) == "NETWORK_DENIED"
        elsewhere = contract.DeviceSelection(filter=DeviceFilter(networks=["north"]))
        asked = contract.PreviewJobRequest(selection=elsewhere, action=TAG)
        assert await reason(otto.PreviewJob(asked)) == "NETWORK_DENIED"
        job_id = (await anna.CreateJob(request)).job.job_id
        await victor.GetJob(contract.GetJobRequest(job_id=job_id))
        for call in (
            otto.GetJob(contract.GetJobRequest(job_id=job_id)),
            otto.CancelJob(contract.CancelJobRequest(job_id=job_id)),
            anna.GetJob(contract.GetJobRequest(job_id="0" * 20)),
        ):
            assert await reason(call) == "JOB_UNKNOWN"
        await ended(anna, job_id)
        pause = contract.PauseJobRequest(job_id=job_id)
        assert await reason(anna.PauseJob(pause)) == "JOB_STATE_REFUSED"
        request.action.tag.add.append("more")
        assert await reason(anna.CreateJob(request)) == "REQUEST_ID_REUSED"
        other = contract.CreateJobRequest(
            request_id=request_id(), selection=DARK, action=TAG, expected_count=1
        )
        assert await reason(anna.CreateJob(other)) == "JOB_STATE_REFUSED"


def tagging(*add: str, remove: tuple[str, ...] = ()) -> contract.JobAction:
    return contract.JobAction(tag=contract.TagAction(add=add, remove=remove))


async def test_a_bad_job_or_view_is_told_what_is_wrong_and_where(mongod_url: str) -> None:
    Preview, Filter = contract.PreviewJobRequest, DeviceFilter  # noqa: N806
    Selection, Action = contract.DeviceSelection, contract.JobAction  # noqa: N806
    bad: list[tuple[str, Any, str]] = [
        ("PreviewJob", Preview(action=TAG), "selection"),
        (
            "PreviewJob",
            Preview(selection=Selection(filter=Filter()), action=TAG),
            "selection.filter",
        ),
        (
            "PreviewJob",
            Preview(
                selection=Selection(filter=Filter(areas=["A"]), device_ids=["north/1"]), action=TAG
            ),
            "selection",
        ),
        (
            "PreviewJob",
            Preview(selection=Selection(filter=Filter(powers=["off"])), action=TAG),
            "selection.filter.powers",
        ),
        (
            "PreviewJob",
            Preview(selection=Selection(device_ids=["north/1", "x"]), action=TAG),
            "selection.device_ids[1]",
        ),
        (
            "PreviewJob",
            Preview(selection=Selection(device_ids=["north/1"] * 501), action=TAG),
            "selection.device_ids",
        ),
        ("PreviewJob", Preview(selection=NAMED), "action"),
        ("PreviewJob", Preview(selection=NAMED, action=tagging()), "action.tag"),
        ("PreviewJob", Preview(selection=NAMED, action=tagging("a", "B")), "action.tag.add[1]"),
        (
            "PreviewJob",
            Preview(selection=NAMED, action=tagging("a", remove=("a",))),
            "action.tag.remove",
        ),
        (
            "PreviewJob",
            Preview(
                selection=NAMED, action=Action(mark_for_exchange=contract.MarkForExchangeAction())
            ),
            "action.mark_for_exchange.reason",
        ),
        (
            "PreviewJob",
            Preview(selection=NAMED, action=Action(assign_alarms=contract.AssignAlarmsAction())),
            "action.assign_alarms.assignee",
        ),
        ("CreateJob", contract.CreateJobRequest(selection=NAMED, action=TAG), "request_id"),
        (
            "CreateJob",
            contract.CreateJobRequest(
                request_id=request_id(), selection=NAMED, action=TAG, expected_count=-1
            ),
            "expected_count",
        ),
        ("GetJob", contract.GetJobRequest(job_id="../1"), "job_id"),
        ("ListJobs", contract.ListJobsRequest(states=[99]), "states"),  # type: ignore[list-item]
        ("ListJobs", contract.ListJobsRequest(page_size=501), "page_size"),
        (
            "ListJobItems",
            contract.ListJobItemsRequest(
                job_id="1" * 20, outcomes=[contract.JOB_OUTCOME_UNSPECIFIED]
            ),
            "outcomes",
        ),
    ]
    bad_views: list[tuple[View, str]] = [
        (View(name=" "), "view.name"),
        (View(name="x" * 101), "view.name"),
        (View(name="x", columns=["a"] * 41), "view.columns"),
        (View(name="x", columns=["a", ""]), "view.columns[1]"),
        (View(name="x", order_by="colour"), "view.order_by"),
        (View(name="x", filter=DeviceFilter(powers=["off"])), "view.filter.powers"),
        (View(name="x", filter=DeviceFilter(areas=["A" * 250] * 50)), "view"),
        (View(name="x", lasting=[lasting("colour", 60)]), "view.lasting[0].facet"),
        (View(name="x", lasting=[lasting("power", 60)] * 2), "view.lasting[1].facet"),
        (View(name="x", lasting=[lasting("power", 0)]), "view.lasting[0].at_least"),
        (
            View(
                name="x",
                filter=DeviceFilter(facet_ages=[FacetAge(facet="power")]),
                lasting=[lasting("power", 60)],
            ),
            "view.lasting[0].facet",
        ),
        (View(name="x", silent_for=Duration(seconds=1, nanos=1)), "view.silent_for"),
        (
            View(
                name="x",
                filter=DeviceFilter(last_contact=TimeRange()),
                silent_for=Duration(seconds=60),
            ),
            "view.silent_for",
        ),
    ]
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        calls = [(getattr(anna.jobs, method), request, field) for method, request, field in bad]
        for view, field in bad_views:
            create = view_service_pb2.CreateViewRequest(request_id=request_id(), view=view)
            calls.append((anna.views.CreateView, create, field))
        calls.append(
            (anna.views.DeleteView, view_service_pb2.DeleteViewRequest(view_id="1"), "view_id")
        )
        for call, request, field in calls:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call(request)
            assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID, request
            assert (raised.value.details() or "").startswith(f"{field}: "), raised.value.details()


def lasting(facet: str, seconds: int) -> view_service_pb2.FacetLasting:
    return view_service_pb2.FacetLasting(facet=facet, at_least=Duration(seconds=seconds))


def new(view: View, asked: str = "") -> view_service_pb2.CreateViewRequest:
    return view_service_pb2.CreateViewRequest(request_id=asked or request_id(), view=view)


async def names(views: Any) -> list[str]:
    answer = await views.ListViews(view_service_pb2.ListViewsRequest())
    return [f"{each.name} of {each.owner}{' (own)' * each.own}" for each in answer.views]


async def test_views_are_their_owner_s_and_shown_to_who_may_see_what_they_name(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna").views
        victor = asked_by(smoc, "victor", role="asset-viewer", networks=("north",)).views
        content = View(
            name="dark",
            filter=DeviceFilter(powers=["OFF"], networks=["north"]),
            order_by="area, power.as_of_time desc",
            columns=["serial_number", "area"],
        )
        asked = request_id()
        mine = (await anna.CreateView(new(content, asked))).view
        assert (await anna.CreateView(new(content, asked))).view == mine
        assert (mine.filter, mine.order_by, list(mine.columns)) == (
            content.filter,
            content.order_by,
            ["serial_number", "area"],
        )
        assert await reason(anna.CreateView(new(content))) == "VIEW_NAME_TAKEN"
        changed = View(name="other")
        assert await reason(anna.CreateView(new(changed, asked))) == "REQUEST_ID_REUSED"
        assert await names(victor) == []
        mine.shared = True
        update = view_service_pb2.UpdateViewRequest(view=mine)
        await anna.UpdateView(update)
        await anna.CreateView(
            new(View(name="south", filter=DeviceFilter(networks=["south"]), shared=True))
        )
        await anna.CreateView(new(View(name="private")))
        await victor.CreateView(new(View(name="dark")))
        assert await names(victor) == ["dark of anna", "dark of victor (own)"]
        assert await names(anna) == [
            "dark of anna (own)",
            "private of anna (own)",
            "south of anna (own)",
        ]
        # Somebody else's is not changed, and not deleted.
        delete = view_service_pb2.DeleteViewRequest(view_id=mine.view_id)
        assert await reason(victor.UpdateView(update)) == "VIEW_UNKNOWN"
        assert await reason(victor.DeleteView(delete)) == "VIEW_UNKNOWN"
        far = View(name="far", filter=DeviceFilter(networks=["south"]))
        assert await reason(victor.CreateView(new(far))) == "NETWORK_DENIED"
        taken = view_service_pb2.UpdateViewRequest(view=View(view_id=mine.view_id, name="private"))
        assert await reason(anna.UpdateView(taken)) == "VIEW_NAME_TAKEN"
        await anna.DeleteView(delete)
        await anna.DeleteView(delete)
        assert await names(victor) == ["dark of victor (own)"]


async def test_ages_of_a_view_are_kept_as_ages_until_an_update_says_none(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna").views
        content = View(
            name="stuck",
            lasting=[lasting("lifecycle", 86_400), lasting("power", 3_600)],
            silent_for=Duration(seconds=93_600),
        )
        made = (await anna.CreateView(new(content))).view
        [listed] = (await anna.ListViews(view_service_pb2.ListViewsRequest())).views
        assert listed == made
        assert list(listed.lasting) == list(content.lasting)
        assert listed.silent_for == content.silent_for
        plain = View(view_id=made.view_id, name="stuck")
        await anna.UpdateView(view_service_pb2.UpdateViewRequest(view=plain))
        [listed] = (await anna.ListViews(view_service_pb2.ListViewsRequest())).views
        assert not listed.lasting
        assert not listed.HasField("silent_for")


async def test_one_person_keeps_a_bounded_number_of_views_and_lists_follow_indexes(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna").views
        otto = asked_by(smoc, "otto", networks=("north",)).views
        made = await asyncio.gather(
            *(
                anna.CreateView(new(View(name=f"{n}", shared=n % 2 == 0)))
                for n in range(OF_ONE_AT_MOST + 2)
            ),
            return_exceptions=True,
        )
        refused = [each for each in made if isinstance(each, grpc.aio.AioRpcError)]
        assert [reason_of(each) for each in refused] == [ErrorReason.ERROR_REASON_TOO_MANY] * 2
        await smoc.profiling()
        assert len(await names(anna)) == OF_ONE_AT_MOST
        assert len(await names(otto)) in range(98, 103)
        for each in await smoc.profiled():
            if each["ns"].endswith(".views"):
                assert "IXSCAN" in each["planSummary"]
                assert not each.get("hasSortStage")
