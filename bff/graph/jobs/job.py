"""Work on many devices, as the schema shows it, and asking for it."""

from datetime import datetime
from enum import Enum

import strawberry
from meterpark.smoc.v1 import job_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_connection
from bff.graph.devices.device import Device
from bff.graph.devices.shown_filter import DeviceFilter, filter_of
from bff.graph.fields import Named, described, enum_of, time_of
from bff.graph.jobs.inputs import (
    AlarmSelectionInput,
    DeviceSelectionInput,
    JobActionInput,
    JobActionKind,
    action_to_wire,
    alarms_to_wire,
    selection_to_wire,
)
from bff.graph.viewer import may_change


@strawberry.enum
class JobState(Enum):
    PREPARING = strawberry.enum_value(
        wire.JOB_STATE_PREPARING, description="The list of devices is being made."
    )
    RUNNING = wire.JOB_STATE_RUNNING
    PAUSED = wire.JOB_STATE_PAUSED
    DONE = wire.JOB_STATE_DONE
    CANCELLED = wire.JOB_STATE_CANCELLED


@strawberry.enum
class JobOutcome(Enum):
    PENDING = wire.JOB_OUTCOME_PENDING
    DONE = strawberry.enum_value(wire.JOB_OUTCOME_DONE, description="Done by this job.")
    UNCHANGED = strawberry.enum_value(
        wire.JOB_OUTCOME_UNCHANGED,
        description="The effect was already in place, or nothing applies; of an alarm `detail` says why.",
    )
    FAILED = strawberry.enum_value(wire.JOB_OUTCOME_FAILED, description="`detail` says why.")
    SKIPPED = strawberry.enum_value(
        wire.JOB_OUTCOME_SKIPPED, description="The job was cancelled before it reached this device."
    )


@strawberry.type(description="The action on each device: its kind, and the arguments of that kind.")
class JobAction:
    kind: JobActionKind
    comment: str | None
    rules: list[str]
    assignee: str | None
    add_tags: list[str]
    remove_tags: list[str]
    reason: str | None
    until: datetime | None


@strawberry.type(description="The result for one device or one alarm.")
class JobItem:
    device_id: strawberry.ID = strawberry.field(description="Empty for the alarm of an area.")
    alarm_id: strawberry.ID | None = strawberry.field(description="Null in a job on devices.")
    outcome: JobOutcome | None
    detail: str | None
    at: datetime | None

    @strawberry.field
    async def device(self, info: Info) -> Device | None:
        if not self.device_id:
            return None
        found: Device | None = await info.context.load.device(self.device_id)
        return found


@strawberry.type(description="What the viewer's roles and the job's state allow: a hint for pages.")
class JobViewerCan:
    pause: bool
    resume: bool
    cancel: bool


@strawberry.type(description="An action on all devices of a selection.")
class Job:
    job_id: strawberry.ID
    state: JobState | None
    action: JobAction | None
    filter: DeviceFilter | None = strawberry.field(
        description="Null: devices were named one by one; and in lists of jobs."
    )
    device_ids: list[strawberry.ID] = strawberry.field(description="Empty in lists of jobs.")
    excluded_device_ids: list[strawberry.ID] = strawberry.field(
        description="Left out of what the filter finds; empty in lists of jobs."
    )
    alarm_ids: list[strawberry.ID] = strawberry.field(description="Empty in lists of jobs.")
    of_alarms: bool = strawberry.field(description="Its items are alarms, not devices.")
    summary: str = strawberry.field(description="A sentence for people.")
    username: str
    created_at: datetime | None
    updated_at: datetime | None
    ended_at: datetime | None
    total_count: int = strawberry.field(
        description="Devices fixed at the start; the five counts below add up to it."
    )
    pending_count: int
    done_count: int
    unchanged_count: int
    failed_count: int
    skipped_count: int

    @described
    async def items(
        self,
        info: Info,
        outcomes: list[JobOutcome] | None = None,
        first: int = USUAL_PAGE,
        after: str | None = None,
    ) -> Connection[JobItem]:
        """In the order in which they are worked on."""
        asking = info.context.asking
        return await read_connection(
            asking,
            asking.register.jobs.ListJobItems,
            wire.ListJobItemsRequest(
                job_id=self.job_id, outcomes=[outcome.value for outcome in outcomes or ()]
            ),
            "items",
            _item_of,
            first=first,
            after=after,
        )

    @strawberry.field
    def viewer_can(self, info: Info) -> JobViewerCan:
        changes = may_change(info)
        ended = self.state in (JobState.DONE, JobState.CANCELLED)
        return JobViewerCan(
            pause=changes and self.state is JobState.RUNNING,
            resume=changes and self.state is JobState.PAUSED,
            cancel=changes and not ended,
        )


