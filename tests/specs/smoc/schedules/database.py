"""The register's collections in memory: the requests of ``Register``, and what may become of each.

Promised, as by MongoDB: a write of one document is whole or not at all; a replacement happens only if its condition
holds in that moment; an ``_id`` is taken once. tests/adapters/smoc/register/test_collections.py holds that against a
real one. Chosen: whether a request arrives, when it takes effect, and whether its answer comes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, Self

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import AutoReconnect, BulkWriteError

from tests.specs.hub.schedules.choices import Choices

Document = dict[str, Any]
Write = InsertOne[Document] | ReplaceOne[Document]
_DUPLICATE_KEY = 11000
_SHUTTING_DOWN = 11600


class Fault(IntEnum):
    """What happens to one request."""

    NONE = 0
    NOT_SENT = auto()
    ANSWER_LOST = auto()
    # The caller hears of trouble, and only then it takes effect.
    LATE = auto()
    # Some of its writes are made.
    BROKEN_OFF = auto()


@dataclass(eq=False)
class MemoryClient:
    """``faults``: how many requests may still fail. ``compares``: whether a replacement has a condition.

    ``replaced`` is told of each document that takes the place of another one, or of None.
    """

    choices: Choices
    faults: int = 0
    compares: bool = True
    replaced: Callable[[str, Document | None, Document], None] = lambda _, __, ___: None
    _collections: dict[str, "MemoryCollection"] = field(default_factory=dict)
    # In order: a set of tasks has another order in each run.
    _under_way: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    def __getitem__(self, name: str) -> "MemoryClient":
        """Return the database, which is this one whatever its name."""
        del name
        return self

    def get_database(self, name: str, **how: object) -> None:
        """No joint write is large enough to ask it."""

    def start_session(self, **how: object) -> "_Session":
        del how
        return _Session()

    def collection(self, name: str) -> "MemoryCollection":
        return self._collections.setdefault(name, MemoryCollection(name, self))

    def fault(self, count: int) -> Fault:
        if not self.faults:
            return Fault.NONE
        chosen = Fault(self.choices.pick(count) if self.choices.one_in(4) else 0)
        self.faults -= chosen is not Fault.NONE
        return chosen

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[task] = None
        task.add_done_callback(self._under_way.pop)
        return task

    async def come_to_rest(self) -> None:
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)


class _Session:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@dataclass(eq=False)
class MemoryCollection:
    name: str
    client: MemoryClient
    documents: dict[Any, Document] = field(default_factory=dict)

    async def bulk_write(self, writes: Sequence[Write], *, ordered: bool, session: object) -> None:
        del session
        assert not ordered
        client = self.client
        fault = client.fault(len(Fault))
        if fault is Fault.NOT_SENT:
            await asyncio.sleep(0)
            raise AutoReconnect("not sent")
        # On the server it goes on, whatever becomes of the one who asked.
        task = client.begin(self._write(list(writes), fault))
        if fault is Fault.LATE:
            raise AutoReconnect("no answer in time")
        errors = await asyncio.shield(task)
        if fault is Fault.ANSWER_LOST:
            raise AutoReconnect("the answer was lost")
        if errors:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})

    def find(self, query: Mapping[str, Any], **how: object) -> AsyncIterator[Document]:
        del how
        return self._found(query["_id"]["$in"])

    async def _found(self, ids: Sequence[Any]) -> AsyncIterator[Document]:
        fault = self.client.fault(2)
        await asyncio.sleep(0)
        if fault is not Fault.NONE:
            raise AutoReconnect("not read")
        found = [deepcopy(self.documents[each]) for each in ids if each in self.documents]
        await asyncio.sleep(0)
        for one in found:
            yield one

    async def _write(self, writes: Sequence[Write], fault: Fault) -> list[Document]:
        choices = self.client.choices
        await asyncio.sleep(choices.pick(4) if fault is Fault.LATE else 0)
        made = choices.pick(1 << len(writes)) if fault is Fault.BROKEN_OFF else -1
        errors = []
        for index, write in enumerate(writes):
            code = self._one(write) if made >> index & 1 else _SHUTTING_DOWN
            if code:
                errors.append({"index": index, "code": code, "errmsg": "as the test wants it"})
            await asyncio.sleep(0)
        return errors

    def _one(self, write: Any) -> int:
        after: Document = deepcopy(write._doc)
        key = _key(after["_id"])
        before = self.documents.get(key)
        if isinstance(write, ReplaceOne):
            condition = write._filter if self.client.compares else {"_id": after["_id"]}
            if before is not None and _holds(before, condition):
                self.client.replaced(self.name, before, after)
                self.documents[key] = after
                return 0
        if before is not None:
            return _DUPLICATE_KEY
        self.client.replaced(self.name, None, after)
        self.documents[key] = after
        return 0


def _key(given: Any) -> Any:
    return tuple(given.items()) if isinstance(given, Mapping) else given


def _holds(document: Document, condition: Mapping[str, Any]) -> bool:
    for name, wanted in condition.items():
        held: Any = document
        for part in name.split("."):
            held = held.get(part) if isinstance(held, Mapping) else None
        if held != wanted:
            return False
    return True
