"""What people ask about jobs and do with them, within the networks that they may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, AsyncMongoClient

from service_chassis.pages import Page, resumed_at, seal
from service_chassis.scope import Scope
from smoc_service.alarms.documents import ALARMS
from smoc_service.jobs.core.actions import Action, sentence_for
from smoc_service.jobs.core.job import (
    Job,
    JobStateRefused,
    Outcome,
    Selection,
    State,
    has_grown_too_much,
)
from smoc_service.jobs.core.skips import SkipReason
from smoc_service.jobs.documents import (
    JOB_ITEMS,
    JOBS,
    KIND,
    Item,
    Picked,
    item_from,
    items_query,
)
from smoc_service.jobs.selection import Find, Survey, choose
from smoc_service.mongodb import Document
from smoc_service.who import Who
from smoc_service.work.collection import WorkCollection

_SAMPLE: Final = 10
_TIME_LIMIT_MS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    # Of devices, or alarms.
    count: int
    sample: Sequence[Picked]
    summary: str
    skipped: Mapping[SkipReason, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order for a job."""

    request_id: str
    # Digest of everything that came with the request id.
    asked: str
    selection: Selection
    action: Action
    who: Who
    expected_count: int


class JobStore:
    """Every call comes with the caller's scope; a job that reaches beyond it does not exist for the caller."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        find: Find,
        survey: Survey,
        *,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        self._jobs = WorkCollection(client[database][JOBS], KIND)
        self._items = client[database][JOB_ITEMS]
        self._alarms = client[database][ALARMS]
        self._find = find
        self._survey = survey
        self._new_id = new_id
        self._wake = wake

    async def preview(self, selection: Selection, action: Action, scope: Scope) -> Preview:
        """Say what a job would do; raise ``NetworkDenied``."""
        chosen = choose(selection, scope, self._find, self._alarms)
        selected, visible = chosen.selected, chosen.visible
        count = await selected.count()
        return Preview(
            count=count,
            sample=await selected.some(_SAMPLE, ""),
            summary=sentence_for(action, count, of_alarms=selection.is_of_alarms),
            skipped={} if visible is None else await self._survey(visible, action),
        )

    async def create(self, order: Order, scope: Scope, now: datetime) -> Job:
        """Add a job, once, however often the request arrives.

        Raises:
            NetworkDenied: it names something outside of the scope.
            JobStateRefused: more devices are selected than expected.
            TooMany: the limit of unfinished jobs is reached.
            RequestReused: the request id was used with another request.
        """
        asked: Document = {"asked": order.asked}
        if known := await self._jobs.known(order.who, order.request_id, asked):
            return known
        chosen = choose(order.selection, scope, self._find, self._alarms)
        count = await chosen.selected.count()
        if has_grown_too_much(order.expected_count, count):
            what = "alarms" if order.selection.is_of_alarms else "devices"
            raise JobStateRefused(
                f"{count:,} {what} are selected, {order.expected_count:,} were expected:"
                " look at the preview again"
            )
        job = Job(
            job_id=self._new_id(),
            version=1,
            state=State.PREPARING,
            selection=order.selection,
            action=order.action,
            summary=sentence_for(order.action, count, of_alarms=order.selection.is_of_alarms),
            of_alarms=order.selection.is_of_alarms,
            who=order.who,
            networks=chosen.networks,
            expected_count=order.expected_count,
            created_at=now,
            updated_at=now,
        )
        job = await self._jobs.add(job, order.request_id, asked)
        self._wake()
        return job

    async def job(self, job_id: str, scope: Scope) -> Job:
        """Return one job; raise ``JobUnknown``."""
        return await self._jobs.one(job_id, scope)

    async def page(self, states: Sequence[State], scope: Scope, size: int, token: str) -> Page[Job]:
        """Return up to ``size`` jobs without their selections, newest first; raise ``PageTokenInvalid``."""
        return await self._jobs.page(
            f"jobs {sorted(states)}",
            {"state": {"$in": list(states or State)}},
            scope,
            size,
            token,
            hint="by_state",
            without={"selection": False},
        )

    async def items(
        self, job_id: str, outcomes: Sequence[Outcome], scope: Scope, size: int, token: str
    ) -> Page[Item]:
        """Return up to ``size`` items in order; raise ``JobUnknown`` or ``PageTokenInvalid``."""
        job = await self.job(job_id, scope)
        question = f"items {job_id} {sorted(outcomes)}"
        last = resumed_at(question, token, 1)
        begin = 0 if last is None else last[0] + 1
        wanted, hint = _wanted(job, outcomes, begin)
        found = await (
            self._items.find(wanted, hint=hint)
            .sort("_id" if hint == "_id_" else "_id.number", ASCENDING)
            .limit(size + 1)
            .batch_size(size + 1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        items = [_shown(item_from(document), job) for document in found[:size]]
        more = len(found) > size
        return Page(items=items, next_token=seal(question, str(items[-1].number)) if more else "")

    async def pause(self, job_id: str, scope: Scope, now: datetime) -> Job:
        """Stop a job after the devices in hand; raise ``JobUnknown`` or ``JobStateRefused``."""
        return await self._jobs.change(job_id, scope, lambda job: job.paused(now))

    async def resume(self, job_id: str, scope: Scope, now: datetime) -> Job:
        """Let a job go on; raise ``JobUnknown`` or ``JobStateRefused``."""
        job = await self._jobs.change(job_id, scope, lambda job: job.resumed(now))
        self._wake()
        return job

    async def cancel(self, job_id: str, scope: Scope, now: datetime) -> Job:
        """End a job; raise ``JobUnknown`` or ``JobStateRefused``."""
        return await self._jobs.change(job_id, scope, lambda job: job.cancelled(now))


def _wanted(job: Job, outcomes: Sequence[Outcome], begin: int) -> tuple[Document, str]:
    """Return the query for the items from ``begin`` on, and the index it follows."""
    end = job.counts.total
    if not outcomes:
        return items_query(job.list_id, begin, end), "_id_"
    # What a cancelled job did not come to is not written again, device by device.
    same = {Outcome.SKIPPED: Outcome.PENDING} if job.state is State.CANCELLED else {}
    stored = {
        same.get(each, each)
        for each in outcomes
        if not (each is Outcome.PENDING and job.state is State.CANCELLED)
    }
    return {
        "_id.list": job.list_id,
        "outcome": {"$in": sorted(stored)},
        "_id.number": {"$gte": begin, "$lt": end},
    }, "by_outcome"


def _shown(item: Item, job: Job) -> Item:
    if item.outcome is Outcome.PENDING and job.state is State.CANCELLED:
        return Item(
            number=item.number,
            device_id=item.device_id,
            alarm_id=item.alarm_id,
            outcome=Outcome.SKIPPED,
            detail=item.detail,
            at=job.ended_at,
        )
    return item
