"""Ends a task that waits for the database, reliably."""

import asyncio
from typing import Any


def end_if_cancelled() -> None:
    """Raise ``CancelledError`` when the running task was asked to end and the request got lost.

    Python 3.11's ``asyncio.wait_for``, with which PyMongo sends and receives, swallows a cancellation that arrives
    at the moment its result is ready (python/cpython#86296, fixed in 3.12). An endless loop would then never notice
    the cancellation.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class CancelledByNobody(RuntimeError):
    """Work ended as cancelled although our code did not cancel it: a driver or a library did."""


def fail_if_cancelled_by_nobody(task: asyncio.Task[Any]) -> None:
    """Raise when ``task`` ended as cancelled without a request: asyncio does not report that as an error."""
    if task.cancelled() and not task.cancelling():
        raise CancelledByNobody(task.get_name())
