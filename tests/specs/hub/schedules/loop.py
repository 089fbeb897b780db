"""An event loop of which choices say which ready step runs next, and when time passes. It knows no real time."""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from typing import Any

from tests.specs.hub.schedules.choices import Choices

# A schedule that needs more has gone astray.
_MOST_STEPS = 20_000


class Stuck(Exception):
    """Everybody waits, and nothing will ever happen; or it never ends."""


class PickingLoop(asyncio.BaseEventLoop):
    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self._choices = choices
        self._now = 0.0
        self._steps = 0

    @classmethod
    def run(cls, choices: Choices, world: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a world to its end, and end what it leaves; raise what is wrong with it."""
        loop = cls(choices)
        try:
            loop.run_until_complete(world())
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            while left := asyncio.all_tasks(loop):
                loop._steps = 0
                loop.run_until_complete(_end(left))
            loop.close()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        this: Any = self
        ready, waiting = this._ready, this._scheduled
        while waiting and waiting[0]._cancelled:
            heapq.heappop(waiting)._scheduled = False
        # Now and then a step takes so long that somebody's time is up.
        if waiting and (not ready or self._choices.one_in(40)):
            self._now = max(self._now, waiting[0]._when)
        while waiting and waiting[0]._when <= self._now:
            handle = heapq.heappop(waiting)
            handle._scheduled = False
            ready.append(handle)
        self._steps += 1
        if not ready or self._steps > _MOST_STEPS:
            raise Stuck(f"after {self._steps} steps, at {self._now:.3f} s")
        at = self._choices.pick(len(ready))
        handle = ready[at]
        del ready[at]
        if not handle._cancelled:
            handle._run()

    def _write_to_self(self) -> None:
        """Nobody wakes it from outside."""


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
