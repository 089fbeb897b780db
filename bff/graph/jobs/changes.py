"""Beginning jobs, and steering them."""

from typing import Annotated, Any

import strawberry
from meterpark.smoc.v1 import job_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.fields import RequestId
from bff.graph.jobs.inputs import (
    AlarmSelectionInput,
    DeviceSelectionInput,
    JobActionInput,
    action_to_wire,
    alarms_to_wire,
    selection_to_wire,
)
from bff.graph.jobs.job import Job, job_of
from bff.graph.refusals import (
    ArgumentInvalid,
    JobStateRefused,
    JobUnknown,
    NotAllowed,
    RequestIdReused,
    TooMany,
)


@strawberry.type
class JobChanged:
    job: Job


CreateJobResult = Annotated[
    JobChanged | JobStateRefused | RequestIdReused | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("CreateJobResult"),
]
JobChangeResult = Annotated[
    JobChanged | JobUnknown | JobStateRefused | NotAllowed | ArgumentInvalid,
    strawberry.union("JobChangeResult"),
]
ExpectedCount = Annotated[
    int,
    strawberry.argument(
        description="What the preview counted: a selection grown by more than a tenth is refused. 0: not compared."
    ),
]


async def _changed(info: Info, method: Any, request: Any) -> JobChanged:
    answer = await info.context.asking.ask(method, request)
    return JobChanged(job=job_of(answer.job))


async def create_job(
    info: Info,
    selection: DeviceSelectionInput,
    action: JobActionInput,
    request_id: RequestId,
    expected_count: ExpectedCount = 0,
) -> CreateJobResult:
    """Makes the list of the devices that are selected now, and begins."""
    return await _changed(
        info,
        info.context.asking.register.jobs.CreateJob,
        wire.CreateJobRequest(
            request_id=request_id,
            selection=selection_to_wire(selection),
            action=action_to_wire(action),
            expected_count=expected_count,
        ),
    )


async def create_alarm_job(
    info: Info,
    selection: AlarmSelectionInput,
    action: JobActionInput,
    request_id: RequestId,
    expected_count: ExpectedCount = 0,
) -> CreateJobResult:
    """Fixes the alarms that are selected now, and begins."""
    return await _changed(
        info,
        info.context.asking.register.jobs.CreateJob,
        wire.CreateJobRequest(
            request_id=request_id,
            alarm_selection=alarms_to_wire(selection),
            action=action_to_wire(action),
            expected_count=expected_count,
        ),
    )


async def pause_job(info: Info, job_id: strawberry.ID) -> JobChangeResult:
    """Stops a job after the devices that are in work."""
    jobs = info.context.asking.register.jobs
    return await _changed(info, jobs.PauseJob, wire.PauseJobRequest(job_id=job_id))


async def resume_job(info: Info, job_id: strawberry.ID) -> JobChangeResult:
    """Lets a paused job go on."""
    jobs = info.context.asking.register.jobs
    return await _changed(info, jobs.ResumeJob, wire.ResumeJobRequest(job_id=job_id))


async def cancel_job(info: Info, job_id: strawberry.ID) -> JobChangeResult:
    """Ends a job; finished devices stay changed."""
    jobs = info.context.asking.register.jobs
    return await _changed(info, jobs.CancelJob, wire.CancelJobRequest(job_id=job_id))
