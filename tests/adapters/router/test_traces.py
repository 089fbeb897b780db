"""The router's traces, as a receiver gets them: OTLP over HTTP, from a real router, with a bff of its own behind."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.neighbours.issuer import Issuer, hang, running_issuer
from tests.neighbours.ports import free_ports
from tests.neighbours.router import Router, running_router

SCHEMA = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated"])
type Query { meter(serial: String): Meter @authenticated }
type Subscription { meterChanged: Meter @authenticated }
type Meter { serial: String! }
"""
ASKED = "query Told($serial: String) { meter(serial: $serial) { serial } }"
SERIAL = "4711-0815"
TRACE = "8" * 32
ASKER = "b" * 16
SERVER, CLIENT = 2, 3
ERROR = 2
PATIENCE_SECONDS = 60

Span = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Receiver:
    """What came, as bytes and as spans in the order of their coming."""

    port: int
    bodies: list[bytes] = field(default_factory=list)
    more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        assert request.path == "/v1/traces"
        async with self.more:
            self.bodies.append(await request.read())
            self.more.notify_all()
        return web.json_response({})

    def spans(self, trace: str) -> list[Span]:
        return [
            {**span, "attributes": _plain(span["attributes"])}
            for body in self.bodies
            for resource in json.loads(body)["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
            if span["traceId"] == trace
        ]

    async def operation(self, trace: str) -> tuple[Span, list[Span]]:
        """Wait for the span of the operation; return it, and those of the requests to the bff, which end before it."""

        def operations() -> list[Span]:
            return [span for span in self.spans(trace) if span["kind"] == SERVER]

        async with asyncio.timeout(PATIENCE_SECONDS), self.more:
            await self.more.wait_for(operations)
        [operation] = operations()
        return operation, [span for span in self.spans(trace) if span["kind"] == CLIENT]


def _plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in attributes}


@dataclass(slots=True, kw_only=True)
class Behind:
    """A bff that tells which trace it was asked in."""

    traceparents: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.traceparents.append(request.headers["traceparent"])
        # The router subscribes by GET, the document in the address.
        asked = request.query.get("query") or (await request.json())["query"]
        if "meterChanged" not in asked:
            return web.json_response({"data": {"meter": {"serial": SERIAL}}})
        events = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await events.prepare(request)
        change = json.dumps({"data": {"meterChanged": {"serial": SERIAL}}})
        await events.write(f"event: next\ndata: {change}\n\n".encode())
        if "Endless" in asked:
            return await hang(request)
        await events.write(b"event: complete\ndata:\n\n")
        return events


@asynccontextmanager
async def serving(port: int, answer: Callable[[web.Request], Any]) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def router_with_a_bff(
    folder: Path, issuer: Issuer, environment: dict[str, str]
) -> AsyncIterator[tuple[Router, Behind]]:
    behind = Behind()
    with running_router(folder, issuer, SCHEMA, environment) as router:
        async with serving(router.bff_port, behind.answer):
            await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
            yield router, behind


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    [port] = free_ports(1)
    receiver = Receiver(port=port)
    async with serving(port, receiver.take):
        yield receiver


@pytest.fixture(scope="module")
async def traced(
    issuer: Issuer, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Router, Behind]]:
    folder = tmp_path_factory.mktemp("router")
    async with router_with_a_bff(folder, issuer, sending_to(receiver.port)) as running:
        yield running


def sending_to(port: int) -> dict[str, str]:
    # The library gives up on a receiver after as many milliseconds.
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1000",
    }


async def ask(
    router: Router, token: str | None, trace: str, *, query: str = ASKED, sampled: bool = True
) -> int:
    """Ask within a trace; return the status when the answer has been read."""
    headers = {"traceparent": f"00-{trace}-{ASKER}-0{int(sampled)}"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if "subscription" in query:
        headers["Accept"] = "text/event-stream"
    variables = {"serial": SERIAL} if query == ASKED else {}
    body = {"query": query, "variables": variables}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(router.url, json=body) as answer,
    ):
        await answer.read()
        return answer.status


async def test_an_operation_and_its_request_to_the_bff_are_spans_of_the_askers_trace(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    router, behind = traced
    assert await ask(router, issuer.token(), TRACE) == 200
    operation, [request] = await receiver.operation(TRACE)

    assert operation["name"] == "query Told"
    assert operation["parentSpanId"] == ASKER
    assert operation["attributes"] == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Told",
        "http.request.method": "POST",
        "url.path": "/graphql",
        "http.response.status_code": 200,
    }
    assert request["name"] == "POST"
    assert request["parentSpanId"] == operation["spanId"]
    assert request["attributes"] == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": router.bff_port,
        "url.full": f"http://127.0.0.1:{router.bff_port}/graphql",
        "http.response.status_code": 200,
    }
    assert behind.traceparents[-1] == f"00-{TRACE}-{request['spanId']}-01"
    assert int(operation["startTimeUnixNano"]) <= int(request["startTimeUnixNano"])
    assert int(request["endTimeUnixNano"]) <= int(operation["endTimeUnixNano"])
    [about, *_] = json.loads(receiver.bodies[-1])["resourceSpans"]
    assert _plain(about["resource"]["attributes"])["service.name"] == "router"


