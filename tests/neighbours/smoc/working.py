"""Jobs as tests use them: a store, and runners that come and go, on a register with a database of its own."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from service_chassis.scope import EVERYTHING, Scope
from smoc_service.jobs.core.actions import Action, Tag
from smoc_service.jobs.core.job import ENDED, Job, Selection
from smoc_service.jobs.core.skips import SkipReason
from smoc_service.jobs.documents import JOB_ITEMS, Item, Picked
from smoc_service.jobs.runner import JobRunner
from smoc_service.jobs.selection import NamedDevices, Selected
from smoc_service.jobs.store import JobStore, Order
from smoc_service.jobs.turn import JobTurns
from smoc_service.park.filter import ScopedFilter
from tests.neighbours.smoc.kept_alarms import Clock, Watched, request_id
from tests.neighbours.smoc.running import Smoc
from tests.specs.smoc.alarming import ANNA
from tests.specs.smoc.messages import device, provision

TAG = Tag(add=("yard-7",))
_BETWEEN_LOOKS = 0.01


class InPieces(NamedDevices):
    """Gives no more than a few devices at once."""

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        return await super().some(min(at_most, 7), after)


async def _no_survey(visible: ScopedFilter, action: Action) -> dict[SkipReason, int]:
    """There is no search that could tell."""
    del visible, action
    return {}


@dataclass
class Crew:
    """Who orders and does work on a park of ``device_ids``."""

    smoc: Smoc
    device_ids: list[str]
    clock: Clock = field(default_factory=Clock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def find(self, visible: ScopedFilter) -> Selected:
        """Find the whole park, whatever is asked for."""
        del visible
        return InPieces(self.device_ids)

    def store(self) -> JobStore:
        return JobStore(
            self.smoc.client,
            self.smoc.database.name,
            self.find,
            _no_survey,
            new_id=self._new_id,
            wake=lambda: None,
        )

    def runner(self, worker: str = "one", at_once: int = 4, ahead: float = 0) -> JobRunner:
        """Return a runner whose clock is ``ahead`` seconds ahead."""
        clock = Clock(self.clock.seconds + ahead)
        return JobRunner(
            self.smoc.client,
            self.smoc.database.name,
            self.find,
            now=clock.now,
            worker=worker,
            new_list_id=self._new_id,
            at_once=at_once,
        )

    async def work(self, runner: JobRunner) -> None:
        """Let ``runner`` work until there is nothing for it to do."""
        async with self.smoc.client.start_session() as session:
            turns = JobTurns(self.smoc.client, self.smoc.database.name, session)
            while await runner.round(turns):
                pass

    @asynccontextmanager
    async def working(self, *runners: JobRunner) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(runner.run()) for runner in runners]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def order(
        self,
        action: Action = TAG,
        *,
        scope: Scope = EVERYTHING,
        store: JobStore | None = None,
        **more: Any,
    ) -> Job:
        """Order a job for every device of the park, unless ``selection`` says another."""
        return await (store or self.store()).create(order(action, **more), scope, self.clock.now())

    async def until(self, job_id: str, good: Callable[[Job], bool]) -> Job:
        """Look at a job until it is good; the test's own time limit ends it."""
        while True:
            job = await self.store().job(job_id, EVERYTHING)
            if good(job):
                return job
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def until_ended(self, job_id: str) -> Job:
        return await self.until(job_id, lambda job: job.state in ENDED)

    async def items(self, job_id: str, *outcomes: Any, size: int = 6) -> list[Item]:
        found: list[Item] = []
        token = ""
        while True:
            page = await self.store().items(job_id, outcomes, EVERYTHING, size, token)
            found += page.items
            token = page.next_token
            if not token:
                return found

    async def tells_the_truth(self, job_id: str) -> Job:
        """Check that the counts are those of the items, and that each device was done once; return the job."""
        job = await self.store().job(job_id, EVERYTHING)
        items = await self.items(job_id)
        assert [each.number for each in items] == list(range(job.counts.total))
        found = Counter(each.outcome.value.lower() for each in items)
        counts = job.counts
        assert found == Counter(
            {
                name: getattr(counts, name)
                for name in ("pending", "done", "unchanged", "failed", "skipped")
                if getattr(counts, name)
            }
        )
        return job

    async def versions(self) -> dict[str, int]:
        """Return how often each device was worked on."""
        found = self.smoc.database["devices"].find({}, {"work.version": True})
        return {each["_id"]: each.get("work", {}).get("version", 0) async for each in found}

    async def lists(self) -> dict[str, int]:
        """Return how many items lie under each list."""
        found = self.smoc.database[JOB_ITEMS].find({}, {"_id": True})
        return dict(Counter([each["_id"]["list"] async for each in found]))

    def _new_id(self) -> str:
        return f"{next(self._numbers):020x}"


def order(
    action: Action = TAG,
    *,
    request: str = "",
    asked: str = "",
    selection: Selection | None = None,
    expected: int = 0,
    who: Any = ANNA,
) -> Order:
    return Order(
        request_id=request or request_id(),
        asked=asked,
        selection=selection or Selection(conditions={"models": ["E450"]}),
        action=action,
        who=who,
        expected_count=expected,
    )


async def crew(smoc: Smoc, count: int) -> Crew:
    """Return a crew for a park of ``count`` devices, which it makes."""
    ids = [f"north/{number:04}" for number in range(count)]
    for begin in range(0, count, 500):
        await smoc.provision(
            *(provision(device(each, model="E450"), []) for each in ids[begin : begin + 500])
        )
    return Crew(smoc, ids)


async def alarmed_crew(park: Watched, count: int) -> Crew:
    """Return a crew for a park of which every device has an open alarm."""
    team = await crew(park.smoc, count)
    letters = [device(each, 2, tamper="DETECTED") for each in team.device_ids]
    await park.smoc.provision(*(provision(each, []) for each in letters))
    await park.settling().settle(team.device_ids)
    team.clock = park.clock
    return team


@asynccontextmanager
async def dying_after(smoc: Smoc, commands: int) -> AsyncIterator[None]:
    """Let the database hear nothing more of the register after so many commands, as if it had been killed then."""
    await smoc.client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": {"skip": commands},
            "data": {
                "failCommands": [
                    *("find", "getMore", "insert", "update", "delete", "aggregate"),
                    *("commitTransaction", "abortTransaction", "killSessions"),
                ],
                "appName": "smoc_service",
                "errorCode": 8,
            },
        }
    )
    try:
        yield
    finally:
        await smoc.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
