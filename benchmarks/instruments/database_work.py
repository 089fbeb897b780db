"""What the database does for a report: requests, documents, index entries and bytes, told by its own counters.

The counters are MongoDB's: `collStats` with the cursors of a collection and of its indexes, and `serverStatus` for the
requests. They count from the start of the server, so what is told is the difference of two readings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from pymongo import AsyncMongoClient

Document = dict[str, Any]

# What a service asks for while it serves. The run itself counts (`count`, `aggregate`), and is left out so.
REQUESTS: Final = ("insert", "update", "delete", "findAndModify", "find", "getMore")
_OF_THE_SERVER: Final = ("admin", "config", "local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """What was written to a collection: documents, entries of its indexes, and bytes of both."""

    documents: float
    index_entries: float
    bytes: float

    def __sub__(self, before: "Writes") -> "Writes":
        return Writes(
            documents=self.documents - before.documents,
            index_entries=self.index_entries - before.index_entries,
            bytes=self.bytes - before.bytes,
        )

    def __truediv__(self, count: int) -> "Writes":
        return Writes(
            documents=self.documents / count,
            index_entries=self.index_entries / count,
            bytes=self.bytes / count,
        )


_NOTHING: Final = Writes(documents=0, index_entries=0, bytes=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseWork:
    """Writes by "<database>.<collection>", requests by their name, and change streams that are open now."""

    writes: Mapping[str, Writes]
    requests: Mapping[str, float]
    change_streams: Mapping[str, int]

    @classmethod
    async def now(cls, client: AsyncMongoClient[Document]) -> Self:
        """Read the counters of every collection that is not the server's own."""
        writes = {}
        for name in await client.list_database_names():
            if name in _OF_THE_SERVER:
                continue
            database = client[name]
            for each in await database.list_collection_names(filter={"type": "collection"}):
                told = await database.command("collStats", each, indexDetails=True)
                writes[f"{name}.{each}"] = _writes(told)
        status = await client.admin.command("serverStatus")
        commands = status["metrics"]["commands"]
        return cls(
            writes=writes,
            requests={one: float(commands[one]["total"]) for one in REQUESTS},
            change_streams=await _change_streams(client),
        )

    def since(self, before: "DatabaseWork") -> "DatabaseWork":
        """Return what was done in between; the streams are those of now."""
        return DatabaseWork(
            writes={
                name: after - before.writes.get(name, _NOTHING)
                for name, after in self.writes.items()
            },
            requests={one: self.requests[one] - before.requests[one] for one in REQUESTS},
            change_streams=self.change_streams,
        )

    def per_report(self, reports: int) -> "DatabaseWork":
        return DatabaseWork(
            writes={name: one / reports for name, one in self.writes.items()},
            requests={name: one / reports for name, one in self.requests.items()},
            change_streams=self.change_streams,
        )


def _writes(told: Document) -> Writes:
    data = told["wiredTiger"]["cursor"]
    indexes = [one["cursor"] for one in told["indexDetails"].values()]
    return Writes(
        # A document that is replaced counts as an insert, too; one that is changed in place as a modification.
        documents=data["insert calls"]
        + data["modify"]
        + data["update calls"]
        + data["remove calls"],
        index_entries=sum(one["insert calls"] + one["remove calls"] for one in indexes),
        bytes=sum(
            one["insert key and value bytes"]
            + one["modify value bytes modified"]
            + one["update key and value bytes"]
            + one["remove key bytes removed"]
            for one in (data, *indexes)
        ),
    )


async def _change_streams(client: AsyncMongoClient[Document]) -> dict[str, int]:
    """Return how many change streams are open on what."""
    found: dict[str, int] = {}
    asked = [{"$currentOp": {"allUsers": True, "idleCursors": True}}]
    async for one in await client.admin.aggregate(asked):
        pipeline = one.get("cursor", {}).get("originatingCommand", {}).get("pipeline") or [{}]
        if "$changeStream" in pipeline[0]:
            found[one["ns"]] = found.get(one["ns"], 0) + 1
    return found
