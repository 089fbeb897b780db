"""Jobs on alarms: all that a list shows, or some of them, each with a result of its own."""

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from meterpark.smoc.v1 import alarm_service_pb2, job_service_pb2_grpc
from meterpark.smoc.v1 import job_service_pb2 as contract
from pymongo.errors import PyMongoError

from service_chassis.scope import EVERYTHING
from smoc_service.jobs.core.actions import (
    AcknowledgeAlarms,
    AlarmAction,
    AssignAlarms,
    CommentAlarms,
    ResolveAlarms,
    SnoozeAlarms,
)
from smoc_service.jobs.core.job import Outcome, Selection, State
from tests.neighbours.issuer import Bearing
from tests.neighbours.smoc.kept_alarms import (
    EVERY,
    Watched,
    listing,
    reason,
    request_id,
    watched,
)
from tests.neighbours.smoc.running import Smoc
from tests.neighbours.smoc.working import Crew, alarmed_crew, dying_after

ALL_OF_THEM = Selection(alarm_conditions={})
FILTER = alarm_service_pb2.AlarmFilter
SEEN = contract.JobAction(acknowledge_alarms=contract.AcknowledgeAlarmsAction(comment="storm"))


def jobs_of(smoc: Smoc, name: str, role: str = "asset-manager", *networks: str) -> Any:
    token = smoc.issuer.token(roles=[role], networks=networks or ("*",), preferred_username=name)
    return Bearing(job_service_pb2_grpc.JobServiceStub(smoc.channel), token)


async def acknowledge(park: Watched, alarm_id: str) -> None:
    request = alarm_service_pb2.AcknowledgeAlarmRequest(alarm_id=alarm_id, request_id=request_id())
    await park.anna.AcknowledgeAlarm(request)


async def test_all_alarms_that_match_are_done_and_what_does_not_apply_is_left_and_named(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 30)
        newest, second, *_ = await park.listed()
        await acknowledge(park, newest.alarm_id)
        job = await team.order(
            AcknowledgeAlarms(comment="storm"),
            selection=Selection(
                alarm_conditions={"severities": ["ALARM_SEVERITY_CRITICAL"]},
                without=(second.alarm_id,),
            ),
        )
        assert job.summary == "Acknowledge 29 alarms"
        await team.work(team.runner())
        done = await team.tells_the_truth(job.job_id)
        assert (done.state, done.counts.done, done.counts.unchanged) == (State.DONE, 28, 1)
        [left] = await team.items(job.job_id, Outcome.UNCHANGED)
        assert (left.alarm_id, left.device_id) == (newest.alarm_id, newest.device_id)
        assert left.detail == "is acknowledged already"
        assert [each.alarm_id for each in await park.listed(states=[1])] == [second.alarm_id]
        for each in await team.items(job.job_id, Outcome.DONE):
            [kept] = await park.stored(_id=each.alarm_id)
            entry = kept["history"][-1]
            assert (entry["username"], entry["comment"]) == ("anna", "storm")


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        (AssignAlarms(assignee="victor"), "ASSIGNED"),
        (ResolveAlarms(comment="replaced"), "RESOLVED"),
        (CommentAlarms(comment="see the log"), "COMMENTED"),
    ],
)
async def test_each_action_is_done_once_and_a_second_job_finds_it_done(
    mongod_url: str, action: AlarmAction, deed: str
) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 5)
        ids = tuple(each.alarm_id for each in await park.listed())
        for again in (False, True):
            job = await team.order(
                action, selection=Selection(alarm_ids=(*ids, "north/" + "f" * 20))
            )
            await team.work(team.runner())
            counts = (await team.tells_the_truth(job.job_id)).counts
            comments = deed == "COMMENTED"
            assert (counts.done, counts.unchanged) == ((5, 0) if comments or not again else (0, 5))
            [unknown] = await team.items(job.job_id, Outcome.FAILED)
            assert unknown.detail == "no such alarm"
        for each in await park.stored():
            assert Counter(entry["deed"] for entry in each["history"])[deed] == 1 + comments


