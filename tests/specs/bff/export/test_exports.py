"""Exports over the page's doors: a file is whole or says that it is not, whatever breaks in between."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from meterpark.smoc.v1.device_service_pb2 import (
    DeviceFilter,
    ExportDevicesRequest,
    ExportDevicesResponse,
    ExportedDevice,
)

from bearer_tokens.token_endpoint import Granted
from bff.app import make_app
from bff.export.desk import OF_ONE_SESSION_AT_MOST
from bff.export.doors import ExportDoors
from bff.graph.asking.services import open_services
from bff.graph.limits.slots import SubscriptionSlots
from bff.session.assembly import add_page, open_page
from bff.session.session_tokens import SessionTokens
from bff.session.settings import PageSettings
from bff.session.store import Session, SessionStore
from bff.settings import BffSettings
from service_chassis.settings import SidecarSettings
from tests.neighbours.http_server import PromptServer, serving
from tests.neighbours.issuer import ISSUER
from tests.specs.bff.serving import API_TOKEN, schema_of
from tests.specs.bff.smoc_in_memory import Smoc, refused, sidecar_before

Answers = AsyncIterator[ExportDevicesResponse]
ORDER = {"filter": {"powers": ["OFF"]}, "columns": ["device_id", "model"]}
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bff's doors, and somebody who is logged in there."""

    http: aiohttp.ClientSession
    url: str
    server: PromptServer
    smoc: Smoc
    session: Session
    store: SessionStore
    headers: dict[str, str]

    async def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with self.http.post(
            f"{self.url}/page/exports{path}", json=body, headers=self.headers | headers
        ) as answer:
            return answer.status, await answer.json()

    async def ordered(self, **order: Any) -> str:
        status, told = await self.post("", ORDER | order)
        assert status == 201, told
        return str(told["exportId"])

    async def progress(self, export_id: str) -> Any:
        async with self.http.get(
            f"{self.url}/page/exports/{export_id}", headers=self.headers
        ) as answer:
            return await answer.json()

    async def until(self, export_id: str, state: str) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (told := await self.progress(export_id))["state"] != state:  # noqa: ASYNC110
                await asyncio.sleep(0)
        return told

    def file(self, export_id: str) -> Any:
        return self.http.get(f"{self.url}/page/exports/{export_id}/file", headers=self.headers)


async def _no_refresh(refresh_token: str) -> Granted:
    raise AssertionError(refresh_token)


@asynccontextmanager
async def page_before(
    answering: Callable[[ExportDevicesRequest], Answers], **settings: Any
) -> AsyncIterator[Page]:
    smoc = Smoc()
    smoc.answers["ExportDevices"] = answering
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://localhost:{listener.getsockname()[1]}"
        told = PageSettings(
            token_issuer=ISSUER,
            token_jwks_url=f"{url}/nobody",
            client_secret_file=Path("nobody-reads-it"),
            public_url=url,
            router_url=f"{url}/graphql",
            requests_at_once=100_000,
        )
        slots = SubscriptionSlots(at_most=1, per_user=1)
        async with (
            sidecar_before(smoc) as sidecar,
            open_services(
                SidecarSettings(dapr_grpc_port=sidecar, dapr_api_token=API_TOKEN), 10
            ) as services,
            open_page(told) as doors,
        ):
            schema = schema_of(BffSettings().model_dump_json())
            app = make_app(
                BffSettings(), schema, services, slots, doors.callers, doors.subgraph_requests
            )
            add_page(app, doors, told)
            ExportDoors(page=doors.page, register=services.register, **settings).add_to(app)
            tokens = SessionTokens(
                Granted(access_token="of-anna", life_seconds=3600),  # noqa: S106 - of nobody
                doors.page.clock(),
                refresh=_no_refresh,
                clock=doors.page.clock,
            )
            number, session = doors.store.open(subject="id-of-anna", username="anna", tokens=tokens)
            async with (
                serving(app, listener, BffSettings()) as server,
                aiohttp.ClientSession() as http,
            ):
                try:
                    yield Page(
                        http=http,
                        url=url,
                        server=server,
                        smoc=smoc,
                        session=session,
                        store=doors.store,
                        headers={
                            "cookie": f"{doors.page.cookies.session.name}={number}",
                            "origin": url,
                            "x-csrf-token": session.csrf_token,
                        },
                    )
                finally:
                    doors.store.close_streams()


