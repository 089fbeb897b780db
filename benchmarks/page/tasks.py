"""Tasks of the page's main thread, from a trace of Chromium's: how long each held the page up, and what of it was work.

On a machine whose cores are shared with a database and six services a task is also held up by them. The trace tells
both: how long it took, and how long the thread had a processor.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import Page

from benchmarks.trouble import BenchFailed

CATEGORIES: Final = ("toplevel",)
LONG_MS: Final = 50.0
_MAIN_THREAD: Final = "CrRendererMain"
_TASK: Final = "ThreadControllerImpl::RunTask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Milliseconds from its begin to its end, and those of them on a processor."""

    milliseconds: float
    on_processor: float


@dataclass(slots=True)
class Traced:
    """The long tasks of what was traced, once that has ended."""

    long: list[Task] = field(default_factory=list)

    @property
    def busy(self) -> list[Task]:
        """Those that were long by their own work."""
        return [task for task in self.long if task.on_processor > LONG_MS]


def long_tasks(trace: bytes) -> list[Task]:
    """Return the tasks of more than 50 ms of the main threads of pages, the longest last.

    Raises:
        BenchFailed: there is no task at all, so Chromium's trace has other names than these.
    """
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    threads = {
        (one["pid"], one["tid"])
        for one in events
        if one.get("name") == "thread_name" and one["args"]["name"] == _MAIN_THREAD
    }
    tasks = [
        Task(milliseconds=one["dur"] / 1_000, on_processor=one.get("tdur", one["dur"]) / 1_000)
        for one in events
        if one.get("name") == _TASK and "dur" in one and (one["pid"], one["tid"]) in threads
    ]
    if not tasks:
        raise BenchFailed("Chromium's trace holds no task of a page")
    long = [task for task in tasks if task.milliseconds > LONG_MS]
    return sorted(long, key=lambda task: task.milliseconds)


@asynccontextmanager
async def traced(page: Page, found: Traced) -> AsyncIterator[None]:
    """Trace the block, and add its long tasks to those that were found before."""
    browser = page.context.browser
    if browser is None:
        raise BenchFailed("the page has no browser of its own")
    await browser.start_tracing(page=page, categories=[*CATEGORIES])
    try:
        yield
    finally:
        trace = await browser.stop_tracing()
    found.long = sorted([*found.long, *long_tasks(trace)], key=lambda task: task.milliseconds)
