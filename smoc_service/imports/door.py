"""ImportService: lists imports of shipment files and changes them. The token names the user."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from collections.abc import Callable
from datetime import datetime
from typing import Any

import grpc.aio
from meterpark.smoc.v1 import import_service_pb2 as contract
from meterpark.smoc.v1 import import_service_pb2_grpc

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from smoc_service.door.caller import who_calls
from smoc_service.door.reading import read_request_id
from smoc_service.imports.store import ImportStore
from smoc_service.imports.wire import (
    read_chunk,
    read_file_name,
    read_verdicts,
    write_import,
    write_row,
)
from smoc_service.mongodb import as_stored
from smoc_service.work.ids import read_id

Context = grpc.aio.ServicerContext[Any, Any]


class ImportDoor(import_service_pb2_grpc.ImportServiceServicer):
    def __init__(self, store: ImportStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def CreateImport(
        self, request: contract.CreateImportRequest, context: Context
    ) -> contract.CreateImportResponse:
        caller = current_caller()
        import_ = await self._store.create(
            read_request_id(request.request_id),
            read_file_name(request.file_name),
            who_calls(),
            caller.scope,
            self._time(),
        )
        return contract.CreateImportResponse(shipment_import=write_import(import_))

    async def AppendImportChunk(
        self, request: contract.AppendImportChunkRequest, context: Context
    ) -> contract.AppendImportChunkResponse:
        import_id = read_id(request.import_id, "import_id")
        offset, content = read_chunk(request)
        import_ = await self._store.append(
            import_id, offset, content, current_caller().scope, self._time()
        )
        return contract.AppendImportChunkResponse(shipment_import=write_import(import_))

    async def CheckImport(
        self, request: contract.CheckImportRequest, context: Context
    ) -> contract.CheckImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.check(import_id, current_caller().scope, self._time())
        return contract.CheckImportResponse(shipment_import=write_import(import_))

    async def RunImport(
        self, request: contract.RunImportRequest, context: Context
    ) -> contract.RunImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.run(import_id, current_caller().scope, self._time())
        return contract.RunImportResponse(shipment_import=write_import(import_))

    async def PauseImport(
        self, request: contract.PauseImportRequest, context: Context
    ) -> contract.PauseImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.pause(import_id, current_caller().scope, self._time())
        return contract.PauseImportResponse(shipment_import=write_import(import_))

    async def ResumeImport(
        self, request: contract.ResumeImportRequest, context: Context
    ) -> contract.ResumeImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.resume(import_id, current_caller().scope, self._time())
        return contract.ResumeImportResponse(shipment_import=write_import(import_))

    async def CancelImport(
        self, request: contract.CancelImportRequest, context: Context
    ) -> contract.CancelImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.cancel(import_id, current_caller().scope, self._time())
        return contract.CancelImportResponse(shipment_import=write_import(import_))

    async def GetImport(
        self, request: contract.GetImportRequest, context: Context
    ) -> contract.GetImportResponse:
        import_id = read_id(request.import_id, "import_id")
        import_ = await self._store.one(import_id, current_caller().scope)
        return contract.GetImportResponse(shipment_import=write_import(import_))

    async def ListImports(
        self, request: contract.ListImportsRequest, context: Context
    ) -> contract.ListImportsResponse:
        size = read_page_size(request.page_size)
        page = await self._store.page(current_caller().scope, size, request.page_token)
        return contract.ListImportsResponse(
            imports=map(write_import, page.items), next_page_token=page.next_token
        )

    async def ListImportRows(
        self, request: contract.ListImportRowsRequest, context: Context
    ) -> contract.ListImportRowsResponse:
        page = await self._store.rows(
            read_id(request.import_id, "import_id"),
            read_verdicts(request.verdicts),
            current_caller().scope,
            read_page_size(request.page_size),
            request.page_token,
        )
        return contract.ListImportRowsResponse(
            rows=map(write_row, page.items), next_page_token=page.next_token
        )

    def _time(self) -> datetime:
        return as_stored(self._now())
