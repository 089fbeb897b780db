"""Work on many devices against a real MongoDB: fixed, done once whatever dies, counted exactly, shown to who may."""

import asyncio
from typing import Any

import pytest

from service_chassis.pages import PageTokenInvalid, seal
from service_chassis.scope import EVERYTHING, NetworkDenied, Scope
from smoc_service.errors import JobUnknown, RequestReused, TooMany
from smoc_service.jobs.core.actions import AcknowledgeAlarms, AssignAlarms, MarkForExchange, Tag
from smoc_service.jobs.core.job import JobStateRefused, Outcome, Selection, State
from smoc_service.jobs.documents import JOBS, UNFINISHED_IN_ALL, UNFINISHED_OF_ONE
from smoc_service.who import Who
from tests.neighbours.smoc.kept_alarms import watched
from tests.neighbours.smoc.running import running
from tests.neighbours.smoc.working import TAG, Crew, alarmed_crew, crew, order

NORTH = Scope(frozenset({"north"}))
UNKNOWN = Selection(device_ids=("north/0001", "north/none", "north/0000"))


async def test_a_job_does_its_devices_in_order_and_says_what_became_of_each(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 10)
        await team.order(Tag(add=("a",)), selection=Selection(device_ids=("north/0003",)))
        await team.work(team.runner())
        job = await team.order(Tag(add=("a", "b")))
        assert (job.state, job.summary) == (State.PREPARING, "Tag 10 devices with a, b")
        await team.work(team.runner())
        job = await team.order(Tag(add=("b",), remove=("a",)))
        await team.work(team.runner())
        done = await team.tells_the_truth(job.job_id)
        assert (done.state, done.counts.done) == (State.DONE, 10)
        shown = await smoc.device("north/0003")
        assert list(shown.tags) == ["b"]
        job = await team.order(Tag(add=("b",)))
        await team.work(team.runner())
        assert (await team.tells_the_truth(job.job_id)).counts.unchanged == 10
        assert [each.device_id for each in await team.items(job.job_id)] == team.device_ids


async def test_a_device_that_is_not_there_or_takes_no_more_fails_alone_and_says_why(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 3)
        full = Tag(add=tuple(f"t{number:02}" for number in range(20)))
        await team.order(full, selection=Selection(device_ids=("north/0001",)))
        await team.work(team.runner())
        job = await team.order(TAG, selection=UNKNOWN)
        await team.work(team.runner())
        await team.tells_the_truth(job.job_id)
        assert [(each.outcome, each.detail) for each in await team.items(job.job_id)] == [
            (Outcome.DONE, ""),
            (Outcome.FAILED, "it would carry 21 tags, 20 at most"),
            (Outcome.FAILED, "no such device in the register"),
        ]
        failed = await team.items(job.job_id, Outcome.FAILED)
        assert [each.device_id for each in failed] == ["north/0001", "north/none"]


async def test_a_mark_for_exchange_names_who_wanted_it_and_why(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 1)
        await team.order(MarkForExchange(reason="leaks"))
        await team.work(team.runner())
        mark = (await smoc.device("north/0000")).exchange_mark
        assert (mark.reason, mark.username) == ("leaks", "anna")


async def test_jobs_share_a_large_one_does_not_keep_a_small_one_waiting(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 400)
        large = await team.order()
        async with team.working(team.runner(at_once=1)):
            await team.until(large.job_id, lambda job: job.counts.done > 0)
            small = await team.order(TAG, selection=Selection(device_ids=("north/0000",)))
            await team.until_ended(small.job_id)
            seen = await team.until(large.job_id, bool)
        assert seen.counts.pending > 0


