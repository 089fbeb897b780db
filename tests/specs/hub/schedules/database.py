"""The journal's collection in memory: what MongoDB promises of it, and all that it does not promise.

It answers the requests that the journal makes, and no other. Promised: unique keys; an ordered insert ends at the first
document that is not taken; what is acknowledged is held by a majority and stays; reads see what a majority holds.
Not promised, and chosen: that a request arrives, or its answer; when it takes effect; that what is not acknowledged
stays. tests/adapters/hub/journal/test_collections.py holds the first half against a real MongoDB.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import AutoReconnect, BulkWriteError

from tests.specs.hub.schedules.choices import Choices

Document = dict[str, Any]
OPTIONS: CodecOptions[Document] = CodecOptions(tz_aware=True)
UNIQUE = (("device_id", "revision"), ("device_id", "report_id"))
_DUPLICATE_KEY = 11000
_SHUTTING_DOWN = 11600


class Fault(IntEnum):
    """What happens to one request."""

    NONE = 0
    NOT_SENT = auto()
    ANSWER_LOST = auto()
    # The caller hears of trouble, and only then it takes effect.
    LATE = auto()
    # The server ends it in the middle.
    BROKEN_OFF = auto()
    # It is stored, and not yet safe.
    NOT_SAFE = auto()


@dataclass(eq=False)
class _Stored:
    raw: bytes
    document: Document
    keys: Sequence[tuple[Any, ...]]
    write: "_Write"


@dataclass(eq=False)
class _Write:
    rolled_back: bool = False


@dataclass(eq=False)
class MemoryCommits:
    """``faults``: how many requests may still fail. ``unique``: its unique indexes."""

    choices: Choices
    faults: int = 0
    unique: Sequence[tuple[str, ...]] = UNIQUE
    # Defects of a database, for those who look for them.
    ends_at_the_first: bool = True
    waits_for_a_majority: bool = True
    _safe: list[_Stored] = field(default_factory=list)
    _unsafe: list[_Stored] = field(default_factory=list)
    _term: int = 0
    _taken: set[tuple[Any, ...]] = field(default_factory=set)
    # In order: a set of tasks has another order in each run.
    _under_way: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    # What the journal asks for

    async def insert_many(self, documents: Sequence[RawBSONDocument], *, ordered: bool) -> None:
        fault = self._fault(len(Fault))
        if fault is Fault.NOT_SENT:
            await self._pause()
            raise AutoReconnect("not sent")
        raws = [bytes(one.raw) for one in documents]
        # On the server it goes on, whatever becomes of the one who asked.
        task = self._begin(self._insert(raws, ordered=ordered, fault=fault))
        if fault is Fault.LATE:
            raise AutoReconnect("no answer in time")
        errors, write = await asyncio.shield(task)
        if fault is Fault.ANSWER_LOST or write.rolled_back:
            raise AutoReconnect("the answer was lost")
        concerns = [{"code": 64, "errmsg": "not safe"}] if fault is Fault.NOT_SAFE else []
        if errors or concerns:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns})

    async def find_one(
        self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = ()
    ) -> Document | None:
        found = await self._read(query, sort)
        return found[0] if found else None

    def find(
        self, query: Mapping[str, Any], wanted: object = None, *, hint: object = None
    ) -> "_Found":
        del wanted, hint
        return _Found(self._read, query)

    async def aggregate(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        *,
        hint: str,
        batchSize: int,  # noqa: N803 - MongoDB's
    ) -> AsyncIterator[Document]:
        """Return the newest commit of each device, the one question of this kind."""
        del hint, batchSize
        match, sort, group = pipeline
        assert sort["$sort"] == {"device_id": -1, "revision": -1}
        assert group["$group"] == {"_id": "$device_id", "newest": {"$first": "$$ROOT"}}
        newest: dict[str, Document] = {}
        for one in await self._read(match["$match"], [("revision", -1)]):
            newest.setdefault(one["device_id"], one)
        return _each([{"_id": name, "newest": one} for name, one in newest.items()])

    # What a test knows

    @property
    def held(self) -> list[bytes]:
        """What a majority holds, as bytes."""
        return [one.raw for one in self._safe]

    def documents(self) -> list[Document]:
        return [one.document for one in self._safe]

    def fail_over(self) -> None:
        """Another member takes over: what no majority holds is gone, what runs is ended, and whoever asked hears so."""
        self._term += 1
        for one in self._unsafe:
            one.write.rolled_back = True
            self._taken.difference_update(one.keys)
        self._unsafe.clear()

    async def come_to_rest(self) -> None:
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)
        self._make_safe()

    # How it works

    def _fault(self, count: int) -> Fault:
        if not self.faults:
            return Fault.NONE
        chosen = Fault(self.choices.pick(3 * count) % count if self.choices.one_in(3) else 0)
        self.faults -= chosen is not Fault.NONE
        return chosen

    async def _pause(self) -> None:
        await asyncio.sleep(0 if self.choices.pick(4) < 3 else 0.01)

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[task] = None
        task.add_done_callback(self._under_way.pop)
        return task

    async def _insert(
        self, raws: Sequence[bytes], *, ordered: bool, fault: Fault
    ) -> tuple[list[Document], _Write]:
        write = _Write()
        errors: list[Document] = []
        await self._pause()
        if fault is Fault.LATE:
            await asyncio.sleep(self.choices.pick(4))
        term = self._term
        breaks_at = self.choices.pick(len(raws)) if fault is Fault.BROKEN_OFF else len(raws)
        for index, raw in enumerate(raws):
            is_ended = index >= breaks_at or term != self._term
            code = _SHUTTING_DOWN if is_ended else self._store(raw, write)
            if code:
                errors.append({"index": index, "code": code, "errmsg": "as the test wants it"})
                if ordered and self.ends_at_the_first:
                    break
            if len(raws) > 1:
                await asyncio.sleep(0)
        if not self.waits_for_a_majority:
            return errors, write
        await self._pause()
        if fault is not Fault.NOT_SAFE:
            self._make_safe()
        return errors, write

    def _store(self, raw: bytes, write: _Write) -> int:
        document = bson.decode(raw, OPTIONS)
        keys = [(names, *(document[name] for name in names)) for names in self.unique]
        if any(key in self._taken for key in keys):
            return _DUPLICATE_KEY
        self._taken.update(keys)
        self._unsafe.append(_Stored(raw, document, keys, write))
        return 0

    def _make_safe(self) -> None:
        """The log is one: what is safe now makes all before it safe."""
        self._safe += self._unsafe
        self._unsafe.clear()

    async def _read(
        self, query: Mapping[str, Any], sort: Sequence[tuple[str, int]]
    ) -> list[Document]:
        fault = self._fault(2)
        await self._pause()
        if fault is not Fault.NONE:
            raise AutoReconnect("not read")
        found = [one.document for one in self._safe if _matches(one.document, query)]
        for name, direction in reversed(sort):
            found.sort(key=lambda one: one[name], reverse=direction < 0)
        await self._pause()
        return found


class _Found:
    def __init__(
        self,
        read: Callable[[Mapping[str, Any], Sequence[tuple[str, int]]], Any],
        query: Mapping[str, Any],
    ) -> None:
        self._read = read
        self._query = query
        self._sort: list[tuple[str, int]] = []
        self._limit: int | None = None

    def sort(self, name: str, direction: int) -> "_Found":
        self._sort.append((name, direction))
        return self

    def limit(self, limit: int) -> "_Found":
        self._limit = limit
        return self

    async def to_list(self) -> list[Document]:
        found: list[Document] = await self._read(self._query, self._sort)
        return found[: self._limit]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for one in await self.to_list():
            yield one


async def _each(documents: Sequence[Document]) -> AsyncIterator[Document]:
    for one in documents:
        yield one


def _matches(document: Document, query: Mapping[str, Any]) -> bool:
    for name, wanted in query.items():
        if name == "$or":
            if not any(_matches(document, one) for one in wanted):
                return False
        elif isinstance(wanted, Mapping):
            for operator, value in wanted.items():
                if not _OPERATORS[operator](document[name], value):
                    return False
        elif document[name] != wanted:
            return False
    return True


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda held, value: bool(held > value),
    "$lte": lambda held, value: bool(held <= value),
    "$in": lambda held, value: held in value,
}
