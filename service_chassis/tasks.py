"""The one way to start and end the work that a service does beside its calls.

Everything runs in task groups. A part runs for ever. One that fails or ends also ends the other parts and the process,
with the error in the log; the supervisor starts the process again. Otherwise a service whose part died would go on
serving.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

from service_chassis.cancellation import fail_if_cancelled_by_nobody

log = structlog.get_logger()


class PartEnded(RuntimeError):
    """A part of the service ended although it should run for ever."""


async def until_stopped(service: Awaitable[object]) -> None:
    """Run ``service`` until SIGTERM or SIGINT, then cancel it and wait for its end."""
    stopping = stop_signal()
    async with in_background({"service": service}):
        await stopping.wait()
    log.info("stopped")


async def run_together(parts: Mapping[str, Awaitable[object]]) -> None:
    """Run ``parts``, each under its name, until this is cancelled. When a part ends, raise."""
    async with asyncio.TaskGroup() as together:
        await _all_done(
            together.create_task(_for_ever(name, part), name=name) for name, part in parts.items()
        )


async def side_by_side(*works: Coroutine[Any, Any, object]) -> None:
    """Run ``works`` until all are done. The first error ends the others and is raised as it is, not in a group.

    A cancellation that our code did not ask for is an error, too: the others would wait for that work for ever.
    """
    try:
        async with asyncio.TaskGroup() as together:
            await _all_done(together.create_task(work) for work in works)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


@asynccontextmanager
async def in_background(parts: Mapping[str, Awaitable[object]]) -> AsyncIterator[None]:
    """Run ``parts`` while the block runs, then cancel them. A part that ends earlier cancels the block and is an error.

    An error of the block itself is raised as it is, not in a group.
    """
    failed: Exception | None = None
    async with asyncio.TaskGroup() as together:
        running = together.create_task(run_together(parts))
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised below
            failed = error
        running.cancel()
    if failed is not None:
        raise failed


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def _all_done(tasks: Iterable[asyncio.Task[object]]) -> None:
    """Wait until all are done or one fails. Call it within the group's block, not at its end.

    An error that ends a group while it waits at its end leaves the waiting task marked as cancelled (Python 3.11).
    """
    running = set(tasks)
    while running:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            fail_if_cancelled_by_nobody(task)
            if not task.cancelled() and task.exception() is not None:
                return


async def _for_ever(name: str, part: Awaitable[object]) -> None:
    try:
        await part
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
    except Exception:
        # Log at once: the other parts may take long to end.
        log.exception("a part failed, and the service ends", part=name)
        raise
    raise PartEnded(f"{name} ended, it should run for ever")
