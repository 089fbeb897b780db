"""Which of several hubs follows the journal: one at a time, by a lease on the position that it moves.

The lease keeps hubs from doing the same for nothing. A hub that stood still for longer than its lease delivers nothing
before it has asked whether the lease is still its own, and it moves no position once another took over: each move
depends on the session that took the lease last. What was on its way when it stood still arrives late; receivers ignore
it by its revision. So nothing is lost or doubled, with or without the lease.

When the lease is over is a matter of the database's clock alone. Hubs compare no clocks; each only counts how long ago
it asked.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

import pymongo
import structlog
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

Document = dict[str, Any]

# A hub that is gone, and does not come back, is waited for so long, and until the next look.
LEASE_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0
_LETTING_GO_SECONDS: Final = 2.0
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def _to_its_end(request: Coroutine[Any, Any, None]) -> None:
    """Await ``request``; a cancellation waits for its end, which the driver's timeout sets.

    One in the middle of the driver's search for a server breaks its locks on Python 3.11.
    """
    running = asyncio.create_task(request)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


class LeaseLost(Exception):
    """Another process took over: this one was not heard of for the length of a lease."""


def _session() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that follows: ``worker`` is its name after a restart, too, ``session`` is another one then."""

    worker: str = field(default_factory=_session)
    session: str = field(default_factory=_session)

    @classmethod
    def on_port(cls, port: int) -> "Holder":
        """Return the process that serves this port of this host. One on any free port has no lasting name."""
        return cls(f"{socket.gethostname()}:{port}") if port else cls()


class Lease:
    """The lease on the position ``name``, for one process. ``clock`` gives seconds from any beginning on."""

    def __init__(
        self,
        positions: AsyncCollection[Document],
        name: str,
        holder: Holder,
        *,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._positions = positions
        # A lease that a failover forgets is only taken again: it waits for no other member.
        self._leases = positions.with_options(write_concern=WriteConcern(w=1))
        self._name = name
        self._holder = holder
        self._seconds = seconds
        # What it held before its restart it takes back at once. Only then: another one of the same name may live.
        self._takes_back = True
        self._clock = clock
        # By its clock; counted from before the database was asked, so never later than the end there.
        self._sure_until = float("-inf")

    async def wait(self, in_vain: Callable[[], None] = lambda: None) -> None:
        """Return when this process holds the lease. ``in_vain`` is called each time that another one holds it."""
        while True:
            taken = await self._take()
            end_if_cancelled()
            if taken:
                return
            in_vain()
            await asyncio.sleep(_LOOK_SECONDS)

    async def renew(self, gets_on: Callable[[], bool] = lambda: True) -> NoReturn:
        """Renew it for ever, beside the work; raise LeaseLost.

        Work that does not get on keeps the lease only until another process wants it.
        """
        while True:
            end_if_cancelled()
            await asyncio.sleep(self._seconds / 3)
            await _to_its_end(self._renew_once(gets_on))

    async def _renew_once(self, gets_on: Callable[[], bool]) -> None:
        if gets_on():
            await self.move({})
        elif await self._leases.find_one(self._mine, {"_id": True}) is None:
            raise LeaseLost(self._name)

    async def make_sure(self) -> None:
        """Return when this process certainly holds it; raise LeaseLost. Seldom asks: only if it may be over."""
        if self._clock() >= self._sure_until:
            await self.move({})

    async def move(self, position: Mapping[str, Any]) -> None:
        """Keep ``position``, and renew the lease; raise LeaseLost, and then nothing is kept."""
        asked_at = self._clock()
        kept = {name: {"$literal": value} for name, value in position.items()}
        into = self._positions if position else self._leases
        await self._change(into, {"$set": {**kept, "lease_until": self._until}})
        self._sure_until = asked_at + self._seconds

    async def forget(self, name: str) -> None:
        """Drop one value of the position; raise LeaseLost."""
        await self._change(self._positions, {"$unset": name})

    async def let_go(self) -> None:
        """Let others take it, if it is this process's, without waiting for its end; it may be too late for that."""
        # The driver's own time, not a cancellation: see `_to_its_end`.
        with suppress(PyMongoError), pymongo.timeout(_LETTING_GO_SECONDS):
            await self._leases.update_one(
                self._mine, {"$unset": {"worker": "", "session": "", "lease_until": ""}}
            )

    async def _take(self) -> bool:
        """Take it if it is free; return whether this process holds it."""
        mine = [{"$eq": ["$session", self._holder.session]}]
        if self._takes_back:
            mine.append({"$eq": ["$worker", self._holder.worker]})
        until = {"$ifNull": ["$lease_until", _LONG_AGO]}
        over = {"$lte": [until, "$$NOW"]}
        # The database's clock was set back, or its new primary has another: nobody waits for an hour.
        too_long = {"$gt": [until, {"$add": ["$$NOW", round(2000 * self._seconds)]}]}
        free = {"$or": [over, too_long, *mine]}
        taken = {
            "worker": self._holder.worker,
            "session": self._holder.session,
            "lease_until": self._until,
        }
        asked_at = self._clock()
        held = await self._leases.find_one_and_update(
            {"_id": self._name},
            [
                {
                    "$set": {
                        name: {"$cond": [free, value, f"${name}"]} for name, value in taken.items()
                    }
                }
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        self._takes_back = False
        if held is None or held["session"] != self._holder.session:
            return False
        self._sure_until = asked_at + self._seconds
        return True

    async def _change(self, into: AsyncCollection[Document], stage: Document) -> None:
        result = await into.update_one(self._mine, [stage])
        if result.matched_count == 0:
            self._sure_until = float("-inf")
            raise LeaseLost(self._name)

    @property
    def _mine(self) -> Document:
        return {"_id": self._name, "session": self._holder.session}

    @property
    def _until(self) -> Document:
        return {"$add": ["$$NOW", round(1000 * self._seconds)]}
