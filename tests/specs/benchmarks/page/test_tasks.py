"""Long tasks as a trace tells them."""

import json
from typing import Any

import pytest

from benchmarks.page.tasks import Task, Traced, long_tasks
from benchmarks.trouble import BenchFailed


def trace(*tasks: tuple[int, float, float]) -> bytes:
    """Return a trace of two threads, of which the first is a page's; a task is (thread, ms, ms on a processor)."""
    events: list[dict[str, Any]] = [
        {"name": "thread_name", "pid": 7, "tid": 1, "args": {"name": "CrRendererMain"}},
        {"name": "thread_name", "pid": 7, "tid": 2, "args": {"name": "Compositor"}},
        {"name": "TracingStartedInBrowser", "pid": 7, "tid": 1},
    ]
    for tid, wall, own in tasks:
        told = {"dur": wall * 1_000, "tdur": own * 1_000}
        events.append({"name": "ThreadControllerImpl::RunTask", "pid": 7, "tid": tid, **told})
    return json.dumps({"traceEvents": events}).encode()


def test_only_long_tasks_of_the_page_count_and_what_was_work_is_told_apart() -> None:
    found = long_tasks(trace((1, 106, 21), (1, 49.9, 49.9), (2, 300, 300), (1, 61, 58)))
    waited, worked = Task(milliseconds=106, on_processor=21), Task(milliseconds=61, on_processor=58)
    assert found == [worked, waited]
    assert Traced(found).busy == [worked]


def test_a_trace_without_any_task_is_no_good_news() -> None:
    with pytest.raises(BenchFailed, match="no task"):
        long_tasks(trace())
