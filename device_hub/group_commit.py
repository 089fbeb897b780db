"""Group commit: commits of many devices travel to the journal in one ``insert_many``.

Measured (docs/decisions/0004): one insert per commit is what limits a hub; an unordered insert of hundreds costs
hardly more than one. Each commit still stands or falls alone, and its waiting turn learns how.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bson.errors import InvalidDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
)

Document = dict[str, Any]
Waiting = tuple[Document, "asyncio.Future[None]"]

_DUPLICATE_KEY = 11000
_OBJECT_TOO_LARGE = 10334
_PACE_SECONDS = 0.025


class KeyTaken(Exception):
    """Another document holds one of the unique keys."""


class DocumentRefused(Exception):
    """The database will never take this document (too large, for example)."""


class GroupCommit:
    """Collects documents while an insert is under way, and inserts what has gathered, at most ``most`` at once.

    Bounded by its callers: each waits for its own document. One insert is under way at a time, and ``pace_seconds``
    lie between the beginnings of two: under load that makes groups, and a lone document does not wait.
    """

    def __init__(
        self,
        collection: AsyncCollection[Document],
        *,
        most: int = 500,
        pace_seconds: float = _PACE_SECONDS,
    ) -> None:
        self._collection = collection
        self._most = most
        self._pace = pace_seconds
        self._waiting: list[Waiting] = []
        self._flushing: asyncio.Task[None] | None = None
        self._inserted_at = float("-inf")

    async def insert(self, document: Document) -> None:
        """Return when ``document`` is on disk on a majority; raises KeyTaken, DocumentRefused or PyMongoError."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="group-commit")
        await done

    async def _flush(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            # At least one turn of the loop, so that turns that are ready now share this insert.
            await asyncio.sleep(max(0.0, self._inserted_at + self._pace - clock()))
            self._inserted_at = clock()
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._insert_group(group)

    async def _insert_group(self, group: Sequence[Waiting]) -> None:
        try:
            await self._collection.insert_many([document for document, _ in group], ordered=False)
        except BulkWriteError as error:
            _tell(group, error)
        except (InvalidDocument, DocumentTooLarge, OverflowError) as error:
            # The driver could not even write one of them down; find out which, the others are innocent.
            await self._insert_apart(group, error)
        except OperationFailure as error:
            if error.code == _OBJECT_TOO_LARGE:
                await self._insert_apart(group, error)
            else:
                _tell_all(group, error)
        except PyMongoError as error:
            _tell_all(group, error)
        except BaseException:
            # Cancelled, or a defect: nobody may be left waiting, each turn postpones its report.
            _tell_all(group, AutoReconnect("the group commit was broken off"))
            raise
        else:
            for _, done in group:
                if not done.done():
                    done.set_result(None)

    async def _insert_apart(self, group: Sequence[Waiting], error: Exception) -> None:
        if len(group) > 1:
            for one in group:
                await self._insert_group([one])
            return
        _, done = group[0]
        if not done.done():
            done.set_exception(DocumentRefused(str(error)))


def _tell_all(group: Sequence[Waiting], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)


def _tell(group: Sequence[Waiting], error: BulkWriteError) -> None:
    details: Mapping[str, Any] = error.details or {}
    failed = {int(one["index"]): one for one in details.get("writeErrors", [])}
    not_durable = details.get("writeConcernErrors")
    for index, (_, done) in enumerate(group):
        if done.done():
            continue
        one = failed.get(index)
        if one is None:
            # Inserted, but perhaps not by a majority: not acknowledged, asked again later.
            done.set_exception(error) if not_durable else done.set_result(None)
        elif one.get("code") == _DUPLICATE_KEY:
            done.set_exception(KeyTaken(str(one.get("errmsg", ""))))
        else:
            done.set_exception(DocumentRefused(str(one.get("errmsg", ""))))
