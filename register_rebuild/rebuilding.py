"""Goes through all devices of the journal, and makes those again of which the register holds something else.

Theory of operation: the register's device is read first, then the journal until that revision. So a commit that the
follower has not brought yet is no difference. A device that differs is replaced in one transaction, document, timeline
and state together, on the condition that nobody changed it since it was read. Before the transaction ends, what then
lies there is read again: its digest has to be the journal's, else nothing of it is kept. Whoever reads the register
sees a device as it was, or as the journal says, and never in between. Alarms and watchers see a change as any other.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from pymongo import ASCENDING, AsyncMongoClient, InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from device_hub.journal.journal import Journal
from device_hub.journal.newer import WrittenByNewerHub
from register_rebuild.said import Said, digest, said_by
from smoc_service.mongodb import Document
from smoc_service.register.device import FACETS
from smoc_service.register.documents import (
    DEVICES,
    TIMELINE,
    device_document,
    entries_query,
    facet_values,
    work_from,
)
from smoc_service.register.known_states import STATES, state_after
from smoc_service.register.milestones import merged, past_document, past_from, past_of
from smoc_service.register.register import unchanged

_DEVICES_AT_ONCE: Final = 16
_ATTEMPTS: Final = 5
_PROBLEMS_AT_MOST: Final = 1_000
_SNAPSHOT: Final = ReadConcern("snapshot")
_SAFE: Final = WriteConcern("majority", wtimeout=10_000, j=True)
_UNDONE: Final = "TransientTransactionError"


class Ended(StrEnum):
    EQUAL = "equal"
    DIFFERS = "differs"
    REBUILT = "rebuilt"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    device_id: str
    ended: Ended
    digest: bytes = b""
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far it is. ``problems``: devices that are not as the journal says, and why; not all of very many."""

    expected: int
    devices: int = 0
    differing: int = 0
    rebuilt: int = 0
    problem_count: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    # Over what the journal says of all devices, in order of their ids.
    digest: str = ""

    def note(self, looked: Looked) -> None:
        self.devices += 1
        self.differing += looked.ended is not Ended.EQUAL
        self.rebuilt += looked.ended is Ended.REBUILT
        if looked.ended is Ended.PROBLEM:
            self.problem_count += 1
            if len(self.problems) < _PROBLEMS_AT_MOST:
                self.problems.append((looked.device_id, looked.problem))

    @property
    def is_equal(self) -> bool:
        """Return whether the register holds what the journal says, by now."""
        return self.differing == self.rebuilt


class _Moved(Exception):
    """Somebody changed the device since it was read, or the database took back the transaction: look again."""


class _Disagrees(Exception):
    """What was written is not what the journal says: nothing of it is kept."""


