"""Works on imports in the background: one is checked and one is run at a time in this process, the oldest first.

Several processes may do so; one at a time holds an import (`shipment_holding`).
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_chassis.cancellation import end_if_cancelled
from smoc_service.imports.checking import ShipmentChecking
from smoc_service.imports.core.shipment_import import (
    ENDED,
    UNFINISHED_AT_MOST,
    ShipmentImport,
    State,
)
from smoc_service.imports.documents import (
    IMPORT_CHUNKS,
    IMPORTS,
    chunks_query,
    import_from,
    next_version,
)
from smoc_service.imports.holding import Holding, HoldingLost
from smoc_service.imports.running import ShipmentRunning
from smoc_service.mongodb import Document, as_stored

log = structlog.get_logger()

_IDLE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 10.0
_LETTING_GO_SECONDS: Final = 2.0

Work = Callable[[Holding], Coroutine[Any, Any, None]]


class ShipmentRunner:
    """Keeps imports going while ``run`` runs."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        checking: ShipmentChecking,
        running: ShipmentRunning,
        *,
        now: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._imports = client[database][IMPORTS]
        self._chunks = client[database][IMPORT_CHUNKS]
        self._work: dict[State, Work] = {
            State.CHECKING: checking.work,
            State.RUNNING: running.work,
        }
        self._now = now
        self._worker = worker
        self._woken = {state: asyncio.Event() for state in self._work}

    def wake(self) -> None:
        """Look for work now: an import is to be checked, or goes on."""
        for event in self._woken.values():
            event.set()

    async def run(self) -> None:
        """Work for ever; trouble with the database costs delay."""
        async with asyncio.TaskGroup() as together:
            for state in self._work:
                together.create_task(self._keep_on(state))

    async def _keep_on(self, state: State) -> None:
        pause = _IDLE_SECONDS
        while True:
            end_if_cancelled()
            self._woken[state].clear()
            try:
                if not await self.take(state):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken[state].wait(), _IDLE_SECONDS)
                pause = _IDLE_SECONDS
            except PyMongoError as error:
                log.warning("imports wait", detail=str(error)[:200])
                await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def take(self, state: State) -> bool:
        """Work on the oldest import in ``state`` that is free, as far as it goes; return whether there was one."""
        for import_id in await self._candidates(state):
            document = await self._imports.find_one({"_id": import_id})
            if document is None:
                continue
            shipment, now = import_from(document), as_stored(self._now())
            if shipment.has_lasted_too_long(now):
                await self._end(document, shipment.cancelled(now, "not finished in time"))
                continue
            if shipment.state is not state or not shipment.is_free_for(self._worker, now):
                continue
            held = shipment.held(self._worker, now)
            guard, replacement = next_version(document, held)
            if not (await self._imports.replace_one(guard, replacement)).matched_count:
                continue
            holding = Holding(self._imports, held, self._worker, now=self._now)
            try:
                await holding.during(self._work[state](holding))
            except HoldingLost:
                log.info("import is not ours any more", import_id=shipment.import_id)
            except asyncio.CancelledError:
                with suppress(PyMongoError, TimeoutError):
                    async with asyncio.timeout(_LETTING_GO_SECONDS):
                        await holding.let_go()
                raise
            return True
        return False

    async def _candidates(self, state: State) -> list[str]:
        """Return the oldest first; at most as many as are let in (`imports.store`)."""
        too_old = as_stored(self._now()) - UNFINISHED_AT_MOST
        query = {
            "unfinished": True,
            "$or": [{"state": state.value}, {"created_at": {"$lt": too_old}}],
        }
        found = self._imports.find(query, {"_id": True}, hint="unfinished")
        return sorted([str(each["_id"]) async for each in found])

    async def _end(self, document: Document, ended: ShipmentImport) -> None:
        guard, replacement = next_version(document, ended)
        stored = await self._imports.replace_one(guard, replacement)
        if stored.matched_count and ended.state in ENDED:
            await self._chunks.delete_many(chunks_query(ended.import_id))
