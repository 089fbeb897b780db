"""Ending a task that waits on the database, for certain."""

import asyncio
from typing import Any


def end_if_cancelled() -> None:
    """Raise ``CancelledError`` when the running task was asked to end and the request went under.

    Python 3.11's ``asyncio.wait_for``, with which PyMongo sends and receives, swallows a cancellation that arrives
    in the moment in which it has its result (python/cpython#86296, fixed in 3.12). A loop without an end would then
    never hear of it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class CancelledByNobody(RuntimeError):
    """Work ended as if it were cancelled, and nobody had asked for it: a driver or a library cancelled its own."""


def fail_if_cancelled_by_nobody(task: asyncio.Task[Any]) -> None:
    """Raise when ``task`` ended as cancelled without being asked: for asyncio that is no error, so no one hears."""
    if task.cancelled() and not task.cancelling():
        raise CancelledByNobody(task.get_name())
