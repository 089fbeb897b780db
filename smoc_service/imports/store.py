"""What people ask about imports and do with them, within the networks that they may see."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from pymongo import ASCENDING, AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from service_chassis.scope import NetworkDenied, Scope
from smoc_service.door.page_tokens import seal
from smoc_service.door.pages import Page, resumed, resumed_at
from smoc_service.errors import (
    ChunkOffsetWrong,
    ImportUnknown,
    RequestReused,
    TooMany,
)
from smoc_service.imports.core.shipment_import import (
    CHUNKS_AT_MOST,
    ENDED,
    FILE_AT_MOST,
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
    NEWEST_FIRST,
    chunk_document,
    chunks_query,
    import_document,
    import_from,
    next_version,
    part_key,
    rows_from,
)
from smoc_service.mongodb import Document
from smoc_service.who import Who

UNFINISHED_OF_ONE: Final = 10
UNFINISHED_IN_ALL: Final = 50
_TIME_LIMIT_MS: Final = 10_000

Change = Callable[[ShipmentImport], ShipmentImport]


class ShipmentDesk:
    """Every question and command comes with the scope of who asks; an import that reaches beyond it is none for him."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        *,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        self._imports = client[database][IMPORTS]
        self._chunks = client[database][IMPORT_CHUNKS]
        self._parts = client[database][IMPORT_PARTS]
        self._new_id = new_id
        self._wake = wake
        # Counting the unfinished and adding one must not be done by two at once.
        self._adding = asyncio.Lock()

    async def create(
        self, request_id: str, file_name: str, who: Who, scope: Scope, now: datetime
    ) -> ShipmentImport:
        """Begin an import, once however often it is asked.

        Raises ``TooMany``, ``RequestReused``, or ``NetworkDenied`` for who sees no network.
        """
        if scope.networks is not None and not scope.networks:
            # Whoever sees all of no network is everybody.
            raise NetworkDenied("an import, and sees no network")
        async with self._adding:
            if known := await self._known(request_id, file_name, who):
                return known
            await self._require_room(who)
            shipment = ShipmentImport(
                import_id=self._new_id(),
                version=1,
                state=State.UPLOADING,
                file_name=file_name,
                who=who,
                networks=scope.networks,
                created_at=now,
                updated_at=now,
            )
            try:
                await self._imports.insert_one(import_document(shipment, request_id))
            except DuplicateKeyError:
                # Another process was asked the same at the same time.
                known = await self._known(request_id, file_name, who)
                if known is None:
                    raise
                return known
        return shipment

    async def append(
        self, import_id: str, offset: int, content: bytes, scope: Scope, now: datetime
    ) -> ShipmentImport:
        """Add to the file, once however often it is asked.

        Raises:
            ImportUnknown: there is none, or none for this caller.
            ChunkOffsetWrong: the content does not begin where the last one ended.
            TooMany: the file would be too large, or in too many pieces.
            ImportStateRefused: it takes no more content.
        """
        digest = blake2b(content, digest_size=16).hexdigest()
        chunk = Chunk(offset=offset, size=len(content), digest=digest)

        def add(shipment: ShipmentImport) -> ShipmentImport:
            if chunk in shipment.chunks:
                return shipment
            after = shipment.appended(chunk, now)
            if offset != shipment.received_bytes:
                raise ChunkOffsetWrong(import_id, shipment.received_bytes)
            if after.received_bytes > FILE_AT_MOST:
                raise TooMany(f"the file is larger than {FILE_AT_MOST // 2**20} MiB")
            if len(after.chunks) > CHUNKS_AT_MOST:
                raise TooMany(
                    f"the file comes in more than {CHUNKS_AT_MOST} pieces: send larger ones"
                )
            return after

        before = import_from(await self._document(import_id, scope))
        if add(before) is before:
            return before
        # The content first: an import names only what is there. What no import names is forgotten.
        document = chunk_document(before, chunk, content)
        await self._chunks.replace_one({"_id": document["_id"]}, document, upsert=True)
        return await self._change(import_id, scope, add)

    async def check(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        shipment = await self._change(import_id, scope, lambda each: each.to_be_checked(now))
        self._wake()
        return shipment

    async def run(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        shipment = await self._change(import_id, scope, lambda each: each.to_be_run(now))
        self._wake()
        return shipment

    async def pause(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        return await self._change(import_id, scope, lambda each: each.paused(now))

    async def resume(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        shipment = await self._change(import_id, scope, lambda each: each.resumed(now))
        self._wake()
        return shipment

    async def cancel(self, import_id: str, scope: Scope, now: datetime) -> ShipmentImport:
        shipment = await self._change(import_id, scope, lambda each: each.cancelled(now))
        if shipment.state in ENDED:
            await self._chunks.delete_many(chunks_query(import_id))
        return shipment

    async def shipment(self, import_id: str, scope: Scope) -> ShipmentImport:
        """Return one import; raise ``ImportUnknown``."""
        return import_from(await self._document(import_id, scope))

    async def page(self, scope: Scope, size: int, token: str) -> Page[ShipmentImport]:
        """Return up to ``size`` imports, newest first; raise ``PageTokenInvalid``."""
        networks = None if scope.networks is None else sorted(scope.networks)
        question = f"imports {networks}"
        query: dict[str, Any] = {}
        if networks is not None:
            # All of its networks are the caller's; null is all networks.
            query["networks"] = {"$ne": None, "$not": {"$elemMatch": {"$nin": networks}}}
        if before := resumed(question, token):
            query["_id"] = {"$lt": before}
        found = await (
            self._imports.find(query, hint="_id_")
            .sort(NEWEST_FIRST)
            .limit(size + 1)
            .batch_size(size + 1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        imports = [import_from(document) for document in found[:size]]
        more = len(found) > size
        return Page(items=imports, next_token=seal(question, imports[-1].import_id) if more else "")

    async def rows(
        self, import_id: str, verdicts: Collection[Verdict], scope: Scope, size: int, token: str
    ) -> Page[Row]:
        """Return up to ``size`` rows in the order of the file; raise ``ImportUnknown`` or ``PageTokenInvalid``."""
        shipment = await self.shipment(import_id, scope)
        question = f"rows {import_id} {sorted(verdicts)}"
        begin = resumed_at(question, token, 2) or (0, 0)
        rows: list[Row] = []
        async for document in self._parts.find(
            {"_id": {"$in": await self._keys(shipment, verdicts, begin[0])}}, batch_size=2
        ).sort("_id", ASCENDING):
            here = document["_id"]["part"]
            for index, row in enumerate(rows_from(document)):
                if (here, index) < begin:
                    continue
                shown = _shown(row, shipment)
                if verdicts and shown.verdict not in verdicts:
                    continue
                if len(rows) == size:
                    return Page(items=rows, next_token=seal(question, f"{here}.{index}"))
                rows.append(shown)
        return Page(items=rows, next_token="")

    async def _keys(
        self, shipment: ShipmentImport, verdicts: Collection[Verdict], begin: int
    ) -> list[Document]:
        """Return which parts hold such rows, from ``begin`` on: at most as many as a file has."""
        if not shipment.part_count:
            return []
        if not verdicts:
            return [part_key(shipment.list_id, part) for part in range(begin, shipment.part_count)]
        query = {
            "_id.list": shipment.list_id,
            "verdicts": {"$in": sorted(_stored(verdicts, shipment))},
            "_id.part": {"$gte": begin},
        }
        found = self._parts.find(query, {"_id": True}, hint="by_verdict").max_time_ms(
            _TIME_LIMIT_MS
        )
        return [document["_id"] async for document in found]

    async def _change(self, import_id: str, scope: Scope, change: Change) -> ShipmentImport:
        # Ends: it goes round only when a part, or somebody else, came in between; an import has not many of either.
        while True:
            document = await self._document(import_id, scope)
            shipment = import_from(document)
            after = change(shipment)
            if after is shipment:
                return shipment
            guard, replacement = next_version(document, after)
            if (await self._imports.replace_one(guard, replacement)).matched_count:
                return after

    async def _document(self, import_id: str, scope: Scope) -> Document:
        found = await self._imports.find_one({"_id": import_id})
        if found is None or not _is_visible(found["networks"], scope):
            raise ImportUnknown(import_id)
        return found

    async def _known(self, request_id: str, file_name: str, who: Who) -> ShipmentImport | None:
        same = {"creator": who.subject, "request_id": request_id}
        found = await self._imports.find_one(same, hint="by_request")
        if found is None:
            return None
        if found["file_name"] != file_name:
            raise RequestReused
        return import_from(found)

    async def _require_room(self, who: Who) -> None:
        unfinished: dict[str, Any] = {"unfinished": True}
        in_all = await self._imports.count_documents(unfinished, hint="unfinished")
        if in_all >= UNFINISHED_IN_ALL:
            raise TooMany(
                f"{in_all} imports are unfinished, no more are kept: run, or cancel one first"
            )
        his = await self._imports.count_documents(
            {**unfinished, "creator": who.subject}, hint="unfinished"
        )
        if his >= UNFINISHED_OF_ONE:
            raise TooMany(
                f"you have {his} unfinished imports, no more are kept: run, or cancel one first"
            )


def _is_visible(networks: Iterable[str] | None, scope: Scope) -> bool:
    if scope.networks is None:
        return True
    return networks is not None and scope.networks.issuperset(networks)


def _stored(verdicts: Collection[Verdict], shipment: ShipmentImport) -> set[Verdict]:
    """What a cancelled import did not come to is not written again, row by row: it is READY still."""
    if shipment.state is not State.CANCELLED:
        return set(verdicts)
    same = {Verdict.SKIPPED: Verdict.READY}
    return {same.get(each, each) for each in verdicts if each is not Verdict.READY}


def _shown(row: Row, shipment: ShipmentImport) -> Row:
    if row.verdict is Verdict.READY and shipment.state is State.CANCELLED:
        return Row(line=row.line, device_id=row.device_id, verdict=Verdict.SKIPPED)
    return row
