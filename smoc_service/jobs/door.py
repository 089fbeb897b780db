"""JobService: work on many devices. The token names the user."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import grpc.aio
from google.protobuf import json_format
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1 import job_service_pb2_grpc

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from smoc_service.door.caller import who_calls
from smoc_service.door.reading import read_request_id
from smoc_service.jobs.store import JobStore, Order
from smoc_service.jobs.wire.actions import read_action
from smoc_service.jobs.wire.job import (
    read_expected_count,
    read_outcomes,
    read_states,
    write_item,
    write_job,
    write_skipped,
)
from smoc_service.jobs.wire.selections import read_selection
from smoc_service.mongodb import as_stored
from smoc_service.work.ids import read_id

Context = grpc.aio.ServicerContext[Any, Any]


class JobDoor(job_service_pb2_grpc.JobServiceServicer):
    def __init__(self, store: JobStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def PreviewJob(
        self, request: contract.PreviewJobRequest, context: Context
    ) -> contract.PreviewJobResponse:
        preview = await self._store.preview(
            read_selection(request), read_action(request, self._now()), current_caller().scope
        )
        return contract.PreviewJobResponse(
            device_count=preview.count,
            sample_device_ids=[each.device_id for each in preview.sample if not each.alarm_id],
            sample_alarm_ids=[each.alarm_id for each in preview.sample if each.alarm_id],
            summary=preview.summary,
            skipped=write_skipped(preview.skipped),
        )

    async def CreateJob(
        self, request: contract.CreateJobRequest, context: Context
    ) -> contract.CreateJobResponse:
        caller = current_caller()
        order = Order(
            request_id=read_request_id(request.request_id),
            asked=_digest(request),
            selection=read_selection(request),
            action=read_action(request, self._now()),
            who=who_calls(),
            expected_count=read_expected_count(request.expected_count),
        )
        job = await self._store.create(order, caller.scope, as_stored(self._now()))
        return contract.CreateJobResponse(job=write_job(job))

    async def GetJob(
        self, request: contract.GetJobRequest, context: Context
    ) -> contract.GetJobResponse:
        job = await self._store.job(read_id(request.job_id, "job_id"), current_caller().scope)
        return contract.GetJobResponse(job=write_job(job))

    async def ListJobs(
        self, request: contract.ListJobsRequest, context: Context
    ) -> contract.ListJobsResponse:
        page = await self._store.page(
            read_states(request),
            current_caller().scope,
            read_page_size(request.page_size),
            request.page_token,
        )
        return contract.ListJobsResponse(
            jobs=map(write_job, page.items), next_page_token=page.next_token
        )

    async def ListJobItems(
        self, request: contract.ListJobItemsRequest, context: Context
    ) -> contract.ListJobItemsResponse:
        page = await self._store.items(
            read_id(request.job_id, "job_id"),
            read_outcomes(request),
            current_caller().scope,
            read_page_size(request.page_size),
            request.page_token,
        )
        return contract.ListJobItemsResponse(
            items=map(write_item, page.items), next_page_token=page.next_token
        )

    async def PauseJob(
        self, request: contract.PauseJobRequest, context: Context
    ) -> contract.PauseJobResponse:
        job = await self._store.pause(
            read_id(request.job_id, "job_id"), current_caller().scope, as_stored(self._now())
        )
        return contract.PauseJobResponse(job=write_job(job))

    async def ResumeJob(
        self, request: contract.ResumeJobRequest, context: Context
    ) -> contract.ResumeJobResponse:
        job = await self._store.resume(
            read_id(request.job_id, "job_id"), current_caller().scope, as_stored(self._now())
        )
        return contract.ResumeJobResponse(job=write_job(job))

    async def CancelJob(
        self, request: contract.CancelJobRequest, context: Context
    ) -> contract.CancelJobResponse:
        job = await self._store.cancel(
            read_id(request.job_id, "job_id"), current_caller().scope, as_stored(self._now())
        )
        return contract.CancelJobResponse(job=write_job(job))


def _digest(request: contract.CreateJobRequest) -> str:
    """Return a text that distinguishes requests with the same id."""
    asked = json_format.MessageToDict(request)
    del asked["requestId"]
    return blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=16).hexdigest()
