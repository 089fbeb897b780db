"""What services declare: names by OpenTelemetry's conventions or ours, units, bounded attributes, a meaning."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import opentelemetry.semconv._incubating.attributes
import opentelemetry.semconv._incubating.metrics
import opentelemetry.semconv.attributes
import opentelemetry.semconv.metrics
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest

from service_metrics.declared import Kind, Metric, counter, gauge, histogram
from service_metrics.instruments import Instruments
from service_metrics.page import declared_by
from tests.neighbours.metrics import read

SERVICES = ("iec_connector", "device_hub", "smoc_service", "bff")
DECLARED = [(service, metric) for service in SERVICES for metric in declared_by(service)]
OURS = re.compile(r"meterpark(\.[a-z_]+)+")
WORD = re.compile(r"[a-z_]+")
# A device, a person, a message: of those there is no end.
UNBOUNDED = re.compile(
    r"device_id|serial|user|subject|message_id|trace|token|address", re.IGNORECASE
)


def constants(*packages: ModuleType) -> Iterator[str]:
    """Yield every text that is a constant of the modules of ``packages``."""
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, str):
                    yield value


CONVENTIONAL_METRICS = frozenset(
    constants(opentelemetry.semconv._incubating.metrics, opentelemetry.semconv.metrics)
)
CONVENTIONAL_ATTRIBUTES = frozenset(
    constants(opentelemetry.semconv._incubating.attributes, opentelemetry.semconv.attributes)
)


@pytest.mark.parametrize(
    ("service", "metric"), DECLARED, ids=lambda each: getattr(each, "name", each)
)
def test_a_metric_has_a_name_of_the_conventions_or_of_ours(service: str, metric: Metric) -> None:
    assert service
    assert metric.name in CONVENTIONAL_METRICS or OURS.fullmatch(metric.name)
    for attribute in metric.attributes:
        assert attribute in CONVENTIONAL_ATTRIBUTES or WORD.fullmatch(attribute)
        assert not UNBOUNDED.search(attribute)


@pytest.mark.parametrize(
    ("service", "metric"), DECLARED, ids=lambda each: getattr(each, "name", each)
)
def test_a_metric_says_what_it_means_in_which_unit(service: str, metric: Metric) -> None:
    assert service
    assert metric.meaning.endswith(".")
    assert re.fullmatch(r"s|By|1|\{[a-z_]+\}", metric.unit)
    assert all(metric.attributes.values())
    assert (metric.kind is Kind.HISTOGRAM) == bool(metric.bounds)
    assert list(metric.bounds) == sorted(set(metric.bounds))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_declares_each_metric_once(service: str) -> None:
    names = [metric.name for metric in declared_by(service)]
    assert len(names) == len(set(names))
    in_prometheus = [metric.prometheus_name for metric in declared_by(service)]
    assert len(in_prometheus) == len(set(in_prometheus))


def test_one_name_has_one_kind_and_unit_in_all_services() -> None:
    seen: dict[str, tuple[Kind, str]] = {}
    for _, metric in DECLARED:
        assert seen.setdefault(metric.name, (metric.kind, metric.unit)) == (
            metric.kind,
            metric.unit,
        )


def test_the_name_in_prometheus_is_the_one_that_the_endpoint_tells() -> None:
    from opentelemetry.exporter.prometheus import PrometheusMetricReader  # noqa: PLC0415

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(registry=registry, scope_info_enabled=False)
    provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    declared = list({metric.name: metric for _, metric in DECLARED}.values())
    declared += [counter("a.b", "By", "A."), gauge("b.c", "1", "B."), histogram("c.d", "By", "C.")]
    instruments = Instruments(declared, provider, service="a", clock=lambda: 0.0)
    for metric in declared:
        values = tuple("x" for _ in metric.attributes)
        if metric.kind is Kind.HISTOGRAM:
            instruments.histogram(metric).record(1, *values)
        else:
            instruments.observe(metric, lambda values=values: [(1, values)])  # type: ignore[misc]
    told = read(generate_latest(registry).decode())
    for metric in declared:
        assert told.kinds[metric.prometheus_name] == metric.kind.value