def piece(first: int, end: int) -> ExportDevicesResponse:
    return ExportDevicesResponse(
        devices=[
            ExportedDevice(device_id=f"north/{n}", values=[f"north/{n}", "=E450"])
            for n in range(first, end)
        ]
    )


async def five(request: ExportDevicesRequest) -> Answers:
    del request
    yield ExportDevicesResponse(total_size=5)
    yield piece(0, 3)
    yield piece(3, 5)
    yield ExportDevicesResponse(complete=True)


async def test_a_file_is_ordered_fetched_once_and_whole() -> None:
    async with page_before(five) as page:
        export_id = await page.ordered(excludedDeviceIds=["north/9"])
        assert await page.progress(export_id) == {
            "exportId": export_id,
            "state": "WAITING",
            "rows": 0,
            "total": None,
            "detail": "",
        }
        async with page.file(export_id) as answer:
            assert answer.content_type == "text/csv"
            assert answer.headers["Content-Disposition"].startswith(
                'attachment; filename="devices-'
            )
            text = (await answer.read()).decode("utf-8-sig")
        rows = "".join(f"north/{n},'=E450\r\n" for n in range(5))
        assert text == f"device_id,model\r\n{rows}# whole: 5 devices,\r\n"
        told = await page.progress(export_id)
        assert (told["state"], told["rows"], told["total"]) == ("WHOLE", 5, 5)
        async with page.file(export_id) as again:
            assert again.status == 409
        [request] = page.smoc.requests("ExportDevices")
        assert request == ExportDevicesRequest(
            filter=DeviceFilter(powers=["OFF"]),
            columns=["device_id", "model"],
            excluded_device_ids=["north/9"],
        )
        [sent] = page.smoc.sent
        assert (sent["authorization"], sent["dapr-stream"]) == ("Bearer of-anna", "true")


@pytest.mark.parametrize("reason", ["TOKEN_EXPIRED", ""])
async def test_a_stream_that_breaks_goes_on_behind_the_last_device(reason: str) -> None:
    async def broken(request: ExportDevicesRequest) -> Answers:
        if not request.after_device_id:
            yield ExportDevicesResponse(total_size=5)
            yield piece(0, 3)
            if reason:
                raise refused(reason, "the token is over")
        else:
            assert request.after_device_id == "north/2"
            yield ExportDevicesResponse(total_size=5)
            yield piece(3, 5)
            yield ExportDevicesResponse(complete=True)

    async with page_before(broken) as page:
        async with page.file(await page.ordered()) as answer:
            text = (await answer.read()).decode()
        assert text.endswith("north/4,'=E450\r\n# whole: 5 devices,\r\n")
        assert [text.count(f"north/{n},") for n in range(5)] == [1] * 5


async def test_a_file_that_cannot_go_on_breaks_off_and_is_never_taken_for_a_whole_one() -> None:
    async def refusing(request: ExportDevicesRequest) -> Answers:
        del request
        yield ExportDevicesResponse(total_size=5)
        yield piece(0, 3)
        raise refused("ROLE_MISSING", "the role was taken away meanwhile")

    async with page_before(refusing) as page:
        export_id = await page.ordered()
        async with page.file(export_id) as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        told = await page.until(export_id, "CUT")
        assert (told["rows"], told["detail"]) == (3, "the role was taken away meanwhile")


