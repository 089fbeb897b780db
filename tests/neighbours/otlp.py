"""A receiver of traces, as a collector is one: takes OTLP over HTTP, as protobuf and as JSON, and keeps the spans."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A span that came."""

    service: str
    name: str
    kind: str
    trace: str
    span: str
    parent: str
    # Of spans, as "trace-span".
    links: Sequence[str]
    attributes: Mapping[str, Any]
    schema_url: str
    began: int
    ended: int

    @property
    def context(self) -> str:
        return f"{self.trace}-{self.span}"


@dataclass(slots=True, kw_only=True)
class Received:
    """What came, in the order of its coming."""

    port: int
    spans: list[Seen] = field(default_factory=list)
    more: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def until(
        self, good: Callable[[Sequence[Seen]], bool], patience_seconds: float = PATIENCE_SECONDS
    ) -> Sequence[Seen]:
        """Wait until the spans are ``good``, and return them."""
        async with self.more:
            try:
                async with asyncio.timeout(patience_seconds):
                    await self.more.wait_for(lambda: good(self.spans))
            except TimeoutError:
                told = "\n".join(
                    f"{one.service}: {one.name} {one.context} < {one.parent}" for one in self.spans
                )
                raise AssertionError(
                    f"what was waited for did not come; this did:\n{told}"
                ) from None
        return self.spans

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.content_type == "application/json":
            # Ids are hexadecimal in OTLP's JSON, and base64 in protobuf's: the router's spans are tested elsewhere.
            return web.json_response({})
        sent = ExportTraceServiceRequest.FromString(body)
        async with self.more:
            self.spans += _read(sent)
            self.more.notify_all()
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")


@asynccontextmanager
async def receiving() -> AsyncIterator[Received]:
    """Receive while the block lasts."""
    received = Received(port=0)
    application = web.Application()
    application.router.add_post("/v1/traces", received.take)
    # What else a service sends there is not looked at.
    application.router.add_post("/v1/metrics", _nothing)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        received.port = runner.addresses[0][1]
        yield received
    finally:
        await runner.cleanup()


async def _nothing(_: web.Request) -> web.Response:
    return web.Response(content_type="application/x-protobuf")


def _read(sent: ExportTraceServiceRequest) -> list[Seen]:
    return [
        Seen(
            service=_plain(of_service.resource.attributes)["service.name"],
            name=span.name,
            kind=type(span).SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
            trace=span.trace_id.hex(),
            span=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            links=[f"{one.trace_id.hex()}-{one.span_id.hex()}" for one in span.links],
            attributes=_plain(span.attributes),
            schema_url=scope.schema_url,
            began=span.start_time_unix_nano,
            ended=span.end_time_unix_nano,
        )
        for of_service in sent.resource_spans
        for scope in of_service.scope_spans
        for span in scope.spans
    ]


def _plain(attributes: Any) -> dict[str, Any]:
    return {
        one.key: next(iter(json_format.MessageToDict(one.value).values()), None)
        for one in attributes
    }