async def test_alarms_that_sleep_wake_together_and_those_that_are_over_stay(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 4)
        first, *_ = await park.listed()
        request = alarm_service_pb2.ResolveAlarmRequest(
            alarm_id=first.alarm_id, request_id=request_id()
        )
        await park.anna.ResolveAlarm(request)
        until = park.clock.now() + timedelta(hours=1)
        ids = tuple(each.alarm_id for each in await park.listed(states=EVERY))
        job = await team.order(SnoozeAlarms(until=until), selection=Selection(alarm_ids=ids))
        await team.work(team.runner())
        assert (await team.tells_the_truth(job.job_id)).counts.done == 3
        [left] = await team.items(job.job_id, Outcome.UNCHANGED)
        assert (left.alarm_id, left.detail) == (first.alarm_id, "is resolved already")
        assert await park.listed() == []
        park.clock.seconds += 3_700
        while await park.settling().settle_due():
            pass
        assert len(await park.listed()) == 3


async def test_an_area_s_alarm_that_a_job_resolves_lets_its_devices_go(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        ids = [f"north/{n}" for n in range(20)]
        for each in ids:
            await park.change(each, power="OFF", area="A1")
        await park.settling().settle(ids)
        park.clock.seconds = 1_250
        while await park.settling().settle_due():
            pass
        [area] = await park.listed()
        team = Crew(park.smoc, [], park.clock)
        job = await team.order(ResolveAlarms(), selection=ALL_OF_THEM)
        await team.work(team.runner())
        [item] = await team.items(job.job_id)
        assert (item.outcome, item.device_id) == (Outcome.DONE, "")
        while await park.settling().settle_due():
            pass
        assert {each.device_id for each in await park.listed()} == set(ids)
        assert await park.stored(part_of=area.alarm_id) == []


async def test_whatever_step_it_dies_at_each_alarm_is_changed_once(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 10)
        for commands in itertools.count(3, 7):
            job = await team.order(CommentAlarms(comment=str(commands)), selection=ALL_OF_THEM)
            died = False
            async with dying_after(park.smoc, commands):
                try:
                    await team.work(team.runner(f"life-{commands}", ahead=40 * commands))
                except PyMongoError:
                    died = True
            await team.work(team.runner("next", ahead=40 * commands + 20))
            assert (await team.tells_the_truth(job.job_id)).counts.done == 10
            for each in await park.stored():
                said = Counter(entry["comment"] for entry in each["history"])
                assert said[str(commands)] == 1
            if not died:
                break
        assert commands > 10


async def test_a_preview_counts_alarms_and_a_job_of_more_than_it_is_refused(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        await alarmed_crew(park, 12)
        anna = jobs_of(park.smoc, "anna")
        wanted = contract.AlarmSelection(filter=FILTER())
        preview = await anna.PreviewJob(
            contract.PreviewJobRequest(alarm_selection=wanted, action=SEEN)
        )
        assert (preview.device_count, preview.summary) == (12, "Acknowledge 12 alarms")
        assert len(preview.sample_alarm_ids) == 10
        assert not preview.sample_device_ids
        create = contract.CreateJobRequest(
            request_id=request_id(), alarm_selection=wanted, action=SEEN, expected_count=5
        )
        assert await reason(anna.CreateJob(create)) == "JOB_STATE_REFUSED"
        create.expected_count = 12
        job = (await anna.CreateJob(create)).job
        assert (await anna.CreateJob(create)).job == job
        assert job.HasField("alarm_selection")
        assert not job.HasField("selection")
        [listed] = (await anna.ListJobs(contract.ListJobsRequest())).jobs
        assert listed.of_alarms
        assert not listed.HasField("alarm_selection")


async def test_nobody_works_on_alarms_of_another_network_or_without_the_role(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        await park.change("north/1", tamper="DETECTED")
        await park.change("south/1", tamper="DETECTED")
        await park.settling().settle(["north/1", "south/1"])
        [south] = (await park.anna.ListAlarms(listing(networks=["south"]))).alarms
        create = contract.CreateJobRequest(
            request_id=request_id(),
            alarm_selection=contract.AlarmSelection(filter=FILTER()),
            action=SEEN,
        )
        victor = jobs_of(park.smoc, "victor", "asset-viewer")
        assert await reason(victor.CreateJob(create)) == "ROLE_MISSING"
        otto = jobs_of(park.smoc, "otto", "asset-manager", "north")
        job_id = (await otto.CreateJob(create)).job.job_id
        team = Crew(park.smoc, [], park.clock)
        await team.work(team.runner())
        [item] = await team.items(job_id)
        assert item.device_id == "north/1"
        named = contract.CreateJobRequest(
            request_id=request_id(),
            alarm_selection=contract.AlarmSelection(alarm_ids=[south.alarm_id]),
            action=SEEN,
        )
        assert await reason(otto.CreateJob(named)) == "NETWORK_DENIED"
        assert (await team.store().job(job_id, EVERYTHING)).networks == frozenset({"north"})
