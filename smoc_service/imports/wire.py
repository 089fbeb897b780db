"""Imports between the contract's messages and our own words. Nothing else knows both."""

from collections.abc import Sequence
from typing import Final

from meterpark.smoc.v1 import import_service_pb2 as contract

from contract_limits import IMPORT_CHUNK_BYTES
from service_chassis.refusals import argument_invalid
from service_chassis.times import write_time
from service_chassis.words import read_words, write_word
from smoc_service.imports.core.shipment_import import (
    Row,
    ShipmentImport,
    Verdict,
    Wish,
)

_FILE_NAME_AT_MOST: Final = 200
_WISHES: Final = {
    Wish.PAUSE: "pauses after the rows in hand",
    Wish.CANCEL: "ends after the rows in hand",
}


def read_file_name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= _FILE_NAME_AT_MOST or not name.isprintable():
        raise argument_invalid("file_name", f"not 1 to {_FILE_NAME_AT_MOST} printable characters")
    return name


def read_chunk(request: contract.AppendImportChunkRequest) -> tuple[int, bytes]:
    if request.offset < 0:
        raise argument_invalid("offset", f"{request.offset} is less than 0")
    if not 1 <= len(request.content) <= IMPORT_CHUNK_BYTES:
        raise argument_invalid(
            "content", f"{len(request.content)} bytes are not 1 to {IMPORT_CHUNK_BYTES}"
        )
    return request.offset, request.content


def read_verdicts(
    numbers: Sequence[contract.ImportVerdict.ValueType],
) -> frozenset[Verdict]:
    return frozenset(read_words(contract.ImportVerdict, numbers, Verdict, "verdicts"))


def write_import(import_: ShipmentImport) -> contract.ShipmentImport:
    counts = import_.counts
    said = [_WISHES.get(import_.wish, ""), import_.detail]
    return contract.ShipmentImport(
        import_id=import_.import_id,
        state=write_word(contract.ImportState, import_.state),
        file_name=import_.file_name,
        username=import_.who.username,
        create_time=write_time(import_.created_at),
        update_time=write_time(import_.updated_at),
        end_time=write_time(import_.ended_at),
        received_bytes=import_.received_bytes,
        row_count=counts.total,
        ready_count=counts.ready,
        imported_count=counts.imported,
        unchanged_count=counts.unchanged,
        refused_count=counts.refused,
        skipped_count=counts.skipped,
        detail="; ".join(text for text in said if text),
    )


def write_row(row: Row) -> contract.ImportRow:
    return contract.ImportRow(
        line=row.line,
        device_id=row.device_id,
        verdict=write_word(contract.ImportVerdict, row.verdict),
        detail=row.detail,
    )
