"""Jobs, put together: who takes orders, and who works."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pymongo import AsyncMongoClient

from smoc_service.jobs.runner import JobRunner
from smoc_service.jobs.selection import SearchedDevices
from smoc_service.jobs.store import JobDesk
from smoc_service.mongodb import Document
from smoc_service.park.park import Park


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    desk: JobDesk
    runner: JobRunner


def open_jobs(
    client: AsyncMongoClient[Document],
    database: str,
    park: Park,
    *,
    now: Callable[[], datetime],
    worker: str,
) -> Jobs:
    """Return a desk and a runner that is woken by it; ``worker`` is the same name after a start of the same process."""
    find = partial(SearchedDevices, park)
    runner = JobRunner(client, database, find, now=now, worker=worker, new_list_id=new_job_id)
    desk = JobDesk(client, database, find, new_id=new_job_id, wake=runner.wake)
    return Jobs(desk=desk, runner=runner)


def new_job_id() -> str:
    """Return an id that no other job or list has; those made later are greater."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"