async def test_pause_stops_after_the_devices_in_hand_resume_goes_on_and_cancel_skips_the_rest(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team, now = await crew(smoc, 200), Crew(smoc, []).clock.now()
        store = team.store()
        job = await team.order()
        with pytest.raises(JobStateRefused, match="being prepared"):
            await store.pause(job.job_id, EVERYTHING, now)
        async with team.working(team.runner(at_once=1)):
            await team.until(job.job_id, lambda each: each.counts.done > 3)
            paused = await store.pause(job.job_id, EVERYTHING, now)
            assert await store.pause(job.job_id, EVERYTHING, now) == paused
            other = await team.order(TAG, selection=Selection(device_ids=("north/0199",)))
            await team.until_ended(other.job_id)
            assert (await team.tells_the_truth(job.job_id)).counts == paused.counts
            await store.resume(job.job_id, EVERYTHING, now)
            await team.until(job.job_id, lambda each: each.counts.worked > paused.counts.worked)
            cancelled = await store.cancel(job.job_id, EVERYTHING, now)
        assert cancelled.counts.skipped == 200 - cancelled.counts.worked > 0
        await team.tells_the_truth(job.job_id)
        assert len(await team.items(job.job_id, Outcome.SKIPPED)) == cancelled.counts.skipped
        assert await team.items(job.job_id, Outcome.PENDING) == []
        with pytest.raises(JobStateRefused, match="cancelled already"):
            await store.resume(job.job_id, EVERYTHING, now)
        worked_on = sum((await team.versions()).values())
        assert worked_on == cancelled.counts.done + 1


async def test_the_same_request_is_one_job_and_another_under_its_id_is_refused(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 1)
        same = order(asked="a")
        store, now = team.store(), team.clock.now()
        made = await asyncio.gather(*(team.store().create(same, EVERYTHING, now) for _ in range(5)))
        assert {each.job_id for each in made} == {made[0].job_id}
        with pytest.raises(RequestReused):
            await store.create(order(asked="b", request=same.request_id), EVERYTHING, now)
        # Another person's request of that id is his own.
        otto = Who(subject="0770", username="otto")
        other = order(asked="b", request=same.request_id, who=otto)
        assert (await store.create(other, EVERYTHING, now)).job_id != made[0].job_id


async def test_more_unfinished_jobs_than_are_kept_are_refused_also_when_asked_at_once(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 1)
        store = team.store()

        async def tried(count: int, who: Who) -> list[Any]:
            return await asyncio.gather(
                *(team.order(store=store, who=who) for _ in range(count)), return_exceptions=True
            )

        made = await tried(UNFINISHED_OF_ONE + 3, Who(subject="a", username="anna"))
        assert sum(isinstance(each, TooMany) for each in made) == 3
        for number in range(UNFINISHED_IN_ALL // UNFINISHED_OF_ONE - 1):
            await tried(UNFINISHED_OF_ONE, Who(subject=f"{number}", username="other"))
        [last] = await tried(1, Who(subject="z", username="zoe"))
        assert "20 jobs are unfinished" in str(last)
        await team.work(team.runner())
        [again] = await tried(1, Who(subject="z", username="zoe"))
        assert again.state is State.PREPARING


async def test_a_selection_that_grew_is_refused_before_it_begins_and_when_it_is_fixed(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 12)
        with pytest.raises(JobStateRefused, match="12 devices are selected, 10 were expected"):
            await team.order(expected=10)
        job = await team.order(expected=11)
        team.device_ids.append("north/more")
        await team.work(team.runner())
        ended = await team.tells_the_truth(job.job_id)
        assert (ended.state, ended.counts.total) == (State.CANCELLED, 0)
        assert ended.summary.endswith("not begun, the selection has grown to 13")


async def test_a_job_is_nobody_s_who_does_not_see_all_of_its_networks(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 1)
        store, now = team.store(), team.clock.now()
        here = Selection(device_ids=("north/0000",))
        both = Selection(device_ids=("north/0000", "south/1"))
        with pytest.raises(NetworkDenied):
            await team.order(TAG, scope=NORTH, selection=both)
        with pytest.raises(NetworkDenied):
            await store.preview(Selection(conditions={"networks": ["south"]}), TAG, NORTH)
        jobs = [
            await team.order(TAG, scope=NORTH, selection=here),
            await team.order(TAG, selection=both),
            await team.order(TAG),
            await team.order(TAG, selection=Selection(conditions={"networks": ["north"]})),
        ]
        for scope, seen in (
            (EVERYTHING, [0, 1, 2, 3]),
            (NORTH, [0, 3]),
            (Scope(frozenset({"north", "south"})), [0, 1, 3]),
            (Scope(frozenset()), []),
        ):
            page = await store.page([], scope, 500, "")
            assert [each.job_id for each in page.items] == [
                jobs[number].job_id for number in reversed(seen)
            ]
            for number, job in enumerate(jobs):
                if number in seen:
                    await store.job(job.job_id, scope)
                    continue
                for question in (
                    store.job(job.job_id, scope),
                    store.items(job.job_id, [], scope, 5, ""),
                    store.cancel(job.job_id, scope, now),
                ):
                    with pytest.raises(JobUnknown):
                        await question


async def test_every_list_follows_an_index_and_nothing_is_sorted(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 40)
        job = await team.order()
        await team.order()
        await team.work(team.runner(at_once=500))
        store = team.store()
        await smoc.profiling()
        for states in ([], [State.DONE], [State.DONE, State.CANCELLED]):
            first = await store.page(states, EVERYTHING, 1, "")
            await store.page(states, EVERYTHING, 1, first.next_token)
            await store.page(states, NORTH, 1, "")
        for outcomes in ([], [Outcome.DONE], [Outcome.DONE, Outcome.FAILED]):
            first_items = await store.items(job.job_id, outcomes, EVERYTHING, 5, "")
            assert len(first_items.items) == 5
            await store.items(job.job_id, outcomes, EVERYTHING, 5, first_items.next_token)
        await team.order()
        await team.work(team.runner(at_once=500))
        for each in await smoc.profiled():
            if (
                each["op"] not in {"query", "update", "remove", "command"}
                or "planSummary" not in each
            ):
                continue
            assert "COLLSCAN" not in each["planSummary"], each["command"]
            assert not each.get("hasSortStage"), each["command"]
            if each["ns"].endswith("job_items") and each["op"] == "query":
                assert each["docsExamined"] <= 41, each["command"]
        forged = seal(f"items {job.job_id} []", "9" * 40)
        for outcomes, token in (([Outcome.FAILED], first_items.next_token), ([], forged)):
            with pytest.raises(PageTokenInvalid):
                await store.items(job.job_id, outcomes, EVERYTHING, 5, token)


async def test_jobs_and_items_are_forgotten_by_the_database_itself(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 3)
        job = await team.order()
        await team.work(team.runner())
        for name in (JOBS, "job_items"):
            indexes = await smoc.database[name].index_information()
            assert indexes["forgotten"]["expireAfterSeconds"] == 0
            async for each in smoc.database[name].find():
                assert (each["forget_at"] - job.created_at).days == 430


async def test_alarms_are_acknowledged_and_assigned_in_the_name_of_who_ordered_it(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        team = await alarmed_crew(park, 10)
        team.device_ids.append("north/none")
        job = await team.order(AcknowledgeAlarms(comment="storm"))
        await team.work(team.runner())
        done = await team.tells_the_truth(job.job_id)
        assert (done.counts.done, done.counts.failed) == (10, 1)
        for alarm in await park.stored():
            assert alarm["state"] == "ACKNOWLEDGED"
            entry = alarm["history"][-1]
            assert (entry["deed"], entry["username"], entry["comment"]) == (
                "ACKNOWLEDGED",
                "anna",
                "storm",
            )
        other_rules = await team.order(AssignAlarms(assignee="victor", rules=("silent",)))
        await team.work(team.runner())
        assert (await team.tells_the_truth(other_rules.job_id)).counts.unchanged == 10
        job = await team.order(AssignAlarms(assignee="victor"))
        await team.work(team.runner())
        assert (await team.tells_the_truth(job.job_id)).counts.done == 10
        assert len(await park.listed(assignees=["victor"])) == 10
        again = await team.order(AssignAlarms(assignee="victor"))
        await team.work(team.runner())
        assert (await team.tells_the_truth(again.job_id)).counts.unchanged == 10
