"""Metrics to a collector, by OTLP over HTTP."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import structlog
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult

from service_metrics.instruments import Instruments

log = structlog.get_logger()


async def send_for_ever(
    instruments: Instruments,
    reader: InMemoryMetricReader,
    *,
    every_seconds: float,
    make: Callable[[], OTLPMetricExporter] = OTLPMetricExporter,
) -> NoReturn:
    """Send everything, every ``every_seconds``. A collector that is away misses that one; totals make up for it.

    The exporter reads its settings itself (OTEL_EXPORTER_OTLP_...: address, headers, certificate, timeout).
    """
    exporter = make()
    failing = False
    while True:
        await asyncio.sleep(every_seconds)
        await instruments.refresh()
        # Collected in the loop, sent by a thread.
        data = reader.get_metrics_data()
        if data is None:
            continue
        result = await asyncio.to_thread(exporter.export, data)
        if (result is not MetricExportResult.SUCCESS) != failing:
            failing = not failing
            if failing:
                log.warning("metrics not sent", again_in_seconds=every_seconds)
            else:
                log.info("metrics are sent again")