def job_of(told: wire.Job) -> Job:
    named = told.selection.device_ids
    return Job(
        job_id=strawberry.ID(told.job_id),
        state=enum_of(JobState, told.state),
        action=_action_of(told.action),
        filter=filter_of(told.selection.filter) if told.selection.HasField("filter") else None,
        device_ids=[strawberry.ID(device_id) for device_id in named],
        excluded_device_ids=[
            strawberry.ID(device_id) for device_id in told.selection.excluded_device_ids
        ],
        alarm_ids=[strawberry.ID(alarm_id) for alarm_id in told.alarm_selection.alarm_ids],
        of_alarms=told.of_alarms,
        summary=told.summary,
        username=told.username,
        created_at=time_of(told, "create_time"),
        updated_at=time_of(told, "update_time"),
        ended_at=time_of(told, "end_time"),
        total_count=told.total_count,
        pending_count=told.pending_count,
        done_count=told.done_count,
        unchanged_count=told.unchanged_count,
        failed_count=told.failed_count,
        skipped_count=told.skipped_count,
    )


def _action_of(told: wire.JobAction) -> JobAction | None:
    kind = told.WhichOneof("action")
    if kind is None:
        return None
    on_alarms = kind.endswith("_alarms")
    said = getattr(told, kind)
    return JobAction(
        kind=JobActionKind(kind),
        comment=(said.comment or None) if on_alarms else None,
        rules=list(said.rules) if on_alarms else [],
        assignee=told.assign_alarms.assignee or None,
        add_tags=list(told.tag.add),
        remove_tags=list(told.tag.remove),
        reason=told.mark_for_exchange.reason or None,
        until=time_of(told.snooze_alarms, "until_time"),
    )


def _item_of(told: wire.JobItem) -> JobItem:
    return JobItem(
        device_id=strawberry.ID(told.device_id),
        alarm_id=strawberry.ID(told.alarm_id) if told.alarm_id else None,
        outcome=enum_of(JobOutcome, told.outcome),
        detail=told.detail or None,
        at=time_of(told, "time"),
    )


@strawberry.enum(description="Why a job would leave a device as it is.")
class SkipReason(Enum):
    TAGS_ALREADY_SO = wire.SKIP_REASON_TAGS_ALREADY_SO
    NOT_MARKED = wire.SKIP_REASON_NOT_MARKED
    MARKED_ALREADY = strawberry.enum_value(
        wire.SKIP_REASON_MARKED_ALREADY,
        description="Only the reason changes, if it is another one.",
    )


@strawberry.type(description="Devices that a job would leave as they are.")
class SkippedDevices:
    device_count: int
    reason: SkipReason | None


@strawberry.type(description="What a job would do.")
class JobPreview:
    device_count: int = strawberry.field(description="Devices, or alarms of a job on alarms.")
    sample_device_ids: list[strawberry.ID] = strawberry.field(description="Up to ten of them.")
    sample_alarm_ids: list[strawberry.ID] = strawberry.field(description="Up to ten of them.")
    summary: str = strawberry.field(description="A sentence for people.")
    skipped: list[SkippedDevices] = strawberry.field(
        description="Of tags and exchange marks; the job tells it of each device."
    )


async def job(info: Info, job_id: Named) -> Job | None:
    """One job and its progress; null when there is none of this name."""
    asking = info.context.asking
    answer = await info.context.none_if_unknown(
        asking.ask(asking.register.jobs.GetJob, wire.GetJobRequest(job_id=job_id))
    )
    return None if answer is None else job_of(answer.job)


async def jobs(
    info: Info,
    states: list[JobState] | None = None,
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> Connection[Job]:
    """Jobs, newest first."""
    asking = info.context.asking
    return await read_connection(
        asking,
        asking.register.jobs.ListJobs,
        wire.ListJobsRequest(states=[state.value for state in states or ()]),
        "jobs",
        job_of,
        first=first,
        after=after,
    )


async def job_preview(
    info: Info, selection: DeviceSelectionInput, action: JobActionInput
) -> JobPreview:
    """What a job would do; it changes nothing."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.jobs.PreviewJob,
        wire.PreviewJobRequest(
            selection=selection_to_wire(selection), action=action_to_wire(action)
        ),
    )
    return _preview_of(answer)


async def alarm_job_preview(
    info: Info, selection: AlarmSelectionInput, action: JobActionInput
) -> JobPreview:
    """What a job on alarms would do; nothing is done."""
    asking = info.context.asking
    request = wire.PreviewJobRequest(
        alarm_selection=alarms_to_wire(selection), action=action_to_wire(action)
    )
    return _preview_of(await asking.ask(asking.register.jobs.PreviewJob, request))


def _preview_of(told: wire.PreviewJobResponse) -> JobPreview:
    return JobPreview(
        device_count=told.device_count,
        sample_device_ids=[strawberry.ID(device_id) for device_id in told.sample_device_ids],
        sample_alarm_ids=[strawberry.ID(alarm_id) for alarm_id in told.sample_alarm_ids],
        summary=told.summary,
        skipped=[
            SkippedDevices(device_count=one.device_count, reason=enum_of(SkipReason, one.reason))
            for one in told.skipped
        ],
    )
