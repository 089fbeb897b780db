"""Works on imports in the background: one is checked and one is run at a time in this process, the oldest first.

Several processes may do so; one at a time holds an import (`work.holding`).
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_chassis.tasks import run_together
from smoc_service.imports.checking import ImportChecking
from smoc_service.imports.core.shipment_import import ShipmentImport, State
from smoc_service.imports.documents import (
    IMPORT_CHUNKS,
    IMPORTS,
    KIND,
    chunks_query,
    import_from,
)
from smoc_service.imports.running import ImportRunning
from smoc_service.mongodb import Document, as_stored
from smoc_service.work.collection import WorkCollection
from smoc_service.work.holding import Holding, HoldingLost
from smoc_service.work.ids import new_session
from smoc_service.work.lasting import UNFINISHED_AT_MOST, Holder
from smoc_service.work.rounds import patiently, round_after_round

log = structlog.get_logger()

Work = Callable[[Holding[ShipmentImport]], Coroutine[Any, Any, None]]


class ImportRunner:
    """Keeps imports going while ``run`` runs."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        checking: ImportChecking,
        running: ImportRunning,
        *,
        now: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._imports = WorkCollection(client[database][IMPORTS], KIND)
        self._chunks = client[database][IMPORT_CHUNKS]
        self._work: dict[State, Work] = {
            State.CHECKING: checking.work,
            State.RUNNING: running.work,
        }
        self._now = now
        self._holder = Holder(worker, new_session())
        self._woken = {state: asyncio.Event() for state in self._work}

    def wake(self) -> None:
        """Look for work now: an import is to be checked, or continues."""
        for event in self._woken.values():
            event.set()

    async def run(self) -> None:
        """Work for ever. Trouble with the database causes delay."""
        try:
            await run_together({state.value: self._keep_on(state) for state in self._work})
        finally:
            await self._imports.let_go(self._holder)

    async def _keep_on(self, state: State) -> None:
        retries = patiently(f"imports that are {state.lower()}")
        rounds = partial(round_after_round, partial(self.take, state), self._woken[state], retries)
        await retries.until_done(rounds, PyMongoError)

    async def take(self, state: State) -> bool:
        """Work on the oldest import in ``state`` that is free, as far as it goes; return whether there was one."""
        for import_id in await self._candidates(state):
            document = await self._imports.documents.find_one({"_id": import_id})
            if document is None:
                continue
            import_, now = import_from(document), as_stored(self._now())
            if import_.has_lasted_too_long(now):
                await self._end(document, import_.cancelled(now, "not finished in time"))
                continue
            if import_.state is not state or not import_.is_free_for(self._holder.worker, now):
                continue
            held = import_.held(self._holder, now)
            if not await self._imports.put(document, held):
                continue
            holding = Holding(self._imports, import_id, held, self._holder, now=self._now)
            try:
                await holding.during(self._work[state](holding))
            except HoldingLost:
                log.info("import was taken over by another process", import_id=import_.import_id)
            return True
        return False

    async def _candidates(self, state: State) -> list[str]:
        """Return the oldest first; at most as many as are let in (`imports.store`)."""
        too_old = as_stored(self._now()) - UNFINISHED_AT_MOST
        query = {
            "unfinished": True,
            "$or": [{"state": state.value}, {"created_at": {"$lt": too_old}}],
        }
        found = self._imports.documents.find(query, {"_id": True}, hint="unfinished")
        return sorted([str(each["_id"]) async for each in found])

    async def _end(self, document: Document, ended: ShipmentImport) -> None:
        if await self._imports.put(document, ended) and ended.ended_at is not None:
            await self._chunks.delete_many(chunks_query(ended.import_id))
