"""Services tell their metrics: at an endpoint of their own, and to a collector where one is named."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from service_metrics.declared import Kind
from service_metrics.page import declared_by
from tests.adapters.test_progress_health import (
    ISSUER,
    KEYS,
    SECRET,
    UNREACHABLE,
    running,
    settings_of,
)
from tests.neighbours.metrics import Scraped, scrape
from tests.neighbours.mongod import Mongod
from tests.neighbours.ports import free_ports

PATIENCE_SECONDS = 90


def connector_settings(folder: Path, grpc_port: int) -> Mapping[str, str]:
    configuration = folder / "connector.yaml"
    configuration.write_text(UNREACHABLE)
    return {
        "IEC_CONNECTOR_CONFIG": str(configuration),
        "IEC_CONNECTOR_GRPC_PORT": str(grpc_port),
    }


def bff_settings(folder: Path, http_port: int) -> Mapping[str, str]:
    secret = folder / "secret"
    secret.write_text(SECRET)
    return {
        "BFF_HTTP_PORT": str(http_port),
        "BFF_PUBLIC_URL": f"http://localhost:{http_port}",
        "BFF_TOKEN_ISSUER": ISSUER,
        "BFF_TOKEN_JWKS_URL": KEYS,
        "BFF_CLIENT_ID": "bff",
        "BFF_CLIENT_SECRET_FILE": str(secret),
        "BFF_ROUTER_URL": "http://127.0.0.1:1/graphql",
    }


async def told_at(port: int, *names: str) -> Scraped:
    """Return what is told at ``port`` as soon as all of ``names`` are."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                told = await scrape(f"http://127.0.0.1:{port}/metrics")
            except aiohttp.ClientConnectionError:
                told = None
            if told is not None and set(names) <= set(told.kinds):
                return told
            await asyncio.sleep(0.1)


def told_of_its_own(service: str, told: Scraped) -> None:
    """Check that all that is told was declared, and that what a service counts is there from the start."""
    declared = {metric.prometheus_name: metric for metric in declared_by(service)}
    assert set(told.kinds) - {"target_info"} <= set(declared)
    for name, kind in told.kinds.items():
        assert name == "target_info" or declared[name].kind.value == kind
    without = {
        name
        for name, metric in declared.items()
        if metric.kind is Kind.GAUGE and not metric.attributes
    }
    # Of these there is a value only when something was delivered, or loaded.
    assert without - set(told.kinds) <= {"meterpark_follower_position_seconds"}


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("device_hub", ("meterpark_hop_standstill", "meterpark_devices_resident")),
        (
            "smoc_service",
            ("meterpark_hop_standstill", "meterpark_alarms", "meterpark_search_lag_seconds"),
        ),
    ],
)
async def test_a_service_with_a_database_tells_what_it_declares(
    tmp_path: Path, service: str, names: tuple[str, ...]
) -> None:
    mongod = await asyncio.to_thread(Mongod.started, tmp_path)
    port, metrics = free_ports(2)
    settings = {
        **settings_of(service, mongod, port, tmp_path),
        f"{service.upper()}_METRICS_PORT": str(metrics),
    }
    try:
        with running(tmp_path, service, settings):
            told_of_its_own(service, await told_at(metrics, *names))
    finally:
        mongod.stop()


async def test_the_connector_tells_what_it_declares(tmp_path: Path) -> None:
    port, metrics = free_ports(2)
    settings = {
        **connector_settings(tmp_path, port),
        "IEC_CONNECTOR_METRICS_PORT": str(metrics),
    }
    with running(tmp_path, "iec_connector", settings):
        told = await told_at(metrics, "meterpark_hop_standstill", "meterpark_log_lines_total")
    told_of_its_own("iec_connector", told)
    assert told.total("meterpark_source_connected", source="hes") == 0
    assert told.labels("meterpark_hop_standstill", "hop") >= {"source hes", "reports"}
    assert told.total("meterpark_log_lines_total", event="failed, trying again")


