"""How imports, the pieces of their files and their rows lie in MongoDB, and the indexes that questions follow.

Rows lie in parts, under the id of a list and not of the import: a process that was thought dead, and still checks a
file, writes a list that no import names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Binary
from pymongo import ASCENDING, DESCENDING, IndexModel

from smoc_service.imports.core.shipment_import import (
    ENDED,
    UNFINISHED_AT_MOST,
    Chunk,
    Counts,
    Row,
    ShipmentImport,
    State,
    Verdict,
    Wish,
)
from smoc_service.mongodb import Document
from smoc_service.who import Who

IMPORTS: Final = "imports"
IMPORT_CHUNKS: Final = "import_chunks"
IMPORT_PARTS: Final = "import_parts"
# From its end on, an import is kept this long at the least, and its rows with it; its file is dropped when it is read.
KEPT: Final = timedelta(days=400)

_FORGOTTEN = IndexModel([("forget_at", ASCENDING)], name="forgotten", expireAfterSeconds=0)
IMPORT_INDEXES: Final = [
    IndexModel([("creator", ASCENDING), ("request_id", ASCENDING)], name="by_request", unique=True),
    IndexModel(
        [("creator", ASCENDING)],
        name="unfinished",
        partialFilterExpression={"unfinished": True},
    ),
    _FORGOTTEN,
]
CHUNK_INDEXES: Final = [_FORGOTTEN]
PART_INDEXES: Final = [
    IndexModel(
        [("_id.list", ASCENDING), ("verdicts", ASCENDING), ("_id.part", ASCENDING)],
        name="by_verdict",
    ),
    _FORGOTTEN,
]
_PLAIN: Final = (
    "version",
    "file_name",
    "created_at",
    "updated_at",
    "ended_at",
    "detail",
    "list_id",
    "part_count",
    "run_at",
    "next_part",
    "sent_until",
    "worker",
    "lease_until",
)


def import_document(shipment: ShipmentImport, request_id: str) -> Document:
    document: Document = {
        "_id": shipment.import_id,
        "state": shipment.state.value,
        "creator": shipment.who.subject,
        "username": shipment.who.username,
        "networks": None if shipment.networks is None else sorted(shipment.networks),
        "chunks": [asdict(chunk) for chunk in shipment.chunks],
        "counts": asdict(shipment.counts),
        "wish": shipment.wish.value,
        **{name: getattr(shipment, name) for name in _PLAIN},
        "request_id": request_id,
        "forget_at": forget_at(shipment.created_at),
    }
    # What is not there is in no partial index.
    if shipment.state not in ENDED:
        document["unfinished"] = True
    return document


def import_from(document: Mapping[str, Any]) -> ShipmentImport:
    networks = document["networks"]
    return ShipmentImport(
        import_id=document["_id"],
        state=State(document["state"]),
        who=Who(subject=document["creator"], username=document["username"]),
        networks=None if networks is None else frozenset(networks),
        chunks=tuple(Chunk(**chunk) for chunk in document["chunks"]),
        counts=Counts(**document["counts"]),
        wish=Wish(document["wish"]),
        **{name: document[name] for name in _PLAIN},
    )


def next_version(document: Mapping[str, Any], after: ShipmentImport) -> tuple[Document, Document]:
    """Return the condition and the replacement that put ``after`` in the place of the import in ``document``."""
    guard = {"_id": document["_id"], "version": document["version"]}
    return guard, import_document(after, document["request_id"])


def forget_at(created_at: datetime) -> datetime:
    return created_at + UNFINISHED_AT_MOST + KEPT


def chunk_key(import_id: str, chunk: Chunk) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"import": import_id, "offset": chunk.offset, "digest": chunk.digest}


def chunk_document(shipment: ShipmentImport, chunk: Chunk, content: bytes) -> Document:
    return {
        "_id": chunk_key(shipment.import_id, chunk),
        "content": Binary(content),
        # For what is left of an import that was given up; else it is deleted as soon as it is read.
        "forget_at": shipment.created_at + UNFINISHED_AT_MOST,
    }


def chunks_query(import_id: str) -> Document:
    """Return the query for all pieces of one file, along the ``_id``."""
    return {"_id": {"$gte": {"import": import_id}, "$lt": {"import": import_id + "0"}}}


def part_document(
    list_id: str, part: int, rows: Sequence[Row], forgotten_at: datetime, *, settled: bool
) -> Document:
    return {
        "_id": part_key(list_id, part),
        "rows": [_row_document(row) for row in rows],
        "verdicts": sorted({row.verdict.value for row in rows}),
        "settled": settled,
        "forget_at": forgotten_at,
    }


def rows_from(document: Mapping[str, Any]) -> list[Row]:
    return [
        Row(
            line=row["line"],
            device_id=row["device_id"],
            verdict=Verdict(row["verdict"]),
            detail=row.get("detail", ""),
            attributes=row.get("attributes", {}),
        )
        for row in document["rows"]
    ]


def part_key(list_id: str, part: int) -> Document:
    return {"list": list_id, "part": part}


def list_query(list_id: str) -> Document:
    """Return the query for all parts of a list, along the ``_id``."""
    return {"_id": {"$gte": {"list": list_id}, "$lt": {"list": list_id + "0"}}}


def _row_document(row: Row) -> Document:
    document: Document = {
        "line": row.line,
        "device_id": row.device_id,
        "verdict": row.verdict.value,
    }
    if row.detail:
        document["detail"] = row.detail
    if row.attributes:
        document["attributes"] = dict(row.attributes)
    return document


NEWEST_FIRST: Final = [("_id", DESCENDING)]
