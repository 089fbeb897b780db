"""The register's jobs and views in memory: as much of them as the command can tell apart."""

# ruff: noqa: N802 - names of the methods are the contract's

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1 import view_service_pb2
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceServicer
from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceServicer

from service_chassis.refusals import CallRefused

Enter = Callable[[str, str, Any], Awaitable[None]]
JOB = "1" * 20
DEVICES = ["north/1", "north/2", "south/3"]


class JobsInMemory(JobServiceServicer):
    """Whatever is selected are three devices; a job does one of them between two looks, and the last one fails."""

    def __init__(self, jobs: dict[str, contract.Job], enter: Enter) -> None:
        self._jobs = jobs
        self._enter = enter

    async def PreviewJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "PreviewJob", context)
        return contract.PreviewJobResponse(
            device_count=3, sample_device_ids=DEVICES[:2], summary=_told(request)
        )

    async def CreateJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "CreateJob", context)
        job = contract.Job(
            job_id=JOB,
            state=contract.JOB_STATE_RUNNING,
            selection=request.selection,
            action=request.action,
            summary=f"{_told(request)}, expected {request.expected_count}",
            username="anna",
            total_count=3,
            pending_count=3,
        )
        self._jobs[JOB] = job
        return contract.CreateJobResponse(job=job)

    async def GetJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "GetJob", context)
        job = self._job(request)
        if job.state == contract.JOB_STATE_RUNNING:
            job.pending_count -= 1
            if job.pending_count:
                job.done_count += 1
            else:
                job.failed_count += 1
                job.state = contract.JOB_STATE_DONE
        return contract.GetJobResponse(job=job)

    async def ListJobs(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "ListJobs", context)
        found = [
            each
            for each in self._jobs.values()
            if not request.states or each.state in request.states
        ]
        return contract.ListJobsResponse(jobs=found)

    async def ListJobItems(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "ListJobItems", context)
        self._job(request)
        items = [
            contract.JobItem(device_id=each, outcome=contract.JOB_OUTCOME_FAILED, detail="\x1b[31m")
            for each in DEVICES
        ]
        wanted = not request.outcomes or contract.JOB_OUTCOME_FAILED in request.outcomes
        return contract.ListJobItemsResponse(items=items if wanted else [])

    async def PauseJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "PauseJob", context)
        return contract.PauseJobResponse(job=self._now(request, contract.JOB_STATE_PAUSED))

    async def ResumeJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "ResumeJob", context)
        return contract.ResumeJobResponse(job=self._now(request, contract.JOB_STATE_RUNNING))

    async def CancelJob(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "CancelJob", context)
        return contract.CancelJobResponse(job=self._now(request, contract.JOB_STATE_CANCELLED))

    def _now(self, request: Any, state: contract.JobState.ValueType) -> contract.Job:
        job = self._job(request)
        job.state = state
        return job

    def _job(self, request: Any) -> contract.Job:
        if request.job_id not in self._jobs:
            reason = ErrorReason.ERROR_REASON_JOB_UNKNOWN
            raise CallRefused(grpc.StatusCode.NOT_FOUND, reason, f"no job {request.job_id!r}")
        return self._jobs[request.job_id]


class ViewsInMemory(ViewServiceServicer):
    def __init__(self, views: dict[str, view_service_pb2.View], enter: Enter) -> None:
        self._views = views
        self._enter = enter

    async def ListViews(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        await self._enter("smoc-service", "ListViews", context)
        return view_service_pb2.ListViewsResponse(views=self._views.values())

    async def CreateView(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "CreateView", context)
        view = view_service_pb2.View()
        view.CopyFrom(request.view)
        view.view_id, view.own, view.owner = f"{len(self._views):032x}", True, "anna"
        self._views[view.view_id] = view
        return view_service_pb2.CreateViewResponse(view=view)

    async def UpdateView(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "UpdateView", context)
        view = self._views[request.view.view_id]
        view.CopyFrom(request.view)
        view.own = True
        return view_service_pb2.UpdateViewResponse(view=view)

    async def DeleteView(self, request: Any, context: Any) -> Any:
        await self._enter("smoc-service", "DeleteView", context)
        self._views.pop(request.view_id, None)
        return view_service_pb2.DeleteViewResponse()


def _told(request: Any) -> str:
    return f"{request.action.WhichOneof('action')} 3 devices"