async def test_a_trace_has_no_token_variable_or_document(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    trace = "1" * 32
    token = issuer.token(preferred_username="logged", sub="somebody")
    assert await ask(traced[0], token, trace) == 200
    await receiver.operation(trace)
    sent = b"".join(receiver.bodies).decode()
    assert trace in sent
    for secret in (*token.split("."), SERIAL, "serial", "logged", "somebody"):
        assert secret not in sent


async def test_who_is_refused_or_gets_no_answer_is_told_by_the_reason(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer, tmp_path: Path
) -> None:
    trace = "2" * 32
    assert await ask(traced[0], None, trace) == 401
    operation, requests = await receiver.operation(trace)
    assert (operation["name"], requests) == ("GraphQL Operation", [])
    assert operation["attributes"]["http.response.status_code"] == 401
    assert operation["attributes"]["error.type"] == "UNAUTHENTICATED"
    assert operation["status"].get("code", 0) != ERROR

    trace = "3" * 32
    with running_router(tmp_path, issuer, SCHEMA, sending_to(receiver.port)) as without_bff:
        await asyncio.to_thread(without_bff.process.wait_for_page, without_bff.port, "/readyz")
        assert await ask(without_bff, issuer.token(), trace) == 503
        # What waits to be sent is sent before the router ends.
        without_bff.process.popen.terminate()
        assert await asyncio.to_thread(without_bff.process.popen.wait, PATIENCE_SECONDS) == 0
    operation, [request] = await receiver.operation(trace)
    assert request["attributes"]["error.type"] == "ECONNREFUSED"
    assert operation["attributes"]["error.type"] == "PEER_UNAVAILABLE"
    assert (request["status"]["code"], operation["status"]["code"]) == (ERROR, ERROR)


async def test_a_subscription_is_a_span_that_ends_with_it(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    trace = "4" * 32
    asked = "subscription Seen { meterChanged { serial } }"
    assert await ask(traced[0], issuer.token(), trace, query=asked) == 200
    operation, [request] = await receiver.operation(trace)
    assert operation["name"] == "subscription Seen"
    assert operation["attributes"]["http.response.status_code"] == 200
    assert request["parentSpanId"] == operation["spanId"]
    assert request["name"] == "GET"
    assert "meterChanged" not in b"".join(receiver.bodies).decode()


async def test_a_subscription_is_over_when_its_asker_has_left(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    trace = "7" * 32
    headers = {
        "Authorization": f"Bearer {issuer.token()}",
        "Accept": "text/event-stream",
        "traceparent": f"00-{trace}-{ASKER}-01",
    }
    asked = {"query": "subscription Endless { meterChanged { serial } }"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(traced[0].url, json=asked) as answer,
    ):
        await answer.content.readuntil(SERIAL.encode())
    operation, _ = await receiver.operation(trace)
    assert operation["name"] == "subscription Endless"


async def test_what_the_asker_does_not_want_to_have_traced_is_not(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    router, behind = traced
    unwanted, wanted = "5" * 32, "6" * 32
    assert await ask(router, issuer.token(), unwanted, sampled=False) == 200
    assert behind.traceparents[-1].startswith(f"00-{unwanted}-")
    assert behind.traceparents[-1].endswith("-00")
    assert await ask(router, issuer.token(), wanted) == 200
    await receiver.operation(wanted)
    assert receiver.spans(unwanted) == []


async def test_an_operation_without_a_trace_begins_one_that_is_also_in_the_log(
    traced: tuple[Router, Behind], receiver: Receiver, issuer: Issuer
) -> None:
    router, behind = traced
    # A trace of zeros is none, says the standard.
    assert await ask(router, issuer.token(), "0" * 32, query="{ meter { serial } }") == 200
    trace = behind.traceparents[-1].split("-")[1]
    operation, _ = await receiver.operation(trace)
    assert operation["name"] == "query"
    assert not operation.get("parentSpanId")
    assert "graphql.operation.name" not in operation["attributes"]
    assert f'"trace_id":"{trace}"' in router.process.log.read_text()


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "is away"])
async def test_a_receiver_that_does_not_answer_costs_a_line_and_no_request(
    issuer: Issuer, tmp_path: Path, *, hangs: bool
) -> None:
    [port, elsewhere] = free_ports(2)
    async with (
        serving(port if hangs else elsewhere, hang),
        router_with_a_bff(tmp_path, issuer, sending_to(port)) as (router, _),
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "traces not sent" not in router.process.log.read_text():
                assert await ask(router, issuer.token(), TRACE) == 200
        router.process.popen.terminate()
        assert await asyncio.to_thread(router.process.popen.wait, PATIENCE_SECONDS) == 0
        assert router.process.log.read_text().count("traces not sent") == 1


async def test_without_the_setting_there_are_no_traces_and_the_askers_goes_on_as_it_came(
    issuer: Issuer, tmp_path: Path
) -> None:
    async with router_with_a_bff(tmp_path, issuer, {}) as (router, behind):
        assert await ask(router, issuer.token(), TRACE) == 200
        assert behind.traceparents == [f"00-{TRACE}-{ASKER}-01"]
