"""Work on many devices while processes die, or two believe the same: every device has its result exactly once."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import PyMongoError

from service_chassis.scope import EVERYTHING
from smoc_service.jobs.core.actions import AssignAlarms, Tag
from smoc_service.jobs.core.job import State
from tests.neighbours.smoc.kept_alarms import watched
from tests.neighbours.smoc.running import running
from tests.neighbours.smoc.working import Crew, alarmed_crew, crew, dying_after
from tests.specs.smoc.messages import device, provision


async def test_whatever_step_a_process_dies_at_the_next_one_does_each_device_once(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 10)
        lists = {}
        # Until it lives long enough to come to the end.
        for commands in itertools.count():
            job = await team.order(
                Tag(add=(f"after-{commands}",), remove=(f"after-{commands - 1}",))
            )
            died = await _lived(team, f"life-{commands}", commands, ahead=40 * commands)
            await team.tells_the_truth(job.job_id)
            await team.work(team.runner("next", ahead=40 * commands + 20))
            done = await team.tells_the_truth(job.job_id)
            assert (done.state, done.counts.done) == (State.DONE, 10)
            assert set((await team.versions()).values()) == {commands + 1}
            # What was given up half written is gone.
            lists[done.list_id] = 10
            assert await team.lists() == lists
            if not died:
                break
        assert commands > 30


async def _lived(
    team: Crew, worker: str, commands: int, *, at_once: int = 4, ahead: float = 0
) -> bool:
    """Let a process work until it dies after so many commands; return whether it did."""
    async with dying_after(team.smoc, commands):
        try:
            await team.work(team.runner(worker, at_once, ahead))
        except PyMongoError:
            return True
    return False


async def test_who_is_started_again_goes_on_at_once_and_undoes_what_he_had_begun(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 10)
        job = await team.order()
        assert await _lived(team, "one", 22)
        half = await team.tells_the_truth(job.job_id)
        assert half.state is State.RUNNING
        # The same name, the same time: no lease is waited for, and no transaction that was left open.
        await team.work(team.runner("one"))
        assert (await team.tells_the_truth(job.job_id)).counts.done == 10
        [result] = await smoc.provision(provision(device("north/0009", 2), []))
        assert result.revision == 2


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    commands=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    at_once=st.integers(1, 12),
    jobs=st.integers(1, 3),
)
async def test_however_often_it_dies_every_job_comes_to_its_end_once(
    mongod_url: str, commands: list[int], at_once: int, jobs: int
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 10)
        tags = [Tag(add=(f"job-{number}",)) for number in range(jobs)]
        ordered = [await team.order(each) for each in tags]
        for life, lasting in enumerate(commands):
            await _lived(team, f"life-{life}", lasting, at_once=at_once, ahead=20 * life)
            for each in ordered:
                await team.tells_the_truth(each.job_id)
        await team.work(team.runner("last", at_once, ahead=20 * len(commands)))
        for each in ordered:
            assert (await team.tells_the_truth(each.job_id)).counts.done == 10
        assert set((await team.versions()).values()) == {jobs}


async def test_two_processes_that_both_believe_to_hold_the_jobs_do_nothing_twice_while_the_hub_writes(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 60)
        jobs = [await team.order(Tag(add=(f"job-{number}",))) for number in range(3)]
        runners = [team.runner("one"), team.runner("two", ahead=3_600)]

        async def hub() -> None:
            for revision in range(2, 12):
                letters = [provision(device(each, revision), []) for each in team.device_ids]
                await smoc.provision(*letters)

        async with team.working(*runners):
            await hub()
            for job in jobs:
                await team.until_ended(job.job_id)
        for job in jobs:
            assert (await team.tells_the_truth(job.job_id)).counts.done == 60
        assert set((await team.versions()).values()) == {3}
        shown = await smoc.device("north/0042")
        assert (shown.revision, list(shown.tags)) == (11, ["job-0", "job-1", "job-2"])


async def test_a_job_of_alarms_that_dies_leaves_one_entry_in_each_history(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 10)
        done = ["OPENED"]
        for commands in itertools.count(10, 3):
            job = await team.order(AssignAlarms(assignee=f"after-{commands}"))
            died = await _lived(team, f"life-{commands}", commands, ahead=40 * commands)
            await team.work(team.runner("next", ahead=40 * commands + 20))
            assert (await team.tells_the_truth(job.job_id)).counts.done == 10
            done.append("ASSIGNED")
            for alarm in await park.stored():
                assert [entry["deed"] for entry in alarm["history"]] == done
            if not died:
                break
        assert commands > 30


async def test_a_job_whose_list_is_gone_or_that_nobody_finished_ends(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 10)
        lost, left = await team.order(), await team.order()
        assert await _lived(team, "one", 26)
        await team.store().pause(left.job_id, EVERYTHING, team.clock.now())
        job = await team.store().job(lost.job_id, EVERYTHING)
        await smoc.database["job_items"].delete_many({"_id.list": job.list_id})
        await team.work(team.runner("two", ahead=20))
        ended = await team.store().job(lost.job_id, EVERYTHING)
        assert ended.summary.endswith("its list of devices is gone")
        await team.work(team.runner("two", ahead=31 * 86_400))
        ended = await team.tells_the_truth(left.job_id)
        assert ended.state is State.CANCELLED
        assert ended.summary.endswith("not finished in time")
