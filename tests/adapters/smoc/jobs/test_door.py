"""JobService through gRPC, with the park's real search: who may what, what a bad request is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1 import job_service_pb2_grpc
from meterpark.smoc.v1.device_service_pb2 import CountDevicesRequest, DeviceFilter

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.kept_alarms import reason, request_id
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision

TAG = contract.JobAction(tag=contract.TagAction(add=["yard-7"]))
DARK = contract.DeviceSelection(filter=DeviceFilter(powers=["OFF"]))
NAMED = contract.DeviceSelection(device_ids=["north/1"])


def asked_by(smoc: Smoc, name: str, **about: Any) -> Any:
    return smoc.asked_by(job_service_pb2_grpc.JobServiceStub, name, **about)


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
        otto = asked_by(smoc, "otto", networks=("north",))
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
        anna = asked_by(smoc, "anna")

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
        victor = asked_by(smoc, "victor", role="asset-viewer")
        otto = asked_by(smoc, "otto", networks=("south",))
        anna = asked_by(smoc, "anna")
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


async def test_a_bad_job_is_told_what_is_wrong_and_where(mongod_url: str) -> None:
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
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        for method, request, field in bad:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await getattr(anna, method)(request)
            assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID, request
            assert (raised.value.details() or "").startswith(f"{field}: "), raised.value.details()