async def test_a_refusal_before_the_first_line_is_an_answer_and_no_file() -> None:
    async def refusing(request: ExportDevicesRequest) -> Answers:
        if request.columns:
            raise refused("NETWORK_DENIED", "this network is not yours")
        yield ExportDevicesResponse()

    async with page_before(refusing) as page:
        export_id = await page.ordered()
        async with page.file(export_id) as answer:
            assert answer.status == 403
            assert (await answer.json())["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert (await page.progress(export_id))["state"] == "CUT"


async def test_an_export_that_fails_in_a_way_that_nobody_thought_of_is_over_too() -> None:
    async with page_before(five) as page:
        export_id = await page.ordered()
        page.session.tokens = SessionTokens(
            Granted(access_token="of-anna", life_seconds=0),  # noqa: S106 - of nobody
            0.0,
            refresh=_no_refresh,
            clock=time.monotonic,
        )
        async with page.file(export_id) as answer:
            assert answer.status == 500
        told = await page.progress(export_id)
        assert (told["state"], told["detail"]) == ("CUT", "it broke off")


async def test_who_cancels_or_goes_away_or_logs_out_ends_what_is_done_for_it() -> None:
    ended = asyncio.Queue[None]()

    async def endless(request: ExportDevicesRequest) -> Answers:
        del request
        try:
            yield ExportDevicesResponse(total_size=5)
            yield piece(0, 3)
            await asyncio.Event().wait()
        finally:
            ended.put_nowait(None)

    async with page_before(endless) as page, asyncio.timeout(PATIENCE_SECONDS):
        cancelled = await page.ordered()
        async with page.file(cancelled) as answer:
            await answer.content.readuntil(b"north/2,'=E450\r\n")
            assert (await page.post(f"/{cancelled}/cancel", {}))[1]["state"] == "CANCELLED"
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        await ended.get()
        over = await page.ordered()
        async with page.file(over) as answer:
            await answer.content.readuntil(b"north/2,'=E450\r\n")
            page.store.end(page.session, why="logged out")
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        await ended.get()
        assert not page.session.streams


@pytest.mark.slow
async def test_a_browser_that_takes_nothing_is_let_go_and_so_is_its_place_at_the_register() -> None:
    ended = asyncio.Queue[None]()

    async def endless(request: ExportDevicesRequest) -> Answers:
        del request
        try:
            yield ExportDevicesResponse(total_size=5)
            while True:
                yield piece(0, 10_000)
        finally:
            ended.put_nowait(None)

    async with (
        page_before(endless, stalled_seconds=0.5) as page,
        asyncio.timeout(PATIENCE_SECONDS),
    ):
        export_id = await page.ordered()
        with socket.socket() as browser:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            browser.settimeout(0)
            port = int(page.url.rpartition(":")[2])
            loop = asyncio.get_running_loop()
            await loop.sock_connect(browser, ("127.0.0.1", port))
            asked = f"GET /page/exports/{export_id}/file HTTP/1.1\r\nhost: localhost:{port}\r\n"
            sent = "".join(f"{name}: {value}\r\n" for name, value in page.headers.items())
            await loop.sock_sendall(browser, f"{asked}{sent}\r\n".encode())
            told = await page.until(export_id, "CUT")
            assert told["detail"] == "the browser took nothing for 0.5 s"
            await ended.get()
            assert not page.session.streams
            # Nothing waits until it has read what it did not take, and what it has is no whole file.
            assert not any(
                one.transport.is_closing() for one in page.server.server_state.connections
            )
            taken = b""
            while received := await loop.sock_recv(browser, 65536):
                taken += received
            assert b"north/0," in taken
            assert not taken.endswith(b"0\r\n\r\n")


async def test_nobody_orders_or_reads_who_is_not_the_page_or_not_this_session() -> None:
    async with page_before(five) as page:
        export_id = await page.ordered()
        status, told = await page.post("", ORDER, origin="https://elsewhere.example.com")
        assert (status, told["errors"][0]["extensions"]["code"]) == (403, "NOT_FROM_THE_PAGE")
        assert (await page.post("", ORDER, **{"x-csrf-token": "guessed"}))[0] == 403
        assert (await page.post("/guessed/cancel", {}))[0] == 404
        for headers, status in (({}, 401), (page.headers | {"origin": "https://x.example"}, 403)):
            address = f"{page.url}/page/exports/{export_id}/file"
            async with page.http.get(address, headers=headers) as answer:
                assert answer.status == status
        assert not page.smoc.requests("ExportDevices")


@pytest.mark.parametrize(
    "wrong",
    [
        "not json",
        json.dumps(["a list"]),
        json.dumps({"columns": "device_id"}),
        json.dumps({"columns": [7]}),
        json.dumps({"filter": {"nonsense": True}}),
        json.dumps({"filter": {"facetAges": [{"facet": "NONE", "since": {}}]}}),
        json.dumps({"filter": {"lastContact": {"end": "yesterday"}}}),
        json.dumps({"more": 1}),
    ],
)
async def test_an_order_that_is_none_is_told_what_is_wrong(wrong: str) -> None:
    async with (
        page_before(five) as page,
        page.http.post(
            f"{page.url}/page/exports",
            data=wrong,
            headers=page.headers | {"content-type": "application/json"},
        ) as answer,
    ):
        assert answer.status == 400
        [error] = (await answer.json())["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_session_has_so_many_orders_and_the_oldest_at_rest_makes_room() -> None:
    async with page_before(five) as page:
        first = await page.ordered()
        others = [await page.ordered() for _ in range(OF_ONE_SESSION_AT_MOST)]
        assert "errors" in await page.progress(first)
        assert (await page.progress(others[0]))["state"] == "WAITING"
