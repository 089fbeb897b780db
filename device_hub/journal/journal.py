"""The journal: every commit of every device, append-only, one document per commit. The only truth about a device.

Two unique indexes carry the guarantees (docs/decisions/0001):

* (device_id, revision): two writers cannot both continue the same history;
* (device_id, report_id): a report that comes twice is committed once.

Written with majority and journaled, read with majority: what a reader sees, and what an acknowledgement rests on,
cannot be rolled back. Each commit carries a seal over its content and the commit before (``journal_evidence.seal``,
docs/decisions/0049). The change stream of this collection is the outbox; there is no second write.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from device_hub.device.evolution import fold
from device_hub.device.state import INITIAL, Device
from device_hub.journal.event_codec import events_from_documents, events_to_documents
from device_hub.journal.group_commit import (
    INSERT_BYTES,
    DocumentRefused,
    GroupCommit,
    Inserted,
    Inserts,
    KeyTaken,
    travelling,
)
from device_hub.journal.state_codec import device_from_document, device_to_document
from device_hub.turns.history import (
    AlreadyCommitted,
    Commit,
    CommitRefused,
    HistoryMoved,
    Memory,
    Origin,
    Stored,
)
from journal_evidence.seal import digest_in, sealed
from service_traces.traces import OFF, Traces

Document = dict[str, Any]

# Written down between two breaths of the event loop: a few milliseconds.
_PAUSE_BYTES = 64 * 1024
_DEVICES_AT_ONCE = 1_000

BY_REVISION = "one_commit_per_revision"
BY_REPORT = "one_commit_per_report"


def open_collection(database: AsyncDatabase[Document], name: str) -> AsyncCollection[Document]:
    """Return a collection whose writes are acknowledged by a majority, on disk, and whose reads see no less."""
    return database.get_collection(
        name,
        write_concern=WriteConcern(w="majority", j=True),
        read_concern=ReadConcern("majority"),
    )


@dataclass(slots=True, kw_only=True)
class CommitsNoted:
    """What became of the commits that were to be stored since the start; ``inserted`` is told of each insert."""

    inserted: Inserts = lambda _, __, ___: None
    stored: int = 0
    # Another writer was faster: decided again.
    moved: int = 0
    # Reports that were found to be committed before.
    repeated: int = 0


class Journal:
    """Implements ``device_hub.turns.history.History`` on MongoDB; PyMongoError means: not known, ask again."""

    def __init__(
        self,
        commits: AsyncCollection[Document],
        *,
        now: Callable[[], datetime],
        noted: CommitsNoted | None = None,
        traces: Traces = OFF,
    ) -> None:
        self._commits = commits
        self._noted = noted or CommitsNoted()
        self._group = GroupCommit(commits, inserted=self._noted.inserted, traces=traces)
        self._now = now

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._commits.create_index(
            [("device_id", ASCENDING), ("revision", ASCENDING)], unique=True, name=BY_REVISION
        )
        await self._commits.create_index(
            [("device_id", ASCENDING), ("report_id", ASCENDING)], unique=True, name=BY_REPORT
        )

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        last = await self._commits.find_one(
            {"device_id": device_id, "revision": {"$gt": after_revision}},
            sort=[("revision", DESCENDING)],
        )
        if last is None:
            return None
        return await self._memory_after(last)

    async def newest_of(self, device_ids: Sequence[str]) -> dict[str, Memory]:
        """Return each device that there is at its newest revision; one read per device, however long its history."""
        found: dict[str, Memory] = {}
        cursor = await self._commits.aggregate(
            [
                {"$match": {"device_id": {"$in": list(device_ids)}}},
                # Against the index in both fields: so the database jumps from device to device (DISTINCT_SCAN).
                {"$sort": {"device_id": DESCENDING, "revision": DESCENDING}},
                {"$group": {"_id": "$device_id", "newest": {"$first": "$$ROOT"}}},
            ],
            hint=BY_REVISION,
            batchSize=len(device_ids) + 1,
        )
        async for each in cursor:
            found[each["_id"]] = await self._memory_after(each["newest"])
        return found

    async def devices(self) -> AsyncIterator[str]:
        """Yield each device once; one step in the index for each, however long its history."""
        cursor = await self._commits.aggregate(
            [
                {"$sort": {"device_id": ASCENDING, "revision": ASCENDING}},
                {"$group": {"_id": "$device_id", "first": {"$first": "$revision"}}},
            ],
            hint=BY_REVISION,
            batchSize=_DEVICES_AT_ONCE,
        )
        async with cursor:
            async for one in cursor:
                yield one["_id"]

    async def find_all(self, reports: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the revision of each (device id, report id) that was committed; one step in the index for each."""
        by_device: dict[str, list[str]] = {}
        for device_id, report_id in reports:
            by_device.setdefault(device_id, []).append(report_id)
        if not by_device:
            return {}
        pairs = [
            {"device_id": device_id, "report_id": {"$in": report_ids}}
            for device_id, report_ids in by_device.items()
        ]
        wanted = {"_id": False, "device_id": True, "report_id": True, "revision": True}
        found = self._commits.find({"$or": pairs}, wanted, hint=BY_REPORT)
        return {(one["device_id"], one["report_id"]): int(one["revision"]) async for one in found}

    async def find(self, device_id: str, report_ids: Collection[str]) -> dict[str, int]:
        """Return the revision of each of the device's reports that was committed."""
        found = await self.find_all({(device_id, report_id) for report_id in report_ids})
        self._noted.repeated += len(found)
        return {report_id: revision for (_, report_id), revision in found.items()}

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        """Store commits of one device, of consecutive revisions, in order; return how far that came."""
        stored = 0
        seal = chain[0].before if chain else b""
        while stored < len(chain):
            documents, seals, refused = await self._written(chain[stored:], seal)
            contexts = _contexts(chain[stored : stored + len(documents)])
            inserted = (
                await self._group.insert_chain(documents, contexts) if documents else Inserted(0)
            )
            stored += inserted.count
            self._noted.stored += inserted.count
            if inserted.count:
                seal = seals[inserted.count - 1]
            stop = inserted.stop or refused
            if stop is not None:
                return Stored(stored, await self._meaning(stop, chain[stored]), seal)
        return Stored(stored, seal=seal)

    async def _written(
        self, chain: Sequence[Commit], seal: bytes
    ) -> tuple[list[RawBSONDocument], list[bytes], DocumentRefused | None]:
        """Return the first commits of the chain as documents with their seals, as many as fit an insert.

        Also why it ends earlier. ``seal``: of the commit before.
        """
        documents: list[RawBSONDocument] = []
        seals: list[bytes] = []
        size = written_since_pause = 0
        for commit in chain:
            try:
                raw, seal = sealed(self._content(commit), device_to_document(commit.after), seal)
                document = travelling(raw)
            except (BSONError, OverflowError) as error:
                return documents, seals, DocumentRefused(str(error))
            except DocumentRefused as refused:
                return documents, seals, refused
            size += len(document.raw)
            if documents and size > INSERT_BYTES:
                break
            documents.append(document)
            seals.append(seal)
            written_since_pause += len(document.raw)
            if written_since_pause > _PAUSE_BYTES:
                written_since_pause = 0
                await asyncio.sleep(0)
        return documents, seals, None

    async def _meaning(self, stop: Exception, commit: Commit) -> Exception:
        """Say in the turn's words why ``commit`` is not stored."""
        match stop:
            case KeyTaken():
                # Read by majority: a commit that is not yet safe is not found, and the turn asks again.
                try:
                    found = await self.find(commit.device_id, [commit.report_id])
                except PyMongoError as error:
                    return error
                if (revision := found.get(commit.report_id)) is not None:
                    return AlreadyCommitted(revision)
                self._noted.moved += 1
                return HistoryMoved(f"{commit.device_id}: revision {commit.revision} is taken")
            case DocumentRefused():
                return CommitRefused(str(stop))
            case _:
                return stop

    async def commits(self, device_id: str, *, after: int, limit: int) -> list[Document]:
        """Return up to ``limit`` commits of a device behind revision ``after``, in order, as stored."""
        return (
            await self._commits.find({"device_id": device_id, "revision": {"$gt": after}})
            .sort("revision", ASCENDING)
            .limit(limit)
            .to_list()
        )

    async def newest_commit(self, device_id: str) -> Document | None:
        """Return a device's last commit as stored, or None when nothing was ever reported about it."""
        return await self._commits.find_one(
            {"device_id": device_id}, sort=[("revision", DESCENDING)]
        )

    async def device_after(self, commit: Document) -> Device:
        """Return the device after a stored commit: the state stored with it, else replayed from the events."""
        device = device_from_document(commit["after"])
        if device is not None:
            return device
        device = INITIAL
        cursor = self._commits.find(
            {"device_id": commit["device_id"], "revision": {"$lte": commit["revision"]}},
            {"events": True},
        ).sort("revision", ASCENDING)
        async for one in cursor:
            device = fold(device, events_from_documents(one["events"]))
        return device

    async def _memory_after(self, commit: Document) -> Memory:
        return Memory(
            device=await self.device_after(commit),
            revision=commit["revision"],
            seal=digest_in(commit),
        )

    def _content(self, commit: Commit) -> Document:
        return {
            "_id": ObjectId(),
            "device_id": commit.device_id,
            "revision": commit.revision,
            "report_id": commit.report_id,
            "committed_at": self._now(),
            "origin": None if commit.origin is None else _origin_document(commit.origin),
            "events": events_to_documents(commit.events),
        }


def _contexts(chain: Sequence[Commit]) -> list[str]:
    """Return the contexts of the traces that commits belong to; most belong to none that is recorded."""
    return [
        one.origin.traceparent for one in chain if one.origin is not None and one.origin.traceparent
    ]


def _origin_document(origin: Origin) -> Document:
    document: Document = {
        "source": origin.source,
        "message_id": origin.message_id,
        "correlation_id": origin.correlation_id,
        "verb": origin.verb,
        "noun": origin.noun,
        "message_at": origin.message_at,
        "index": origin.index,
    }
    if origin.traceparent:
        document["traceparent"] = origin.traceparent
    return document
