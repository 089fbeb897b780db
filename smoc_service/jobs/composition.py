"""Puts jobs together: the store that takes orders, and the runner that works."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pymongo import AsyncMongoClient

from smoc_service.jobs.runner import JobRunner
from smoc_service.jobs.selection import SearchedDevices, survey
from smoc_service.jobs.store import JobStore
from smoc_service.mongodb import Document
from smoc_service.park.park import Park
from smoc_service.work.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    store: JobStore
    runner: JobRunner


def open_jobs(
    client: AsyncMongoClient[Document],
    database: str,
    park: Park,
    *,
    now: Callable[[], datetime],
    worker: str,
) -> Jobs:
    """Return a store and a runner that is woken by it; ``worker`` is the same name after a restart."""
    find = partial(SearchedDevices, park)
    runner = JobRunner(client, database, find, now=now, worker=worker, new_list_id=new_id)
    store = JobStore(client, database, find, partial(survey, park), new_id=new_id, wake=runner.wake)
    return Jobs(store=store, runner=runner)
