"""Doing a fault to a stack, and healing it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pymongo.errors import PyMongoError

from benchmarks.trouble import BenchFailed
from faults.kinds.table import PROCESSES, How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo import AsyncMongoClient

    from faults.kinds.links import Links
    from faults.kinds.table import Kind, Point
    from faults.target import Target

_AT_THE_POINT_SECONDS: Final = 20.0
_OFF: Final = {"configureFailPoint": "failCommand", "mode": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A fault that is over. Moments are monotonic seconds.

    ``over_at``: a killed process died, a frozen one goes on, a link is as before. ``listening_at``: a killed process
    takes connections again.
    """

    kind: Kind
    began_at: float
    over_at: float
    listening_at: float | None = None
    # A point that no command came to.
    missed: bool = False


@dataclass(slots=True)
class Doer:
    """Does faults to ``target``; without ``links`` none of those on links."""

    target: Target
    admin: AsyncMongoClient[dict[str, object]]
    links: Links | None = None

    async def do(self, kind: Kind, seconds: float, over: asyncio.Event) -> Done:
        """Do it and heal it; ``over`` is set as soon as what is left is to come back by itself."""
        began_at = time.monotonic()
        match kind.how:
            case How.KILL:
                return await self._kill(kind, (kind.who,), began_at, over)
            case How.KILL_ALL:
                return await self._kill(kind, PROCESSES, began_at, over)
            case How.FREEZE:
                async with self.target.frozen(kind.who):
                    await asyncio.sleep(seconds)
            case How.POINT | How.ANSWER:
                return await self._at_a_point(kind, began_at, over)
            case How.CUT | How.SILENT | How.SLOW:
                if self.links is None:
                    raise BenchFailed(f"this run has no proxy: {kind.name}")
                await self.links.trouble(kind.who, kind.how, seconds)
        over.set()
        return Done(kind=kind, began_at=began_at, over_at=time.monotonic())

    async def _kill(
        self, kind: Kind, processes: Sequence[str], began_at: float, over: asyncio.Event
    ) -> Done:
        dead = await asyncio.to_thread(self.target.kill, *processes)
        over_at = time.monotonic()
        over.set()
        back = [
            self.target.until_listening(process, pid)
            for process, pid in zip(processes, dead, strict=True)
        ]
        listening_at = max(await asyncio.gather(*back))
        return Done(kind=kind, began_at=began_at, over_at=over_at, listening_at=listening_at)

    async def _at_a_point(self, kind: Kind, began_at: float, over: asyncio.Event) -> Done:
        if kind.point is None:
            raise BenchFailed(f"no point is given: {kind.name}")
        listening_at: float | None = None
        try:
            missed = not await self._comes_to(kind.point)
            dead = 0
            if kind.how is How.POINT:
                [dead] = await asyncio.to_thread(self.target.kill, kind.who)
            over_at = time.monotonic()
        finally:
            await self._let_go()
        over.set()
        if kind.how is How.POINT:
            listening_at = await self.target.until_listening(kind.who, dead)
        return Done(
            kind=kind,
            began_at=began_at,
            over_at=over_at,
            listening_at=listening_at,
            missed=missed,
        )

    async def _comes_to(self, point: Point) -> bool:
        """Return whether a command was held at the point, as soon as one is."""
        mode = {"skip": point.skip} if point.skip else {"times": 1}
        order = {"configureFailPoint": "failCommand", "mode": mode, "data": point.data}
        try:
            before = (await self.admin.admin.command(order))["count"]
            await self.admin.admin.command(
                {
                    "waitForFailPoint": "failCommand",
                    "timesEntered": before + 1,
                    "maxTimeMS": int(1000 * _AT_THE_POINT_SECONDS),
                }
            )
        except PyMongoError:
            # Nothing came, or mongod is what the other fault of a pair took away.
            return False
        return True

    async def _let_go(self) -> None:
        """Switch the fail point off; a mongod that was killed meanwhile has none any more."""
        try:
            await self.admin.admin.command(_OFF)
        except PyMongoError:
            await self.target.until_ready()
            await self.admin.admin.command(_OFF)
