"""What people ask about imports and do with them, within the networks that they may see."""

from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import blake2b
from typing import Final

from pymongo import ASCENDING, AsyncMongoClient

from contract_limits import IMPORT_FILE_BYTES, MIB
from service_chassis.pages import Page, resumed_at, seal
from service_chassis.scope import NetworkDenied, Scope
from smoc_service.errors import (
    ChunkOffsetWrong,
    TooMany,
)
from smoc_service.imports.core.shipment_import import (
    CHUNKS_AT_MOST,
    ENDED,
    Chunk,
    Row,
    ShipmentImport,
    State,
    Verdict,
)
from smoc_service.imports.documents import (
    IMPORT_CHUNKS,
    IMPORT_PARTS,
    IMPORTS,
    KIND,
    chunk_document,
    chunks_query,
    part_key,
    rows_from,
)
from smoc_service.mongodb import Document
from smoc_service.who import Who
from smoc_service.work.collection import WorkCollection

_TIME_LIMIT_MS: Final = 10_000


class ImportStore:
    """Every query and command comes with the caller's scope; an import that reaches beyond it does not exist for it."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        *,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        self._imports = WorkCollection(client[database][IMPORTS], KIND)
        self._chunks = client[database][IMPORT_CHUNKS]
        self._parts = client[database][IMPORT_PARTS]
        self._new_id = new_id
        self._wake = wake

    async def create(
        self, request_id: str, file_name: str, who: Who, scope: Scope, now: datetime
    ) -> ShipmentImport:
        """Begin an import, once, however often the request arrives.

        Raises ``TooMany``, ``RequestReused``, or ``NetworkDenied`` for a caller that may see no network.
        """
        if scope.networks is not None and not scope.networks:
            # Without a network the import would be visible to every caller.
            raise NetworkDenied("an import, and sees no network")
        import_ = ShipmentImport(
            import_id=self._new_id(),
            version=1,
            state=State.UPLOADING,
            file_name=file_name,
            who=who,
            networks=scope.networks,
            created_at=now,
            updated_at=now,
        )
        return await self._imports.add(import_, request_id, {"file_name": file_name})

    async def append(
        self, import_id: str, offset: int, content: bytes, scope: Scope, now: datetime
    ) -> ShipmentImport:
        """Add to the file, once, however often the request arrives.

        Raises:
            ImportUnknown: there is no such import, or the caller may not see it.
            ChunkOffsetWrong: the content does not begin where the last one ended.
            TooMany: the file would be too large, or in too many pieces.
            ImportStateRefused: the import takes no more content.
        """
        digest = blake2b(content, digest_size=16).hexdigest()
        chunk = Chunk(offset=offset, size=len(content), digest=digest)

        def add(import_: ShipmentImport) -> ShipmentImport:
            if chunk in import_.chunks:
                return import_
            after = import_.appended(chunk, now)
            if offset != import_.received_bytes:
                raise ChunkOffsetWrong(import_id, import_.received_bytes)
            if after.received_bytes > IMPORT_FILE_BYTES:
                raise TooMany(f"the file is larger than {IMPORT_FILE_BYTES // MIB} MiB")
            if len(after.chunks) > CHUNKS_AT_MOST:
                raise TooMany(
                    f"the file comes in more than {CHUNKS_AT_MOST} pieces: send larger ones"
                )
            return after

        before = await self._imports.one(import_id, scope)
        if add(before) is before:
            return before
        # Store the content first: an import names only existing content. Content that no import names is deleted later.
        document = chunk_document(before, chunk, content)
        await self._chunks.replace_one({"_id": document["_id"]}, document, upsert=True)
        return await self._imports.change(import_id, scope, add)

    async def check(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        import_ = await self._imports.change(import_id, scope, lambda each: each.to_be_checked(now))
        self._wake()
        return import_

    async def run(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        import_ = await self._imports.change(import_id, scope, lambda each: each.to_be_run(now))
        self._wake()
        return import_

    async def pause(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        return await self._imports.change(import_id, scope, lambda each: each.paused(now))

    async def resume(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        import_ = await self._imports.change(import_id, scope, lambda each: each.resumed(now))
        self._wake()
        return import_

    async def cancel(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        import_ = await self._imports.change(import_id, scope, lambda each: each.cancelled(now))
        if import_.state in ENDED:
            await self._chunks.delete_many(chunks_query(import_id))
        return import_

    async def one(self, import_id: str, scope: Scope) -> ShipmentImport:
        """Return one import; raise ``ImportUnknown``."""
        return await self._imports.one(import_id, scope)

    async def page(self, scope: Scope, size: int, token: str) -> Page[ShipmentImport]:
        """Return up to ``size`` imports, newest first; raise ``PageTokenInvalid``."""
        return await self._imports.page("imports", {}, scope, size, token, hint="_id_")

    async def rows(
        self, import_id: str, verdicts: Collection[Verdict], scope: Scope, size: int, token: str
    ) -> Page[Row]:
        """Return up to ``size`` rows in the order of the file; raise ``ImportUnknown`` or ``PageTokenInvalid``."""
        import_ = await self.one(import_id, scope)
        question = f"rows {import_id} {sorted(verdicts)}"
        begin = resumed_at(question, token, 2) or (0, 0)
        rows: list[Row] = []
        async for document in self._parts.find(
            {"_id": {"$in": await self._keys(import_, verdicts, begin[0])}}, batch_size=2
        ).sort("_id", ASCENDING):
            here = document["_id"]["part"]
            for index, row in enumerate(rows_from(document)):
                if (here, index) < begin:
                    continue
                shown = _shown(row, import_)
                if verdicts and shown.verdict not in verdicts:
                    continue
                if len(rows) == size:
                    return Page(items=rows, next_token=seal(question, f"{here}.{index}"))
                rows.append(shown)
        return Page(items=rows, next_token="")

    async def _keys(
        self, import_: ShipmentImport, verdicts: Collection[Verdict], begin: int
    ) -> list[Document]:
        """Return which parts hold such rows, from ``begin`` on: at most as many as a file has."""
        if not import_.part_count:
            return []
        if not verdicts:
            return [part_key(import_.list_id, part) for part in range(begin, import_.part_count)]
        query = {
            "_id.list": import_.list_id,
            "verdicts": {"$in": sorted(_stored(verdicts, import_))},
            "_id.part": {"$gte": begin},
        }
        found = self._parts.find(query, {"_id": True}, hint="by_verdict").max_time_ms(
            _TIME_LIMIT_MS
        )
        return [document["_id"] async for document in found]


def _stored(verdicts: Collection[Verdict], import_: ShipmentImport) -> set[Verdict]:
    """What a cancelled import did not come to is not written again, row by row: it is READY still."""
    if import_.state is not State.CANCELLED:
        return set(verdicts)
    same = {Verdict.SKIPPED: Verdict.READY}
    return {same.get(each, each) for each in verdicts if each is not Verdict.READY}


def _shown(row: Row, import_: ShipmentImport) -> Row:
    if row.verdict is Verdict.READY and import_.state is State.CANCELLED:
        return Row(line=row.line, device_id=row.device_id, verdict=Verdict.SKIPPED)
    return row
