"""Group recall: devices whose turns begin together are read from the journal in one query.

The other half of group commit, for turns that are taken without an actor and its memory (docs/decisions/0025).
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from pymongo.errors import AutoReconnect, PyMongoError

from device_hub.journal.newer import WrittenByNewerHub
from device_hub.turns.history import (
    Commit,
    Memory,
    Stored,
)

Waiting = tuple[str, "asyncio.Future[Memory | None]"]


class Journal(Protocol):
    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        ...

    async def newest_of(self, device_ids: Sequence[str]) -> dict[str, Memory]:
        """Return each device that there is at its newest revision."""
        ...

    async def find(self, device_id: str, report_ids: Collection[str]) -> Mapping[str, int]:
        """Return the revision of each of the reports that was committed."""
        ...

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        """Store commits of one device, of consecutive revisions, in order; return how far that came."""
        ...


class GroupRecall:
    """Implements ``device_hub.turns.history.History``. Bounded by its callers: each waits for its own device.

    A query serves only requests that came before it began: the answer is never older than the request.
    """

    def __init__(self, journal: Journal, *, most: int = 500) -> None:
        self._journal = journal
        self._most = most
        self._waiting: list[Waiting] = []
        self._asking: asyncio.Task[None] | None = None
        self.find = journal.find
        self.commit = journal.commit

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        done: asyncio.Future[Memory | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((device_id, done))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="group-recall")
        memory = await done
        return memory if memory is not None and memory.revision > after_revision else None

    async def _ask(self) -> None:
        while self._waiting:
            # One turn of the loop, so that turns that begin now share this query.
            await asyncio.sleep(0)
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                found = await self._journal.newest_of(sorted({one for one, _ in group}))
            except PyMongoError as error:
                _fail(group, error)
            except WrittenByNewerHub:
                await self._each(group)
            except BaseException:
                # Cancelled, or a defect: no turn may wait for ever; each postpones its report.
                _fail(group, AutoReconnect("the group recall was broken off"))
                raise
            else:
                for device_id, done in group:
                    if not done.done():
                        done.set_result(found.get(device_id))

    async def _each(self, group: Sequence[Waiting]) -> None:
        """Ask for each by itself: one of them cannot be read here, the others can."""
        for device_id, done in group:
            try:
                found = await self._journal.newest(device_id, 0)
            except (PyMongoError, WrittenByNewerHub) as error:
                _fail([(device_id, done)], error)
            except BaseException:
                _fail(group, AutoReconnect("the group recall was broken off"))
                raise
            else:
                if not done.done():
                    done.set_result(found)


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
