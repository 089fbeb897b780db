"""A service's traces while it runs. What is exported is loaded only when tracing is on: it takes half a second."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from service_traces.declared import SCHEMA_URL
from service_traces.settings import TraceSettings
from service_traces.traces import OFF, Traces

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

log = structlog.get_logger()


def _otlp() -> "SpanExporter":
    """The exporter reads its settings itself (OTEL_EXPORTER_OTLP_...: address, headers, certificate, timeout)."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    return OTLPSpanExporter()


@asynccontextmanager
async def open_traces(
    settings: TraceSettings, service: str, make: "Callable[[], SpanExporter]" = _otlp
) -> AsyncIterator[Traces]:
    """Yield the traces of ``service``; what was recorded is sent by a thread, and at the end once more."""
    if not settings.is_on:
        yield OFF
        return
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider, sampling  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    part = settings.otel_traces_sampler_arg
    samplers: dict[str, sampling.Sampler] = {
        "always_on": sampling.ALWAYS_ON,
        "always_off": sampling.ALWAYS_OFF,
        "traceidratio": sampling.TraceIdRatioBased(part),
        "parentbased_always_on": sampling.DEFAULT_ON,
        "parentbased_always_off": sampling.DEFAULT_OFF,
        "parentbased_traceidratio": sampling.ParentBasedTraceIdRatio(part),
    }
    provider = TracerProvider(
        sampler=samplers[settings.otel_traces_sampler],
        resource=Resource.create({"service.name": service, "service.namespace": "meterpark"}),
        shutdown_on_exit=False,
    )
    # Up to 2,048 spans wait, for up to five seconds (OTEL_BSP_...); more are dropped.
    provider.add_span_processor(BatchSpanProcessor(make()))
    log.info("traces are told", sampler=settings.otel_traces_sampler)
    try:
        yield Traces(provider.get_tracer(service, schema_url=SCHEMA_URL))
    finally:
        await asyncio.to_thread(provider.shutdown)
