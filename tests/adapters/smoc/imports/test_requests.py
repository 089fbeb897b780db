"""What may be asked about imports: uploads in pieces, who sees what, and what is refused."""

import asyncio
import uuid
from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import import_service_pb2 as contract

from service_chassis.pages import seal
from service_chassis.refusals import reason_of
from smoc_service.imports.documents import IMPORT_PARTS, IMPORTS
from tests.neighbours.smoc.importing import S, counts, importing, meters, reason

V = contract.ImportVerdict


async def test_an_upload_goes_on_where_it_was_broken_off(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        content = meters(10).encode()
        import_id = await park.uploaded(content[:100])
        again = contract.AppendImportChunkRequest(
            import_id=import_id, offset=0, content=content[:100]
        )
        assert (await park.anna.AppendImportChunk(again)).shipment_import.received_bytes == 100
        for offset, part in ((0, content[:50]), (50, content[50:60]), (200, content[200:])):
            wrong = contract.AppendImportChunkRequest(
                import_id=import_id, offset=offset, content=part
            )
            with pytest.raises(grpc.aio.AioRpcError, match="holds 100 bytes, go on there") as error:
                await park.anna.AppendImportChunk(wrong)
            assert reason_of(error.value) == ErrorReason.ERROR_REASON_CHUNK_OFFSET_WRONG
        rest = contract.AppendImportChunkRequest(
            import_id=import_id, offset=100, content=content[100:]
        )
        answers = await asyncio.gather(*(park.anna.AppendImportChunk(rest) for _ in range(4)))
        assert {answer.shipment_import.received_bytes for answer in answers} == {len(content)}
        async with park.working():
            await park.anna.CheckImport(contract.CheckImportRequest(import_id=import_id))
            checked = await park.until(import_id, S.IMPORT_STATE_CHECKED)
        assert counts(checked) == (10, 0, 0, 0, 0)


async def test_creating_is_done_once_and_not_without_end(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        request = contract.CreateImportRequest(request_id=str(uuid.uuid4()), file_name="x.csv")
        first = (await park.anna.CreateImport(request)).shipment_import
        assert (await park.anna.CreateImport(request)).shipment_import == first
        request.file_name = "y.csv"
        assert await reason(park.anna.CreateImport(request)) == "REQUEST_ID_REUSED"
        for _ in range(9):
            await park.uploaded(b"x")
        request.request_id = str(uuid.uuid4())
        assert await reason(park.anna.CreateImport(request)) == "TOO_MANY"
        listed = contract.ListImportsRequest(page_size=4)
        pages: list[contract.ListImportsResponse] = []
        while not pages or listed.page_token:
            pages.append(await park.anna.ListImports(listed))
            listed.page_token = pages[-1].next_page_token
        ids = [one.import_id for page in pages for one in page.imports]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 10


async def test_an_import_is_seen_by_who_sees_all_its_networks(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        import_id = await park.uploaded(meters(1))
        get = contract.GetImportRequest(import_id=import_id)
        for networks in (["north"], ["north", "south"], ["*"]):
            seen = park.asked_by(*networks)
            assert (await seen.GetImport(get)).shipment_import.import_id == import_id
            listed = await seen.ListImports(contract.ListImportsRequest())
            assert [one.import_id for one in listed.imports] == [import_id]
        stranger = park.asked_by("south")
        assert await reason(stranger.GetImport(get)) == "IMPORT_UNKNOWN"
        rows = contract.ListImportRowsRequest(import_id=import_id)
        assert await reason(stranger.ListImportRows(rows)) == "IMPORT_UNKNOWN"
        append = contract.AppendImportChunkRequest(import_id=import_id, offset=0, content=b"x")
        assert await reason(stranger.AppendImportChunk(append)) == "IMPORT_UNKNOWN"
        assert not (await stranger.ListImports(contract.ListImportsRequest())).imports
        create = contract.CreateImportRequest(request_id=str(uuid.uuid4()), file_name="x.csv")
        assert await reason(park.asked_by().CreateImport(create)) == "NETWORK_DENIED"
        viewer = park.asked_by("north", role="asset-viewer")
        assert (await viewer.GetImport(get)).shipment_import.file_name == "meters.csv"
        assert await reason(viewer.CreateImport(create)) == "ROLE_MISSING"


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("CreateImport", contract.CreateImportRequest(file_name="x"), "request_id"),
        ("CreateImport", contract.CreateImportRequest(request_id=str(uuid.uuid4())), "file_name"),
        ("GetImport", contract.GetImportRequest(import_id="x"), "import_id"),
        (
            "AppendImportChunk",
            contract.AppendImportChunkRequest(import_id="0" * 20, offset=-1, content=b"x"),
            "offset",
        ),
        (
            "AppendImportChunk",
            contract.AppendImportChunkRequest(import_id="0" * 20),
            "content",
        ),
        (
            "AppendImportChunk",
            contract.AppendImportChunkRequest(import_id="0" * 20, content=b"x" * (2**20 + 1)),
            "content",
        ),
        (
            "ListImportRows",
            contract.ListImportRowsRequest(
                import_id="0" * 20, verdicts=[V.IMPORT_VERDICT_UNSPECIFIED]
            ),
            "verdicts",
        ),
        (
            "ListImportRows",
            contract.ListImportRowsRequest(import_id="0" * 20, page_size=501),
            "page_size",
        ),
    ],
)
async def test_a_request_that_is_wrong_is_refused_with_its_field(
    mongod_url: str, method: str, request_message: Any, field: str
) -> None:
    async with importing(mongod_url) as park:
        with pytest.raises(grpc.aio.AioRpcError, match=f"{field}:") as error:
            await getattr(park.anna, method)(request_message)
        assert reason_of(error.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID


@pytest.mark.parametrize(
    "place", ["x", ".", "1", "1.", "1.x", "-1.0", "0.0.0", "9" * 30 + ".0", "1_0.0", "0.1e3"]
)
async def test_a_forged_page_token_of_rows_is_refused(mongod_url: str, place: str) -> None:
    async with importing(mongod_url) as park, park.working():
        import_id = await park.checked(meters(3))
        token = seal(f"rows {import_id} []", place)
        asked = contract.ListImportRowsRequest(import_id=import_id, page_token=token)
        assert await reason(park.anna.ListImportRows(asked)) == "PAGE_TOKEN_INVALID"
        honest = contract.ListImportRowsRequest(import_id=import_id, page_size=2)
        honest.page_token = (await park.anna.ListImportRows(honest)).next_page_token
        assert [row.line for row in (await park.anna.ListImportRows(honest)).rows] == [4]


async def test_no_question_about_imports_reads_a_whole_collection(mongod_url: str) -> None:
    async with importing(mongod_url) as park, park.working():
        import_id = await park.checked(meters(600) + ",,,\nLGZ1,,north,\n")
        await park.smoc.profiling()
        await park.rows(import_id)
        await park.rows(import_id, V.IMPORT_VERDICT_REFUSED)
        await park.anna.ListImports(contract.ListImportsRequest())
        done = await park.smoc.profiled()
        seen = [each for each in done if each["ns"].split(".")[1] in {IMPORTS, IMPORT_PARTS}]
        assert seen
        assert not [each for each in seen if "COLLSCAN" in each.get("planSummary", "")]
        assert not [each for each in seen if each.get("hasSortStage")]
