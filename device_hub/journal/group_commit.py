"""Group commit: commits of many devices travel to the journal in few inserts.

Measured (docs/decisions/0004): one insert per commit is what limits a hub; an insert of hundreds costs hardly more than
one. Each commit still stands or falls alone, and its waiting turn learns how.

Lone commits, each of another device, share an unordered insert. Several commits of one device are a chain: their
revisions follow each other, and one may be stored only if the one before it is. Chains share an *ordered* insert, which
the database ends at the first document that it does not take (docs/decisions/0031).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure, PyMongoError

from device_hub.traces import INSERT
from service_traces.traces import OFF, Traces

_DUPLICATE_KEY: Final = 11000
# Object too large, validation failed, invalid BSON: the document's own fault. Any other error is the database's (a full
# disk, an election, a time limit, ...), and may be over when the report comes again.
_DOCUMENTS_OWN: Final = frozenset({10334, 121, 22})
_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
# Of one insert. MongoDB takes 48 MB in a message; a smaller one keeps the loop and its neighbours free.
INSERT_BYTES: Final = 4 * 1024 * 1024
_PACE_SECONDS: Final = 0.025


# Is told of each insert: how many documents, how many seconds, and the kind of the database's error, "" without one.
Inserts = Callable[[int, float, str], None]


class KeyTaken(Exception):
    """Another document holds one of the unique keys."""


class DocumentRefused(Exception):
    """The database will never take this document (too large, for example)."""


class WriteFailed(OperationFailure):
    """The database could not take this document now; nothing is wrong with the document."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """The first ``count`` documents are on disk on a majority; ``stop`` says why the next is not, None: all are.

    KeyTaken, DocumentRefused: it is not stored. Any other error: that is unknown.
    """

    count: int
    stop: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    documents: Sequence[RawBSONDocument]
    size_bytes: int
    done: "asyncio.Future[Inserted]"
    contexts: Sequence[str] = ()

    def tell(self, inserted: Inserted) -> None:
        if not self.done.done():
            self.done.set_result(inserted)


def written(document: Mapping[str, Any]) -> RawBSONDocument:
    """Return the document as it travels, with an id. Raises DocumentRefused for one that no database can hold."""
    try:
        encoded = bson.encode({"_id": bson.ObjectId(), **document})
    except (BSONError, OverflowError) as error:
        raise DocumentRefused(str(error)) from error
    return travelling(encoded)


def travelling(encoded: bytes) -> RawBSONDocument:
    """Return a document of these bytes. Raises DocumentRefused for one that no database can hold."""
    if len(encoded) > _DOCUMENT_BYTES:
        raise DocumentRefused(f"{len(encoded)} bytes, a document may have {_DOCUMENT_BYTES}")
    return RawBSONDocument(encoded)


class GroupCommit:
    """Collects documents while an insert is under way, then inserts them together.

    An insert has at most ``most`` documents and ``most_bytes`` bytes; what is larger travels alone. Bounded by its
    callers: each waits for its own documents. Lone documents and chains each have one insert under way at a time, and
    ``pace_seconds`` lie between the beginnings of two: under load that makes groups, and a lone document does not wait.
    """

    def __init__(
        self,
        collection: AsyncCollection[Any],
        *,
        most: int = 500,
        most_bytes: int = INSERT_BYTES,
        pace_seconds: float = _PACE_SECONDS,
        inserted: Inserts = lambda _, __, ___: None,
        traces: Traces = OFF,
    ) -> None:
        bounds = _Bounds(most, most_bytes, pace_seconds, inserted, traces)
        self._lone = _Lane(partial(_insert_lone, collection), bounds)
        self._chains = _Lane(partial(_insert_chains, collection), bounds)

    async def insert(self, document: Mapping[str, Any]) -> None:
        """Return when ``document`` is on disk on a majority; raises KeyTaken, DocumentRefused or PyMongoError."""
        inserted = await self.insert_chain([written(document)])
        if inserted.stop is not None:
            raise inserted.stop

    async def insert_chain(
        self, documents: Sequence[RawBSONDocument], contexts: Sequence[str] = ()
    ) -> Inserted:
        """Insert documents, none of them unless the one before it; return how far that came.

        ``contexts``: of the traces that they belong to.
        """
        lane = self._chains if len(documents) > 1 else self._lone
        return await lane.insert(documents, contexts)


@dataclass(frozen=True, slots=True)
class _Bounds:
    most: int
    most_bytes: int
    pace_seconds: float
    inserted: Inserts
    traces: Traces


class _Lane:
    """One insert after the other, each of what has gathered meanwhile."""

    def __init__(
        self, insert_group: Callable[[Sequence[_Waiting]], Awaitable[str]], bounds: _Bounds
    ) -> None:
        self._insert_group = insert_group
        self._bounds = bounds
        self._waiting: deque[_Waiting] = deque()
        self._flushing: asyncio.Task[None] | None = None
        self._inserted_at = float("-inf")

    async def insert(
        self, documents: Sequence[RawBSONDocument], contexts: Sequence[str]
    ) -> Inserted:
        size = sum(len(document.raw) for document in documents)
        done: asyncio.Future[Inserted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(documents, size, done, contexts))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="group-commit")
        return await done

    async def _flush(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            # At least one turn of the loop, so that turns that are ready now share this insert.
            await asyncio.sleep(max(0.0, self._inserted_at + self._bounds.pace_seconds - clock()))
            self._inserted_at = clock()
            group = self._group()
            if not group:
                continue
            count = sum(len(each.documents) for each in group)
            contexts = (one for each in group for one in each.contexts)
            # Of the traces that are in it: the task's own context is that of the turn which began it.
            span = self._bounds.traces.of_these(INSERT, contexts, db__operation__batch__size=count)
            try:
                trouble = await self._insert_group(group)
            except BaseException:
                # Cancelled, or a defect: no turn may wait for ever; each postpones its report.
                _tell_all(group, AutoReconnect("the group commit was broken off"))
                raise
            if trouble:
                span.failed(trouble)
            span.end()
            self._bounds.inserted(count, clock() - self._inserted_at, trouble)

    def _group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        count = size = 0
        while self._waiting:
            if self._waiting[0].done.cancelled():
                # No turn waits for it: its report comes again, and a hanging database would gather one copy each time.
                self._waiting.popleft()
                continue
            count += len(self._waiting[0].documents)
            size += self._waiting[0].size_bytes
            if group and (count > self._bounds.most or size > self._bounds.most_bytes):
                break
            group.append(self._waiting.popleft())
        return group


async def _insert_lone(collection: AsyncCollection[Any], group: Sequence[_Waiting]) -> str:
    """Insert documents that have nothing to do with each other; return the kind of the database's trouble."""
    try:
        await collection.insert_many([each.documents[0] for each in group], ordered=False)
    except BulkWriteError as error:
        failed = _failures(error)
        for index, each in enumerate(group):
            if (why := failed.get(index)) is not None:
                each.tell(Inserted(0, why))
            else:
                each.tell(_durable(error, each))
        return _trouble_in(failed.values(), error)
    except PyMongoError as error:
        _tell_all(group, error)
        return type(error).__name__
    _tell_stored(group)
    return ""


