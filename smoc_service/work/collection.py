"""Stored jobs or imports: added once, changed by compare-and-set, shown to callers that may see all their networks."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pymongo import DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from service_chassis.pages import Page, resumed, seal
from service_chassis.scope import Scope
from smoc_service.errors import RequestReused, TooMany
from smoc_service.mongodb import Document
from smoc_service.who import Who
from smoc_service.work.documents import is_visible, visible_in
from smoc_service.work.lasting import Holder, LastingWork

_TIME_LIMIT_MS: Final = 10_000
_LETTING_GO_SECONDS: Final = 2.0

WorkT = TypeVar("WorkT", bound=LastingWork)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[WorkT]):
    """One kind of work: how it is stored, and how many of it are kept."""

    # Also the name of the collection.
    plural: str
    document: Callable[[WorkT], Document]
    work: Callable[[Mapping[str, Any]], WorkT]
    unknown: Callable[[str], Exception]
    unfinished_of_one: int
    unfinished_in_all: int
    # What makes room.
    advice: str


class WorkCollection(Generic[WorkT]):
    """It never overwrites a concurrent change. Trouble of MongoDB raises ``PyMongoError``."""

    def __init__(self, documents: AsyncCollection[Document], kind: Kind[WorkT]) -> None:
        self.documents = documents
        self._kind = kind
        # Counting the unfinished and adding one must not be done by two at once.
        self._adding = asyncio.Lock()

    def work(self, document: Mapping[str, Any]) -> WorkT:
        return self._kind.work(document)

    async def known(self, who: Who, request_id: str, asked: Document) -> WorkT | None:
        """Return the work of this request; raise ``RequestReused`` if it came with something else than ``asked``."""
        same = {"creator": who.subject, "request_id": request_id}
        found = await self.documents.find_one(same, hint="by_request")
        if found is None:
            return None
        if any(found[name] != value for name, value in asked.items()):
            raise RequestReused
        return self._kind.work(found)

    async def add(self, work: WorkT, request_id: str, asked: Document) -> WorkT:
        """Add ``work``, once, however often the request arrives; raise ``TooMany`` or ``RequestReused``."""
        document = self._kind.document(work) | asked | {"request_id": request_id}
        async with self._adding:
            if known := await self.known(work.who, request_id, asked):
                return known
            await self._require_room(work.who)
            try:
                await self.documents.insert_one(document)
            except DuplicateKeyError:
                # Another process got the same request at the same time.
                known = await self.known(work.who, request_id, asked)
                if known is None:
                    raise
                return known
        return work

    async def found(self, work_id: str, scope: Scope) -> Document:
        found = await self.documents.find_one({"_id": work_id})
        if found is None or not is_visible(found, scope):
            raise self._kind.unknown(work_id)
        return found

    async def one(self, work_id: str, scope: Scope) -> WorkT:
        return self._kind.work(await self.found(work_id, scope))

    async def change(self, work_id: str, scope: Scope, change: Callable[[WorkT], WorkT]) -> WorkT:
        """Change the work as it is now. When ``change`` returns it unchanged, nothing is stored."""
        # It ends: a further round only comes when a worker or a user came in between, and there are few of either.
        while True:
            document = await self.found(work_id, scope)
            work = self._kind.work(document)
            after = change(work)
            if after is work or await self.put(document, after):
                return after

    async def put(
        self, document: Document, after: WorkT, session: AsyncClientSession | None = None
    ) -> bool:
        """Store ``after`` in place of ``document``, unless that changed since; return whether it was stored."""
        guard = {"_id": document["_id"], "version": document["version"]}
        came = {name: document[name] for name in ("request_id", "asked") if name in document}
        replacement = self._kind.document(after) | came
        stored = await self.documents.replace_one(guard, replacement, session=session)
        return stored.matched_count > 0

    async def page(
        self,
        asked: str,
        query: Document,
        scope: Scope,
        size: int,
        token: str,
        *,
        hint: str,
        without: Document | None = None,
    ) -> Page[WorkT]:
        """Return up to ``size`` that fit, newest first; raise ``PageTokenInvalid`` for another one's token."""
        question = f"{asked} {None if scope.networks is None else sorted(scope.networks)}"
        query = {**query, **visible_in(scope)}
        if before := resumed(question, token):
            query["_id"] = {"$lt": before}
        found = await (
            self.documents.find(query, without, hint=hint)
            .sort("_id", DESCENDING)
            .limit(size + 1)
            .batch_size(size + 1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        shown, more = found[:size], len(found) > size
        return Page(
            items=[self._kind.work(document) for document in shown],
            next_token=seal(question, shown[-1]["_id"]) if more else "",
        )

    async def let_go(self, holder: Holder) -> None:
        """Let others take what ``holder`` held, without waiting for its leases to end; it may be too late for that."""
        held = {"unfinished": True, "worker": holder.worker, "session": holder.session}
        update = {"$set": {"worker": "", "lease_until": None}, "$inc": {"version": 1}}
        with suppress(PyMongoError, TimeoutError):
            async with asyncio.timeout(_LETTING_GO_SECONDS):
                await self.documents.update_many(held, update, hint="unfinished")

    async def _require_room(self, who: Who) -> None:
        kind = self._kind
        unfinished: Document = {"unfinished": True}
        in_all = await self.documents.count_documents(unfinished, hint="unfinished")
        if in_all >= kind.unfinished_in_all:
            raise TooMany(f"{in_all} {kind.plural} are unfinished, no more are kept: {kind.advice}")
        mine = {**unfinished, "creator": who.subject}
        of_one = await self.documents.count_documents(mine, hint="unfinished")
        if of_one >= kind.unfinished_of_one:
            raise TooMany(
                f"you have {of_one} unfinished {kind.plural}, no more are kept: {kind.advice}"
            )
