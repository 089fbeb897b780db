"""A router's life: how it starts and ends, what it reads anew, and who cannot hold it up."""

import asyncio
import json
import shutil
import signal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from deploy.runtime.node import ROUTER_SOURCE
from tests.adapters.router.asking import LET_THROUGH, PATIENCE_SECONDS, SCHEMA, ask, reason_for
from tests.attacks.half_requests import HALF_A_BODY, HALF_A_HEADER, NOTHING, half_requests
from tests.attacks.requests import wrong_answers
from tests.neighbours.issuer import Issuer
from tests.neighbours.ports import free_ports
from tests.neighbours.router import Router, launch, router_settings, running_router


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("ROUTER_BFF_URL", "", "ROUTER_BFF_URL is not set"),
        ("ROUTER_BFF_URL", "ftp://bff", "ROUTER_BFF_URL: a URL that begins with http://"),
        ("ROUTER_MAX_DEPTH", "deep", "ROUTER_MAX_DEPTH: a whole number from 1 to 100, not deep"),
        ("ROUTER_SUPERGRAPH", "/nowhere", "ROUTER_SUPERGRAPH: /nowhere"),
        ("ROUTER_TRUSTED_DOCUMENTS", "/nowhere", "ROUTER_TRUSTED_DOCUMENTS: /nowhere"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT: a URL"),
    ],
)
async def test_a_wrong_setting_ends_the_start_with_one_line(
    issuer: Issuer, tmp_path: Path, setting: str, value: str, said: str
) -> None:
    (tmp_path / "supergraph.graphql").write_text("type Query { here: Boolean }")
    port, bff_port = free_ports(2)
    settings = {**router_settings(tmp_path, issuer, port, bff_port), setting: value}
    process = launch(tmp_path, settings)
    assert await asyncio.to_thread(process.popen.wait, PATIENCE_SECONDS) == 2
    [line] = process.log.read_text().splitlines()
    assert line.startswith(f"router: {said}")


async def test_a_router_in_a_folder_whose_name_has_blanks_finds_its_files(
    issuer: Issuer, tmp_path: Path
) -> None:
    # A checkout is a person's: its path is what that person called it.
    checkout = tmp_path / "a meter park"
    for name in ("deploy/router", "bff"):
        shutil.copytree(ROUTER_SOURCE.parents[1] / name, checkout / name, ignore=_no_page)
    port, bff_port = free_ports(2)
    settings = router_settings(tmp_path, issuer, port, bff_port)
    del settings["ROUTER_SUPERGRAPH"]
    process = launch(tmp_path, settings, source=checkout / "deploy" / "router")
    try:
        await asyncio.to_thread(process.wait_for_page, port, "/readyz")
    finally:
        process.stop()


def _no_page(_: str, names: list[str]) -> set[str]:
    return {"web", "__pycache__", "node_modules"} & set(names)


async def test_a_stream_goes_on_while_somebody_sends_what_no_request_may_bring(
    issuer: Issuer, tmp_path: Path
) -> None:
    ticks: asyncio.Queue[int] = asyncio.Queue()

    async def tick(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        while True:
            data = json.dumps({"data": {"ticked": await ticks.get()}})
            await stream.write(f"event: next\ndata: {data}\n\n".encode())

    behind = web.Application()
    # The gateway subscribes by GET.
    behind.router.add_get("/graphql", tick)
    runner = web.AppRunner(behind, shutdown_timeout=0.01)
    await runner.setup()
    with running_router(tmp_path, issuer, SCHEMA) as router:
        await web.TCPSite(runner, "127.0.0.1", router.bff_port).start()
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        headers = {
            "Authorization": f"Bearer {issuer.token()}",
            "Accept": "text/event-stream",
        }
        body = {"query": "subscription { ticked }"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(router.url, json=body) as stream,
            asyncio.timeout(60),
        ):
            assert stream.content_type == "text/event-stream", await stream.text()
            for number in range(3):
                attack = asyncio.create_task(wrong_answers(router.url, issuer.token))
                ticks.put_nowait(number)
                while (
                    f'"ticked":{number}' not in (line := await stream.content.readline()).decode()
                ):
                    assert line, "the stream ended"
                assert await attack == {}
    await runner.cleanup()


async def test_half_a_request_takes_nobodys_place(issuer: Issuer, tmp_path: Path) -> None:
    with running_router(tmp_path, issuer, SCHEMA, MAX_CONNECTIONS="50") as router:
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        for begin in (HALF_A_HEADER, HALF_A_BODY, NOTHING):
            async with half_requests(router.url, begin, 200):
                for _ in range(5):
                    assert (
                        await reason_for(router, "{ meter { serial } }", issuer.token())
                        == LET_THROUGH
                    )


async def test_another_supergraph_is_read_without_losing_a_request(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    question = '{ __type(name: "Meter") { fields { name } } }'

    async def names() -> set[str]:
        _, answer = await ask(router, question, token)
        return {field["name"] for field in answer["data"]["__type"]["fields"]}

    router.compose(SCHEMA.replace("beside: Meter", "beside: Meter newer: String"))
    router.process.popen.send_signal(signal.SIGHUP)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "newer" not in await names():
            pass
    # One that is none changes nothing.
    (router.folder / "supergraph.graphql").write_text("type Query {")
    router.process.popen.send_signal(signal.SIGHUP)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "supergraph not read" not in router.process.log.read_text():
            assert "newer" in await names()
    assert "newer" in await names()


async def test_a_request_under_way_is_answered_although_the_router_is_told_to_end(
    issuer: Issuer, tmp_path: Path
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        asked.set()
        await may_answer.wait()
        return web.json_response({"data": {"meter": {"serial": "4711"}}})

    behind = web.Application()
    behind.router.add_post("/graphql", late)
    runner = web.AppRunner(behind)
    await runner.setup()
    with running_router(tmp_path, issuer, SCHEMA) as router:
        await web.TCPSite(runner, "127.0.0.1", router.bff_port).start()
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        asking = asyncio.create_task(ask(router, "{ meter { serial } }", issuer.token()))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asked.wait()
            router.process.popen.terminate()
            while "router ends" not in router.process.log.read_text():  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.02)
            may_answer.set()
            assert await asking == (200, {"data": {"meter": {"serial": "4711"}}})
        assert await asyncio.to_thread(router.process.popen.wait, PATIENCE_SECONDS) == 0
    await runner.cleanup()