class RegisterRebuild:
    """Trouble with a database is a ``PyMongoError``; call it again."""

    def __init__(
        self, journal: Journal, commits: Any, client: AsyncMongoClient[Document], database: str
    ) -> None:
        self._journal = journal
        self._commits = commits
        self._client = client
        self._devices = client[database][DEVICES]
        self._timeline = client[database][TIMELINE]
        self._states = client[database][STATES]

    async def run(self, tell: Callable[[Progress], None], *, only_look: bool = False) -> Progress:
        """Go through all devices; with ``only_look`` nothing is changed."""
        progress = Progress(expected=await self._devices.estimated_document_count())
        whole = sha256()
        last = ""
        async for ids in self._pages():
            looked = await asyncio.gather(*(self._one(each, only_look=only_look) for each in ids))
            for each in looked:
                progress.note(each)
                whole.update(each.device_id.encode() + each.digest)
            await self._unknown(progress, {"$gt": last, "$lte": ids[-1]}, ids)
            last = ids[-1]
            tell(progress)
        await self._unknown(progress, {"$gt": last}, ())
        progress.digest = whole.hexdigest()
        tell(progress)
        return progress

    async def _pages(self) -> AsyncIterator[list[str]]:
        """Yield the ids of all devices of the journal, in order; one step in the index for each."""
        page: list[str] = []
        last = ""
        while True:
            found = await self._commits.find_one(
                {"device_id": {"$gt": last}},
                {"device_id": True},
                sort=[("device_id", ASCENDING), ("revision", ASCENDING)],
            )
            if found is None:
                break
            last = found["device_id"]
            page.append(last)
            if len(page) == _DEVICES_AT_ONCE:
                yield page
                page = []
        if page:
            yield page

    async def _unknown(self, progress: Progress, between: Any, known: Sequence[str]) -> None:
        """Note devices of the register that the journal does not have. They are left alone."""
        found = self._devices.find({"_id": {**between, "$nin": list(known)}}, {"_id": True})
        async for one in found:
            # The follower may have brought it this moment.
            if await self._commits.find_one({"device_id": one["_id"]}) is None:
                why = "the journal knows no such device"
                progress.note(Looked(device_id=one["_id"], ended=Ended.PROBLEM, problem=why))

    async def _one(self, device_id: str, *, only_look: bool) -> Looked:
        problem = "it changes again and again: look once more"
        for _ in range(_ATTEMPTS):
            before = await self._devices.find_one({"_id": device_id})
            revision = None if before is None else int(before["revision"])
            try:
                said = await said_by(self._journal, device_id, until=revision)
            except WrittenByNewerHub as error:
                return Looked(device_id=device_id, ended=Ended.PROBLEM, problem=str(error))
            if said is None:
                problem = f"the register holds revision {revision}, which the journal does not"
                return Looked(device_id=device_id, ended=Ended.PROBLEM, problem=problem)
            wanted = said.digest
            held = [] if before is None else await self._entries(said)
            if before is not None and digest(before, held) == wanted:
                return Looked(device_id=device_id, ended=Ended.EQUAL, digest=wanted)
            if only_look:
                return Looked(device_id=device_id, ended=Ended.DIFFERS, digest=wanted)
            try:
                await self._replace(before, said)
            except _Moved:
                continue
            except _Disagrees as error:
                return Looked(device_id=device_id, ended=Ended.PROBLEM, problem=str(error))
            return Looked(device_id=device_id, ended=Ended.REBUILT, digest=wanted)
        return Looked(device_id=device_id, ended=Ended.PROBLEM, problem=problem)

    async def _entries(
        self, said: Said, session: AsyncClientSession | None = None
    ) -> list[Document]:
        """Return the device's stored entries up to the revision that is looked at."""
        until = (said.device.revision + 1, 0)
        query = entries_query(said.device.device_id, until)
        return await self._timeline.find(query, session=session).sort("_id", ASCENDING).to_list()

    async def _replace(self, before: Document | None, said: Said) -> None:
        try:
            async with (
                self._client.start_session(causal_consistency=True) as session,
                await session.start_transaction(_SNAPSHOT, _SAFE),
            ):
                await self._write(before, said, session)
                after = await self._devices.find_one(
                    {"_id": said.device.device_id}, session=session
                )
                held = await self._entries(said, session)
                if after is None or digest(after, held) != said.digest:
                    raise _Disagrees("what was written is not what the journal says")
        except DuplicateKeyError as error:
            raise _Moved from error
        except OperationFailure as error:
            if not error.has_error_label(_UNDONE):
                raise
            raise _Moved from error

    async def _write(
        self, before: Document | None, said: Said, session: AsyncClientSession
    ) -> None:
        device = said.device
        mark = (before or {}).get("state")
        # The newest state, with its description: what an older one says may be as wrong as the document is.
        at = device.updated_at
        if mark is not None and at is not None:
            at = max(at, mark["at"])
        state, marked = state_after(None, replace(device, updated_at=at))
        past = merged(past_from(before), past_of(device, said.entries))
        if before is not None:
            device = replace(device, work=work_from(before))
        # Counts fall by what the document said before. One that lacks a facet was counted nowhere.
        has_all = before is not None and all(name in before for name in FACETS)
        values = facet_values(before) if before is not None and has_all else None
        after = device_document(device, values) | past_document(past) | marked
        await self._devices.replace_one(
            unchanged(device, before), after, upsert=True, session=session
        )
        if state is not None:
            await self._states.replace_one(
                {"_id": state["_id"]}, state, upsert=True, session=session
            )
        held = {_key(one): one for one in await self._entries(said, session)}
        wanted = {_key(one): one for one in said.entry_documents()}
        writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
        for key, entry in wanted.items():
            there = held.get(key)
            if there is None:
                writes.append(InsertOne(entry))
            elif {**there, "serial_number": ""} != {**entry, "serial_number": ""}:
                writes.append(ReplaceOne({"_id": entry["_id"]}, entry))
        if writes:
            await self._timeline.bulk_write(writes, session=session)
        if left := [held[key]["_id"] for key in held.keys() - wanted.keys()]:
            await self._timeline.delete_many({"_id": {"$in": left}}, session=session)


def _key(entry: Document) -> tuple[int, int]:
    return entry["_id"]["revision"], entry["_id"]["index"]
