"""Jobs and what became of their items, as messages say it."""

from collections.abc import Mapping

from meterpark.smoc.v1 import job_service_pb2 as contract

from service_chassis.refusals import argument_invalid
from service_chassis.times import write_time
from service_chassis.words import read_words, write_word
from smoc_service.jobs.core.job import Job, Outcome, State
from smoc_service.jobs.core.skips import SkipReason
from smoc_service.jobs.documents import Item
from smoc_service.jobs.wire.actions import write_action
from smoc_service.jobs.wire.selections import write_alarm_selection, write_device_selection


def read_expected_count(count: int) -> int:
    if count < 0:
        raise argument_invalid("expected_count", "negative")
    return count


def read_states(request: contract.ListJobsRequest) -> tuple[State, ...]:
    return read_words(contract.JobState, request.states, State, "states")


def read_outcomes(request: contract.ListJobItemsRequest) -> tuple[Outcome, ...]:
    return read_words(contract.JobOutcome, request.outcomes, Outcome, "outcomes")


def write_job(job: Job) -> contract.Job:
    return contract.Job(
        job_id=job.job_id,
        state=write_word(contract.JobState, job.state),
        selection=write_device_selection(job.selection),
        alarm_selection=write_alarm_selection(job.selection),
        action=write_action(job.action),
        summary=job.summary,
        of_alarms=job.of_alarms,
        username=job.who.username,
        create_time=write_time(job.created_at),
        update_time=write_time(job.updated_at),
        end_time=write_time(job.ended_at),
        total_count=job.counts.total,
        pending_count=job.counts.pending,
        done_count=job.counts.done,
        unchanged_count=job.counts.unchanged,
        failed_count=job.counts.failed,
        skipped_count=job.counts.skipped,
    )


def write_skipped(skipped: Mapping[SkipReason, int]) -> list[contract.SkippedDevices]:
    return [
        contract.SkippedDevices(device_count=count, reason=write_word(contract.SkipReason, reason))
        for reason, count in skipped.items()
    ]


def write_item(item: Item) -> contract.JobItem:
    return contract.JobItem(
        device_id=item.device_id,
        outcome=write_word(contract.JobOutcome, item.outcome),
        detail=item.detail,
        time=write_time(item.at),
        alarm_id=item.alarm_id,
    )