async def test_the_bff_tells_what_it_declares_and_measures_what_it_refuses(tmp_path: Path) -> None:
    port, metrics = free_ports(2)
    settings = {**bff_settings(tmp_path, port), "BFF_METRICS_PORT": str(metrics)}
    url = f"http://127.0.0.1:{port}"
    with running(tmp_path, "bff", settings):
        told_of_its_own("bff", await told_at(metrics, "meterpark_page_sessions"))
        async with asyncio.timeout(PATIENCE_SECONDS), aiohttp.ClientSession() as browser:
            while True:
                try:
                    async with browser.get(f"{url}/healthz") as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
            async with browser.post(f"{url}/graphql", json={"query": "{ me { name } }"}) as answer:
                assert answer.status == 401
            for guessed in range(3):
                async with browser.get(f"{url}/page/guessed-{guessed}") as answer:
                    assert answer.status == 404
        told = await told_at(metrics, "http_server_request_duration_seconds")
    count = "http_server_request_duration_seconds_count"
    labels = {"http_request_method": "GET", "http_response_status_code": "200"}
    assert told.total(count, http_route="/healthz", **labels) == 1
    assert told.total(count, http_response_status_code="401") == 1
    # What does not exist makes no series of its own.
    assert told.total(count, http_route="_OTHER", http_response_status_code="404") == 3


async def test_the_endpoint_has_one_address_and_takes_nothing(tmp_path: Path) -> None:
    port, metrics = free_ports(2)
    settings = {
        **connector_settings(tmp_path, port),
        "IEC_CONNECTOR_METRICS_PORT": str(metrics),
    }
    with running(tmp_path, "iec_connector", settings):
        await told_at(metrics)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{metrics}/") as answer:
                assert answer.status == 404
            async with session.post(f"http://127.0.0.1:{metrics}/metrics", data=b"x") as answer:
                assert answer.status == 405
            openmetrics = {"Accept": "application/openmetrics-text; version=1.0.0"}
            url = f"http://127.0.0.1:{metrics}/metrics"
            async with session.get(url, headers=openmetrics) as answer:
                assert (await answer.text()).endswith("# EOF\n")


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[int, "asyncio.Queue[ExportMetricsServiceRequest]"]]:
    """An OpenTelemetry collector: takes OTLP over HTTP, and keeps what it got."""
    received: asyncio.Queue[ExportMetricsServiceRequest] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        received.put_nowait(ExportMetricsServiceRequest.FromString(await request.read()))
        answer = ExportMetricsServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    application = web.Application()
    application.router.add_post("/v1/metrics", take)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1], received
    finally:
        await runner.cleanup()


async def test_a_service_sends_its_metrics_to_the_collector_that_is_named(tmp_path: Path) -> None:
    [port] = free_ports(1)
    async with collector() as (at, received), asyncio.timeout(PATIENCE_SECONDS):
        settings = {
            **connector_settings(tmp_path, port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{at}",
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
        }
        with running(tmp_path, "iec_connector", settings):
            while True:
                [of_service] = (await received.get()).resource_metrics
                [scope] = of_service.scope_metrics
                told = {metric.name: metric for metric in scope.metrics}
                if "meterpark.hop.standstill" in told:
                    break
    resource = {one.key: one.value.string_value for one in of_service.resource.attributes}
    assert resource["service.name"] == "iec-connector"
    assert set(told) <= {metric.name for metric in declared_by("iec_connector")}
    connected = told["meterpark.source.connected"].gauge.data_points
    assert [point.as_double for point in connected] == [0.0]


async def test_a_collector_that_is_away_stops_nothing(tmp_path: Path) -> None:
    port, metrics, nobody = free_ports(3)
    settings = {
        **connector_settings(tmp_path, port),
        "IEC_CONNECTOR_METRICS_PORT": str(metrics),
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{nobody}/v1/metrics",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "OTEL_METRIC_EXPORT_INTERVAL": "100",
    }
    with running(tmp_path, "iec_connector", settings):
        async with asyncio.timeout(PATIENCE_SECONDS):
            told = await told_at(metrics)
            while not told.total("meterpark_log_lines_total", event="metrics not sent"):
                await asyncio.sleep(0.1)
                told = await told_at(metrics)
