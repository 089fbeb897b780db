"""Imports of shipment files, as the schema shows them, and asking for them."""

from datetime import datetime
from enum import Enum

import strawberry
from meterpark.smoc.v1 import import_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_connection
from bff.graph.fields import Named, described, enum_of, time_of
from bff.graph.viewer import may_change


@strawberry.enum
class ShipmentImportState(Enum):
    UPLOADING = wire.IMPORT_STATE_UPLOADING
    CHECKING = wire.IMPORT_STATE_CHECKING
    CHECKED = strawberry.enum_value(
        wire.IMPORT_STATE_CHECKED, description="Every row has a verdict; nothing is imported yet."
    )
    UNREADABLE = strawberry.enum_value(
        wire.IMPORT_STATE_UNREADABLE,
        description="The file as a whole could not be read; `detail` says where and why.",
    )
    RUNNING = wire.IMPORT_STATE_RUNNING
    PAUSED = wire.IMPORT_STATE_PAUSED
    DONE = wire.IMPORT_STATE_DONE
    CANCELLED = wire.IMPORT_STATE_CANCELLED


@strawberry.enum
class ShipmentImportVerdict(Enum):
    READY = strawberry.enum_value(
        wire.IMPORT_VERDICT_READY, description="Good by the check; not imported yet."
    )
    IMPORTED = wire.IMPORT_VERDICT_IMPORTED
    UNCHANGED = strawberry.enum_value(
        wire.IMPORT_VERDICT_UNCHANGED,
        description="The register already had the same facts about the device.",
    )
    REFUSED = strawberry.enum_value(
        wire.IMPORT_VERDICT_REFUSED, description="`detail` says what is wrong and in which column."
    )
    SKIPPED = strawberry.enum_value(
        wire.IMPORT_VERDICT_SKIPPED,
        description="The import was cancelled before it reached this row.",
    )


@strawberry.type(description="One row of a shipment file.")
class ShipmentImportRow:
    line: int = strawberry.field(
        description="Of the file, where the row begins; the line of names is 1."
    )
    # No way to the device from here: a refused row may name one that the viewer may not see.
    device_id: strawberry.ID | None
    verdict: ShipmentImportVerdict | None
    detail: str | None


@strawberry.type(
    description="What the viewer's roles and the import's state allow: a hint for pages."
)
class ShipmentImportViewerCan:
    append: bool
    check: bool
    run: bool
    pause: bool
    resume: bool
    cancel: bool


@strawberry.type(description="A file that says which meters were delivered.")
class ShipmentImport:
    import_id: strawberry.ID
    state: ShipmentImportState | None
    file_name: str
    username: str
    created_at: datetime | None
    updated_at: datetime | None
    ended_at: datetime | None
    received_bytes: int
    row_count: int = strawberry.field(
        description="The five counts below add up to it once the file is checked."
    )
    ready_count: int
    imported_count: int
    unchanged_count: int
    refused_count: int
    skipped_count: int
    detail: str | None = strawberry.field(description="For people.")

    @described
    async def rows(
        self,
        info: Info,
        verdicts: list[ShipmentImportVerdict] | None = None,
        first: int = USUAL_PAGE,
        after: str | None = None,
    ) -> Connection[ShipmentImportRow]:
        """In the order of the file."""
        asking = info.context.asking
        return await read_connection(
            asking,
            asking.register.imports.ListImportRows,
            wire.ListImportRowsRequest(
                import_id=self.import_id, verdicts=[verdict.value for verdict in verdicts or ()]
            ),
            "rows",
            _row_of,
            first=first,
            after=after,
        )

    @strawberry.field
    def viewer_can(self, info: Info) -> ShipmentImportViewerCan:
        state = self.state if may_change(info) else None
        ended = (
            ShipmentImportState.DONE,
            ShipmentImportState.CANCELLED,
            ShipmentImportState.UNREADABLE,
        )
        return ShipmentImportViewerCan(
            append=state is ShipmentImportState.UPLOADING,
            check=state is ShipmentImportState.UPLOADING,
            run=state is ShipmentImportState.CHECKED,
            pause=state is ShipmentImportState.RUNNING,
            resume=state is ShipmentImportState.PAUSED,
            cancel=state is not None and state not in ended,
        )


def import_of(told: wire.ShipmentImport) -> ShipmentImport:
    return ShipmentImport(
        import_id=strawberry.ID(told.import_id),
        state=enum_of(ShipmentImportState, told.state),
        file_name=told.file_name,
        username=told.username,
        created_at=time_of(told, "create_time"),
        updated_at=time_of(told, "update_time"),
        ended_at=time_of(told, "end_time"),
        received_bytes=told.received_bytes,
        row_count=told.row_count,
        ready_count=told.ready_count,
        imported_count=told.imported_count,
        unchanged_count=told.unchanged_count,
        refused_count=told.refused_count,
        skipped_count=told.skipped_count,
        detail=told.detail or None,
    )


def _row_of(told: wire.ImportRow) -> ShipmentImportRow:
    return ShipmentImportRow(
        line=told.line,
        device_id=strawberry.ID(told.device_id) if told.device_id else None,
        verdict=enum_of(ShipmentImportVerdict, told.verdict),
        detail=told.detail or None,
    )


async def shipment_import(info: Info, import_id: Named) -> ShipmentImport | None:
    """One import and its progress; null when there is none of this name."""
    asking = info.context.asking
    answer = await info.context.none_if_unknown(
        asking.ask(asking.register.imports.GetImport, wire.GetImportRequest(import_id=import_id))
    )
    return None if answer is None else import_of(answer.shipment_import)


async def shipment_imports(
    info: Info, first: int = USUAL_PAGE, after: str | None = None
) -> Connection[ShipmentImport]:
    """Imports, newest first."""
    asking = info.context.asking
    return await read_connection(
        asking,
        asking.register.imports.ListImports,
        wire.ListImportsRequest(),
        "imports",
        import_of,
        first=first,
        after=after,
    )
