"""Asking the devices that are due by their heads, each once in a sweep, some at once and at a set pace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from device_hub.actors.turns_client import DeviceUnreachable
from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

# Of the devices that cannot be reached, or whose turn is a defect, so many are named; the others are counted.
_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """How many devices get a turn: per second, and at once. A slow one slows the others down, no more."""

    per_second: float
    at_once: int


async def ask_each_due(
    what: str,
    due: AsyncIterator[str],
    ask: Callable[[str], Awaitable[object]],
    pace: Pace,
) -> int:
    """Give each of the devices a turn; return how many got one.

    A device that is away delays no other: it stays due, and the next sweep tries again.
    """
    sweep = _Sweep(what, ask, asyncio.Semaphore(pace.at_once))
    clock = asyncio.get_running_loop().time
    next_at = clock()
    try:
        async for device_id in due:
            # The cursor may have swallowed it.
            end_if_cancelled()
            await sweep.begin(device_id)
            next_at = max(next_at + 1 / pace.per_second, clock())
            await asyncio.sleep(next_at - clock())
    except asyncio.CancelledError:
        sweep.cancel()
        raise
    finally:
        await sweep.end()
    if sweep.count:
        log.info(
            "sweep done",
            sweep=what,
            devices=sweep.count,
            postponed=sweep.postponed,
            defects=sweep.defects,
        )
    return sweep.count


@dataclass(slots=True)
class _Sweep:
    what: str
    ask: Callable[[str], Awaitable[object]]
    places: asyncio.Semaphore
    count: int = 0
    postponed: int = 0
    defects: int = 0
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def begin(self, device_id: str) -> None:
        """Begin a turn as soon as there is a place."""
        await self.places.acquire()
        turn = asyncio.create_task(self._turn(device_id), name=f"sweep of {self.what}")
        self._under_way.add(turn)
        turn.add_done_callback(self._ended)
        self.count += 1

    async def end(self) -> None:
        """Return when no turn is under way any more."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def cancel(self) -> None:
        for turn in self._under_way:
            turn.cancel()

    async def _turn(self, device_id: str) -> None:
        try:
            await self.ask(device_id)
        except DeviceUnreachable as error:
            self.postponed += 1
            if self.postponed <= _NAMED:
                log.warning(
                    "turn of a sweep postponed",
                    sweep=self.what,
                    device_id=device_id,
                    error=str(error),
                )

    def _ended(self, turn: asyncio.Task[None]) -> None:
        self.places.release()
        self._under_way.discard(turn)
        if not turn.cancelled() and (defect := turn.exception()) is not None:
            self.defects += 1
            if self.defects <= _NAMED:
                log.error("a turn of a sweep ended in a defect", sweep=self.what, exc_info=defect)
