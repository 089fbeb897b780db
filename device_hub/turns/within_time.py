"""The journal for as long as there is time: a turn answers before its caller stops waiting."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from device_hub.turns.history import (
    Commit,
    History,
    Memory,
    Stored,
)


class TimeIsUp(Exception):
    """The caller waits no longer. The work under way may or may not take effect: send the report again."""


class WithinTime:
    """Implements ``History``: as ``history`` does, until ``seconds`` from now; then it raises TimeIsUp.

    A commit that is under way then is not broken off, only not waited for: the journal knows, and the next call looks.
    One that has not begun is not made.
    """

    def __init__(self, history: History, seconds: float) -> None:
        self._history = history
        self._seconds = seconds
        self._until = asyncio.get_running_loop().time() + seconds

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._history.newest(device_id, after_revision)
        except TimeoutError as error:
            raise self._up() from error

    async def find(self, device_id: str, report_ids: Collection[str]) -> Mapping[str, int]:
        """Return the revision of each of the reports that was committed."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._history.find(device_id, report_ids)
        except TimeoutError as error:
            raise self._up() from error

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        """Store commits of one device, of consecutive revisions, in order; return how far that came."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._history.commit(chain)
        except TimeoutError as error:
            raise self._up() from error

    @asynccontextmanager
    async def holding(self, turn: asyncio.Lock) -> AsyncIterator[None]:
        """Hold ``turn``; raises TimeIsUp when it does not become free in time."""
        try:
            async with asyncio.timeout_at(self._until):
                await turn.acquire()
        except TimeoutError as error:
            raise self._up() from error
        try:
            yield
        finally:
            turn.release()

    def _up(self) -> TimeIsUp:
        return TimeIsUp(f"not within {self._seconds:g} s")
