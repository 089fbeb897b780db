"""How imports, the pieces of their files and their rows lie in MongoDB, and the indexes that questions follow.

Rows lie in parts, under the id of a list and not of the import: a process that was thought dead, and still checks a
file, writes a list that no import names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from bson import Binary
from pymongo import ASCENDING, IndexModel

from smoc_service.errors import ImportUnknown
from smoc_service.imports.core.shipment_import import (
    Chunk,
    Counts,
    Row,
    ShipmentImport,
    State,
    Verdict,
    Wish,
)
from smoc_service.mongodb import Document
from smoc_service.work.collection import Kind
from smoc_service.work.documents import FORGOTTEN, WORK_INDEXES, work_document, work_from
from smoc_service.work.lasting import UNFINISHED_AT_MOST

IMPORTS: Final = "imports"
IMPORT_CHUNKS: Final = "import_chunks"
IMPORT_PARTS: Final = "import_parts"
UNFINISHED_OF_ONE: Final = 10
UNFINISHED_IN_ALL: Final = 50
IMPORT_INDEXES: Final = WORK_INDEXES
CHUNK_INDEXES: Final = [FORGOTTEN]
PART_INDEXES: Final = [
    IndexModel(
        [("_id.list", ASCENDING), ("verdicts", ASCENDING), ("_id.part", ASCENDING)],
        name="by_verdict",
    ),
    FORGOTTEN,
]
_PLAIN: Final = ("file_name", "detail", "part_count", "run_at", "next_part", "sent_until")


def import_document(import_: ShipmentImport) -> Document:
    return {
        "_id": import_.import_id,
        **work_document(import_),
        "chunks": [asdict(chunk) for chunk in import_.chunks],
        "counts": asdict(import_.counts),
        "wish": import_.wish.value,
        **{name: getattr(import_, name) for name in _PLAIN},
    }


def import_from(document: Mapping[str, Any]) -> ShipmentImport:
    return ShipmentImport(
        import_id=document["_id"],
        state=State(document["state"]),
        chunks=tuple(Chunk(**chunk) for chunk in document["chunks"]),
        counts=Counts(**document["counts"]),
        wish=Wish(document["wish"]),
        **work_from(document),
        **{name: document[name] for name in _PLAIN},
    )


KIND: Final = Kind(
    plural="imports",
    document=import_document,
    work=import_from,
    unknown=ImportUnknown,
    unfinished_of_one=UNFINISHED_OF_ONE,
    unfinished_in_all=UNFINISHED_IN_ALL,
    advice="run, or cancel one first",
)


def chunk_key(import_id: str, chunk: Chunk) -> Document:
    # Embedded documents compare field by field in the order written: this order is part of what is stored.
    return {"import": import_id, "offset": chunk.offset, "digest": chunk.digest}


def chunk_document(import_: ShipmentImport, chunk: Chunk, content: bytes) -> Document:
    return {
        "_id": chunk_key(import_.import_id, chunk),
        "content": Binary(content),
        # For the remains of an abandoned import; otherwise a piece is deleted as soon as it was read.
        "forget_at": import_.created_at + UNFINISHED_AT_MOST,
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
