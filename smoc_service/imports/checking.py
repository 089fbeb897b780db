"""Checking an import: its file is read piece by piece, and its rows are laid down with a verdict each.

It starts again when it was broken off. The rows are shown once all have their verdict; then the file is dropped.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import structlog
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from smoc_service.imports.core.lines import Unreadable
from smoc_service.imports.core.rows import ShipmentReading
from smoc_service.imports.core.shipment_import import ENDED, PART, Counts, Row, ShipmentImport
from smoc_service.imports.documents import (
    IMPORT_CHUNKS,
    IMPORT_PARTS,
    IMPORTS,
    chunk_key,
    chunks_query,
    list_query,
    part_document,
)
from smoc_service.mongodb import Document, as_stored
from smoc_service.work.documents import forget_at
from smoc_service.work.holding import Holding

log = structlog.get_logger()


class ImportChecking:
    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        *,
        now: Callable[[], datetime],
        new_list_id: Callable[[], str],
    ) -> None:
        self._imports = client[database][IMPORTS]
        self._chunks = client[database][IMPORT_CHUNKS]
        self._parts = client[database][IMPORT_PARTS]
        self._now = now
        self._new_list_id = new_list_id

    async def work(self, holding: Holding[ShipmentImport]) -> None:
        """Check the import that is held, to its end; raise ``HoldingLost`` or ``PyMongoError``."""
        import_ = holding.work
        if import_.list_id:
            # Of a check that was broken off.
            await self._parts.delete_many(list_query(import_.list_id))
        list_id = self._new_list_id()
        await holding.change(lambda each: each.listed(list_id, as_stored(self._now())))
        try:
            await self._judge(holding, list_id)
        finally:
            await self._drop_if_ended(import_.import_id, list_id)
        await self._chunks.delete_many(chunks_query(import_.import_id))
        log.info(
            "import checked",
            import_id=import_.import_id,
            state=holding.work.state,
            rows=holding.work.counts.total,
            refused=holding.work.counts.refused,
        )

    async def _judge(self, holding: Holding[ShipmentImport], list_id: str) -> None:
        import_ = holding.work
        parts = _Parts(self._parts, list_id, forget_at(import_.created_at))
        reading = ShipmentReading(networks=import_.networks)
        try:
            async for content in self._content(import_):
                for row in reading.feed(content):
                    await parts.add(row)
            for row in reading.end():
                await parts.add(row)
            await parts.lay()
        except Unreadable as unreadable:
            detail = str(unreadable)
            await holding.change(lambda each: each.unreadable(detail, as_stored(self._now())))
        else:
            counts, count = parts.counts, parts.count
            await holding.change(lambda each: each.checked(counts, count, as_stored(self._now())))

    async def _drop_if_ended(self, import_id: str, list_id: str) -> None:
        """Drop the rows of an import that is unreadable or was cancelled meanwhile; neither ever changes."""
        ended = {"_id": import_id, "state": {"$in": sorted(ENDED)}}
        if await self._imports.find_one(ended, {"_id": True}) is not None:
            await self._parts.delete_many(list_query(list_id))

    async def _content(self, import_: ShipmentImport) -> AsyncIterator[bytes]:
        for chunk in import_.chunks:
            found = await self._chunks.find_one({"_id": chunk_key(import_.import_id, chunk)})
            if found is None:
                raise Unreadable("a piece of the file is not there any more; import it again")
            yield bytes(found["content"])


class _Parts:
    """Rows on their way into the list, laid down a part at a time."""

    def __init__(
        self, parts: AsyncCollection[Document], list_id: str, forgotten_at: datetime
    ) -> None:
        self._parts = parts
        self._list_id = list_id
        self._forgotten_at = forgotten_at
        self._rows: list[Row] = []
        self.counts = Counts()
        self.count = 0

    async def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) == PART:
            await self.lay()

    async def lay(self) -> None:
        if not self._rows:
            return
        document = part_document(
            self._list_id, self.count, self._rows, self._forgotten_at, settled=False
        )
        await self._parts.insert_one(document)
        self.counts = self.counts.plus(Counts.of(self._rows))
        self.count += 1
        self._rows = []
