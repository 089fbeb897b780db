"""One process's hold on one import: who works on it is in the import itself, and every change of it rests on that."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from service_chassis.cancellation import end_if_cancelled
from smoc_service.imports.core.shipment_import import LEASE, ShipmentImport
from smoc_service.imports.documents import import_from, next_version
from smoc_service.mongodb import Document, as_stored


class HoldingLost(Exception):
    """Somebody else works on the import, or it has ended."""


class Holding:
    """``shipment`` is what is known of the import: people change it, too, so it may be older than the database."""

    def __init__(
        self,
        imports: AsyncCollection[Document],
        shipment: ShipmentImport,
        worker: str,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._imports = imports
        self._worker = worker
        self._now = now
        self.shipment = shipment

    async def change(self, change: Callable[[ShipmentImport], ShipmentImport]) -> ShipmentImport:
        """Change the import as it is now, and renew the hold; raise ``HoldingLost``."""
        # Ends: it goes round only when a person changed it in between.
        while True:
            document = await self._imports.find_one({"_id": self.shipment.import_id})
            if document is None:
                raise HoldingLost
            shipment = import_from(document)
            if shipment.worker != self._worker or not shipment.is_worked_on:
                raise HoldingLost
            after = change(shipment).held(self._worker, as_stored(self._now()))
            if not after.is_worked_on:
                after = after.let_go()
            guard, replacement = next_version(document, after)
            if (await self._imports.replace_one(guard, replacement)).matched_count:
                if after.version > self.shipment.version:
                    self.shipment = after
                return after

    async def during(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work`` and renew the hold beside it; work whose hold is lost is broken off with ``HoldingLost``."""
        working = asyncio.create_task(work, name="import in work")
        renewing = asyncio.create_task(self._renew(), name="hold on an import")
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # In that order, and each awaited: nothing of it may go on behind the back of who comes next.
            for task in (renewing, working):
                if not task.done():
                    task.cancel()
            ended = await asyncio.gather(working, renewing, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result

    async def let_go(self) -> None:
        """Let another process take it without waiting for the hold to end."""
        await self._imports.update_one(
            {"_id": self.shipment.import_id, "worker": self._worker},
            {"$set": {"worker": "", "lease_until": None}, "$inc": {"version": 1}},
        )

    async def _renew(self) -> None:
        while True:
            end_if_cancelled()
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self.change(lambda each: each)
