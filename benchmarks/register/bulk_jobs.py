"""Bulk jobs: devices of some areas are tagged, alarms of devices that have one are acknowledged and assigned."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from meterpark.smoc.v1 import job_service_pb2 as jobs
from meterpark.smoc.v1.device_service_pb2 import (
    CountDevicesRequest,
    DeviceFilter,
    FacetAge,
    TimeRange,
)

from benchmarks.instruments.figures import rate
from benchmarks.register.asking import Asking
from benchmarks.register.questions import PAGE
from benchmarks.register.waiting import until
from benchmarks.trouble import BenchFailed

# Of these two lifecycles every device has an alarm, once it is so for a day (smoc_service/alarms/core/rules.yaml).
_ALARMING: Final = ("POOR_COMMUNICATION", "ERROR")
_ALARMED_AFTER: Final = timedelta(days=2)
_ENDED: Final = frozenset({jobs.JOB_STATE_DONE, jobs.JOB_STATE_CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRate:
    """One job: what it did, with how many devices, and with how many a second."""

    name: str
    told: str
    devices: int
    per_second: float


async def bulk_jobs(asking: Asking, tagged_at_most: int, now: datetime) -> list[JobRate]:
    """Do one job after the other, each from the answer to CreateJob until it is done. Raises BenchFailed."""
    alarmed = _alarmed(now)
    acknowledge = jobs.AcknowledgeAlarmsAction(comment="bench")
    assign = jobs.AssignAlarmsAction(assignee="bench")
    return [
        await _done(
            asking,
            "tag",
            "tag",
            await _some_areas(asking, tagged_at_most),
            jobs.JobAction(tag=jobs.TagAction(add=["bench"])),
        ),
        await _done(
            asking,
            "acknowledge",
            "acknowledge the alarm of",
            alarmed,
            jobs.JobAction(acknowledge_alarms=acknowledge),
        ),
        await _done(
            asking,
            "assign",
            "assign the alarm of",
            alarmed,
            jobs.JobAction(assign_alarms=assign),
        ),
    ]


async def _done(
    asking: Asking, name: str, told: str, wanted: DeviceFilter, action: jobs.JobAction
) -> JobRate:
    counted = await asking.call(asking.devices.CountDevices, CountDevicesRequest(filter=wanted))
    created = await asking.call(
        asking.jobs.CreateJob,
        jobs.CreateJobRequest(
            request_id=str(uuid4()),
            selection=jobs.DeviceSelection(filter=wanted),
            action=action,
            expected_count=counted.total_size,
        ),
    )
    began = time.perf_counter()
    request = jobs.GetJobRequest(job_id=created.job.job_id)
    ended = await until(
        lambda: asking.call(asking.jobs.GetJob, request),
        lambda answer: answer.job.state in _ENDED,
        f"the job ({name})",
    )
    seconds = time.perf_counter() - began
    done = ended.job.done_count
    if not done or done != counted.total_size:
        raise BenchFailed(f"the job ({name}) changed {done} of {counted.total_size} devices")
    return JobRate(name=name, told=told, devices=done, per_second=rate(done, seconds))


async def _some_areas(asking: Asking, at_most: int) -> DeviceFilter:
    """Return the largest areas that together have no more than so many devices."""
    areas = await asking.call(asking.devices.CountDevices, CountDevicesRequest(dimensions=["area"]))
    wanted: list[str] = []
    count = 0
    for each in areas.counts:
        if each.value and count + each.device_count <= at_most and len(wanted) < PAGE:
            wanted.append(each.value)
            count += each.device_count
    return DeviceFilter(areas=wanted)


def _alarmed(now: datetime) -> DeviceFilter:
    since = TimeRange()
    since.end_time.FromDatetime(now - _ALARMED_AFTER)
    return DeviceFilter(lifecycles=_ALARMING, facet_ages=[FacetAge(facet="lifecycle", since=since)])
