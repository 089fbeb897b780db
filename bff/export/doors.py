"""The doors of exports: /page/exports.

A file is ordered by a request that the page alone can make (CSRF token), and fetched by a plain GET, so that the
browser itself writes it to disk, whatever its size. The number of an order is a secret of its session, and serves one
file.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from bff.door.connections import drop_connection
from bff.export.desk import Desk, Export, State, TooManyExports
from bff.export.reading import read_order
from bff.export.stream import ExportCut, csv_of
from bff.failures import Code, Failure
from bff.graph.asking.register import Register
from bff.session.page import Page, read_body
from bff.session.refusals import PageRefused, not_served

log = structlog.get_logger()

_PART_BYTES: Final = 64 * 1024
_STATUS: Final[Mapping[Code, HTTPStatus]] = {
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDoors:
    page: Page
    register: Register
    desk: Desk = field(default_factory=Desk)
    # So long may a browser take no part of a file.
    stalled_seconds: float = 60.0

    def add_to(self, app: FastAPI) -> None:
        router = APIRouter(prefix="/page/exports", include_in_schema=False)
        router.add_api_route("", self.order, methods=["POST"], response_model=None)
        router.add_api_route("/{export_id}", self.progress, methods=["GET"], response_model=None)
        router.add_api_route("/{export_id}/file", self.file, methods=["GET"], response_model=None)
        router.add_api_route(
            "/{export_id}/cancel", self.cancel, methods=["POST"], response_model=None
        )
        app.include_router(router)

    async def order(self, request: Request) -> Response:
        """Take an order; nothing is read yet."""
        session = self.page.own_session(request)
        try:
            export = self.desk.order(session, read_order(await read_body(request)))
        except Failure as failure:
            raise not_served(failure) from None
        except TooManyExports as many:
            raise PageRefused(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_EXPORTS", str(many)) from None
        return JSONResponse(_told(export), status_code=HTTPStatus.CREATED)

    async def progress(self, request: Request, export_id: str) -> Response:
        """Say how far it is."""
        return JSONResponse(_told(self._read(request, export_id)))

    async def cancel(self, request: Request, export_id: str) -> Response:
        """End it; the browser drops what it has."""
        export = self._found(self.desk.find(self.page.own_session(request), export_id))
        export.end(State.CANCELLED, "it was cancelled")
        return JSONResponse(_told(export))

    async def file(self, request: Request, export_id: str) -> Response:
        """Give the file, once."""
        export = self._read(request, export_id)
        if export.state is not State.WAITING:
            raise PageRefused(
                HTTPStatus.CONFLICT, "EXPORT_TAKEN", "this file was fetched already, order another"
            )
        export.state = State.RUNNING
        token = partial(self.page.access_token, export.session)
        pieces = csv_of(export, self.register, token)
        try:
            first = await anext(pieces)
        except (Failure, ExportCut, PageRefused) as refused:
            export.end(State.CUT, str(refused))
            if isinstance(refused, Failure):
                status = _STATUS.get(refused.code, HTTPStatus.BAD_REQUEST)
                raise PageRefused(status, refused.code.value, refused.message) from None
            raise
        except BaseException:
            # A defect of ours, or the end of this process: raised again, but the export is over.
            export.end(State.CUT, "it broke off")
            raise
        return _Download(export, first, pieces, self.stalled_seconds)

    def _read(self, request: Request, export_id: str) -> Export:
        return self._found(self.desk.find(self.page.reading_session(request), export_id))

    def _found(self, export: Export | None) -> Export:
        if export is None:
            raise PageRefused(
                HTTPStatus.NOT_FOUND, "EXPORT_UNKNOWN", "there is no such export in this session"
            )
        return export


def _told(export: Export) -> dict[str, object]:
    return {
        "exportId": export.export_id,
        "state": export.state.value,
        "rows": export.rows,
        "total": export.total,
        "detail": export.detail,
    }


class _Download(Response):
    """Sends a file of unknown length, as fast as the browser takes it.

    A file that is not whole is not ended: the connection breaks in the middle of it, which browsers tell their people.
    A browser that takes nothing is let go: what it holds is a place at the register, too.
    """

    def __init__(
        self,
        export: Export,
        first: bytes,
        pieces: AsyncGenerator[bytes],
        stalled_seconds: float,
    ) -> None:
        at = datetime.now(UTC)
        super().__init__(
            media_type="text/csv; charset=utf-8; header=present",
            headers={
                "Content-Disposition": f'attachment; filename="devices-{at:%Y-%m-%d-%H%M%S}.csv"'
            },
        )
        del self.headers["content-length"]
        self._export = export
        self._first = first
        self._pieces = pieces
        self._stalled_seconds = stalled_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        export, streams = self._export, self._export.session.streams
        streams.add(export)
        gone = asyncio.create_task(_gone(receive), name="browser of an export")
        try:
            async with aclosing(self._pieces):
                await self._send(send, gone)
        except (ExportCut, PageRefused) as cut:
            export.end(State.CUT, str(cut))
        except _Stalled:
            export.end(State.CUT, f"the browser took nothing for {self._stalled_seconds:g} s")
            drop_connection(scope)
        finally:
            streams.discard(export)
            gone.cancel()
            export.end(State.CUT, "it broke off")
            log.info(
                "export ended",
                username=export.session.username,
                state=export.state.value,
                rows=export.rows,
                total=export.total,
                detail=export.detail,
            )

    async def _send(self, send: Send, gone: asyncio.Task[None]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._send_piece(self._first, send, gone)
        async for piece in self._pieces:
            await self._send_piece(piece, send, gone)
        await self._send_part(b"", send, more=False)

    async def _send_piece(self, piece: bytes, send: Send, gone: asyncio.Task[None]) -> None:
        """Send in small parts: a slow browser is not one that stands still."""
        for begin in range(0, len(piece), _PART_BYTES):
            await self._send_part(piece[begin : begin + _PART_BYTES], send)
            if gone.done():
                raise ExportCut("the browser broke it off")
            if self._export.state is not State.RUNNING:
                raise ExportCut(self._export.detail)

    async def _send_part(self, part: bytes, send: Send, *, more: bool = True) -> None:
        """Return when there is room for more; raise ``_Stalled`` when there is none for too long."""
        try:
            async with asyncio.timeout(self._stalled_seconds):
                await send({"type": "http.response.body", "body": part, "more_body": more})
        except TimeoutError:
            raise _Stalled from None


class _Stalled(Exception):
    """The browser takes nothing."""


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
