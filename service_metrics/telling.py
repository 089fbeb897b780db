"""A service's metrics while it runs: its instruments, and the ways on which their values leave it."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry

from service_chassis.logs import LogLines
from service_chassis.tasks import in_background
from service_metrics.declared import Metric
from service_metrics.endpoint import told_at
from service_metrics.instruments import Instruments
from service_metrics.log_lines import LINES, observe_log_lines
from service_metrics.process import PROCESS_METRICS, observe_process
from service_metrics.settings import CollectorSettings, MetricsSettings

# What `open_instruments` observes itself: part of every service's declarations.
ALWAYS: Final = (*PROCESS_METRICS, LINES)


@asynccontextmanager
async def open_instruments(
    settings: MetricsSettings,
    collector: CollectorSettings,
    service: str,
    declared: Sequence[Metric],
    lines: LogLines,
) -> AsyncIterator[Instruments]:
    """Yield the instruments of ``service``; their values are told while the block lasts, as the settings say."""
    registry = CollectorRegistry()
    sent = InMemoryMetricReader()
    readers: list[Any] = []
    if settings.metrics_port is not None:
        readers.append(PrometheusMetricReader(scope_info_enabled=False, registry=registry))
    if collector.is_named:
        readers.append(sent)
    provider = MeterProvider(
        metric_readers=readers,
        resource=Resource.create({"service.name": service, "service.namespace": "meterpark"}),
        shutdown_on_exit=False,
    )
    instruments = Instruments(declared, provider, service=service, clock=time.monotonic)
    observe_process(instruments)
    observe_log_lines(instruments, lines)
    async with AsyncExitStack() as ways:
        if settings.metrics_port is not None:
            await ways.enter_async_context(
                told_at(settings.metrics_host, settings.metrics_port, registry, instruments)
            )
        if collector.is_named:
            # Loaded where it is needed: it takes a third of a second.
            from service_metrics.sending import send_for_ever  # noqa: PLC0415

            every = collector.otel_metric_export_interval / 1000
            sending = send_for_ever(instruments, sent, every_seconds=every)
            await ways.enter_async_context(in_background({"metrics to the collector": sending}))
        yield instruments
    provider.shutdown()
