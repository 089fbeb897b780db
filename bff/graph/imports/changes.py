"""Bringing a shipment file in, and steering its import."""

import base64
import binascii
from typing import Annotated, Any

import strawberry
from meterpark.smoc.v1 import import_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.asking.context import Info
from bff.graph.fields import RequestId
from bff.graph.imports.shipment_import import ShipmentImport, import_of
from bff.graph.refusals import (
    ArgumentInvalid,
    ChunkOffsetWrong,
    NotAllowed,
    RequestIdReused,
    ShipmentImportStateRefused,
    ShipmentImportUnknown,
    TooMany,
)
from contract_limits import IMPORT_CHUNK_BYTES


@strawberry.type
class ShipmentImportChanged:
    shipment_import: ShipmentImport


CreateShipmentImportResult = Annotated[
    ShipmentImportChanged | RequestIdReused | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("CreateShipmentImportResult"),
]
AppendShipmentImportChunkResult = Annotated[
    ShipmentImportChanged
    | ShipmentImportUnknown
    | ShipmentImportStateRefused
    | ChunkOffsetWrong
    | TooMany
    | NotAllowed
    | ArgumentInvalid,
    strawberry.union("AppendShipmentImportChunkResult"),
]
ShipmentImportChangeResult = Annotated[
    ShipmentImportChanged
    | ShipmentImportUnknown
    | ShipmentImportStateRefused
    | TooMany
    | NotAllowed
    | ArgumentInvalid,
    strawberry.union("ShipmentImportChangeResult"),
]
Offset = Annotated[int, strawberry.argument(description="In bytes, where the part begins.")]
Content = Annotated[
    str,
    strawberry.argument(
        description="The part's bytes as base64 (RFC 4648), at most 1 MiB of them."
    ),
]


async def _changed(info: Info, method: Any, request: Any) -> ShipmentImportChanged:
    answer = await info.context.asking.ask(method, request)
    return ShipmentImportChanged(shipment_import=import_of(answer.shipment_import))


async def create_shipment_import(
    info: Info, file_name: str, request_id: RequestId
) -> CreateShipmentImportResult:
    """Begins an import, without content."""
    return await _changed(
        info,
        info.context.asking.register.imports.CreateImport,
        wire.CreateImportRequest(request_id=request_id, file_name=file_name),
    )


async def append_shipment_import_chunk(
    info: Info, import_id: strawberry.ID, offset: Offset, content: Content
) -> AppendShipmentImportChunkResult:
    """Adds to the file. The same part at the same place again changes nothing."""
    try:
        part = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise argument_invalid("content", "not base64") from None
    if len(part) > IMPORT_CHUNK_BYTES:
        raise argument_invalid("content", f"at most {IMPORT_CHUNK_BYTES:,} bytes at once")
    return await _changed(
        info,
        info.context.asking.register.imports.AppendImportChunk,
        wire.AppendImportChunkRequest(import_id=import_id, offset=offset, content=part),
    )


async def check_shipment_import(info: Info, import_id: strawberry.ID) -> ShipmentImportChangeResult:
    """The file is complete: gives every row a verdict, and imports nothing."""
    imports = info.context.asking.register.imports
    return await _changed(info, imports.CheckImport, wire.CheckImportRequest(import_id=import_id))


async def run_shipment_import(info: Info, import_id: strawberry.ID) -> ShipmentImportChangeResult:
    """Imports the rows that the check found good."""
    imports = info.context.asking.register.imports
    return await _changed(info, imports.RunImport, wire.RunImportRequest(import_id=import_id))


async def pause_shipment_import(info: Info, import_id: strawberry.ID) -> ShipmentImportChangeResult:
    """Stops an import after the rows that are in work."""
    imports = info.context.asking.register.imports
    return await _changed(info, imports.PauseImport, wire.PauseImportRequest(import_id=import_id))


async def resume_shipment_import(
    info: Info, import_id: strawberry.ID
) -> ShipmentImportChangeResult:
    """Lets a paused import go on."""
    imports = info.context.asking.register.imports
    return await _changed(info, imports.ResumeImport, wire.ResumeImportRequest(import_id=import_id))


async def cancel_shipment_import(
    info: Info, import_id: strawberry.ID
) -> ShipmentImportChangeResult:
    """Ends an import; imported rows stay."""
    imports = info.context.asking.register.imports
    return await _changed(info, imports.CancelImport, wire.CancelImportRequest(import_id=import_id))
