"""``meterpark import list|show|rows|pause|resume|cancel``: shows imports and changes their state."""

from collections.abc import Sequence
from functools import partial

from meterpark.smoc.v1 import import_service_pb2 as contract

from meterpark_cli.failures import ExitCode
from meterpark_cli.imports.tables import import_page, import_table, row_table
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, now_here, show


async def list_imports(asking: Asking, *, limit: int | None) -> ExitCode:
    """List up to ``limit`` imports, newest first; None: all of them."""
    async with open_park(asking) as park:
        found = pages(partial(_page, park), limit=limit)
        draw = partial(import_table, now_here())
        await answer_list(found, draw, name="imports", as_json=asking.as_json)
    return ExitCode.FINE


async def show_import(asking: Asking, import_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.GetImportRequest(import_id=import_id)
        found = await park.imports.ask(park.imports.calls.GetImport, request)
    return answer_import(asking, found.shipment_import)


async def list_rows(
    asking: Asking,
    import_id: str,
    verdicts: Sequence[contract.ImportVerdict.ValueType],
    *,
    limit: int | None,
) -> ExitCode:
    async with open_park(asking) as park:
        found = pages(partial(row_page, park, import_id, verdicts), limit=limit)
        await answer_list(found, row_table, name="rows", as_json=asking.as_json)
    return ExitCode.FINE


async def pause_import(asking: Asking, import_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.PauseImportRequest(import_id=import_id)
        done = await park.imports.ask(park.imports.calls.PauseImport, request)
    return answer_import(asking, done.shipment_import)


async def resume_import(asking: Asking, import_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.ResumeImportRequest(import_id=import_id)
        done = await park.imports.ask(park.imports.calls.ResumeImport, request)
    return answer_import(asking, done.shipment_import)


async def cancel_import(asking: Asking, import_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.CancelImportRequest(import_id=import_id)
        done = await park.imports.ask(park.imports.calls.CancelImport, request)
    return answer_import(asking, done.shipment_import)


def answer_import(asking: Asking, shipment: contract.ShipmentImport) -> ExitCode:
    if asking.as_json:
        print_document(document_of(shipment))
    else:
        show(console(), import_page(shipment, now_here()))
    return ExitCode.FINE


async def row_page(
    park: Park,
    import_id: str,
    verdicts: Sequence[contract.ImportVerdict.ValueType],
    size: int,
    token: str,
) -> tuple[Sequence[contract.ImportRow], str]:
    request = contract.ListImportRowsRequest(
        import_id=import_id, verdicts=verdicts, page_size=size, page_token=token
    )
    answer = await park.imports.ask(park.imports.calls.ListImportRows, request)
    return answer.rows, answer.next_page_token


async def _page(park: Park, size: int, token: str) -> tuple[Sequence[contract.ShipmentImport], str]:
    request = contract.ListImportsRequest(page_size=size, page_token=token)
    answer = await park.imports.ask(park.imports.calls.ListImports, request)
    return answer.imports, answer.next_page_token