async def _insert_chains(collection: AsyncCollection[Any], group: Sequence[_Waiting]) -> str:
    """Insert chains one after the other; the database stops at the first document that it does not take.

    Chains after a broken one are inserted next, unless the database is in trouble, whose kind is returned.
    """
    trouble = ""
    left = group
    while left:
        documents = [document for each in left for document in each.documents]
        try:
            await collection.insert_many(documents, ordered=True)
        except BulkWriteError as error:
            left = _after_the_break(left, error)
            trouble = _trouble_in(_failures(error).values(), error)
        except PyMongoError as error:
            _tell_all(left, error)
            return type(error).__name__
        else:
            _tell_stored(left)
            return trouble
    return trouble


def _after_the_break(chains: Sequence[_Waiting], error: BulkWriteError) -> Sequence[_Waiting]:
    """Give the chains their results, up to the one that broke; return those after it."""
    failed = _failures(error)
    if not failed:
        # All are inserted, but perhaps not on a majority.
        _tell_all(chains, error)
        return []
    [(at, why)] = failed.items()
    for number, each in enumerate(chains):
        if at >= len(each.documents):
            each.tell(_durable(error, each))
            at -= len(each.documents)
            continue
        before = _durable(error, each)
        each.tell(Inserted(0, before.stop) if before.stop else Inserted(at, why))
        behind = chains[number + 1 :]
        if isinstance(why, KeyTaken | DocumentRefused):
            return behind
        _tell_all(behind, why)
        return []
    return []


def _trouble_in(failures: Iterable[Exception], error: BulkWriteError) -> str:
    """Return the kind of trouble; "" when only documents were at fault: that is no trouble of the database."""
    if (error.details or {}).get("writeConcernErrors"):
        return "WriteConcernError"
    troubled = (each for each in failures if isinstance(each, WriteFailed))
    return "WriteFailed" if next(troubled, None) else ""


def _failures(error: BulkWriteError) -> dict[int, Exception]:
    """Return why which document was not inserted."""
    details: Mapping[str, Any] = error.details or {}
    return {int(one["index"]): _why(one) for one in details.get("writeErrors", [])}


def _why(said: Mapping[str, Any]) -> Exception:
    code, text = said.get("code"), str(said.get("errmsg", ""))
    if code == _DUPLICATE_KEY:
        return KeyTaken(text)
    if code in _DOCUMENTS_OWN:
        return DocumentRefused(text)
    return WriteFailed(text, code)


def _durable(error: BulkWriteError, each: _Waiting) -> Inserted:
    """A document that was inserted, but perhaps not on a majority, is not acknowledged: its report comes again."""
    not_durable = (error.details or {}).get("writeConcernErrors")
    return Inserted(0, error) if not_durable else Inserted(len(each.documents))


def _tell_all(group: Sequence[_Waiting], error: Exception) -> None:
    for each in group:
        each.tell(Inserted(0, error))


def _tell_stored(group: Sequence[_Waiting]) -> None:
    for each in group:
        each.tell(Inserted(len(each.documents)))
