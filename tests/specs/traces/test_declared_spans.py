"""What services declare as spans: names by OpenTelemetry's conventions or ours, a meaning, no person and no device."""

import importlib
import re
from pathlib import Path

import opentelemetry.semconv._incubating.attributes.messaging_attributes
import pytest

from service_metrics import instruments
from service_traces.declared import SCHEMA_URL, SpanOf
from tests.specs.metrics.test_declared import CONVENTIONAL_ATTRIBUTES, OURS

SERVICES = ("iec_connector", "device_hub", "smoc_service", "bff")
OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
# A message's id is wanted: by it the message is found. A device or a person is nobody's business there.
UNWANTED = re.compile(r"device_id|serial|user|subject|token|address|document|variable|query\.text")


def spans_of(service: str) -> tuple[SpanOf, ...]:
    spans: tuple[SpanOf, ...] = importlib.import_module(f"{service}.traces").SPANS
    return spans


DECLARED = [(service, span) for service in SERVICES for span in spans_of(service)]
each = pytest.mark.parametrize(
    ("service", "span"), DECLARED, ids=lambda one: getattr(one, "name", one)
)


@each
def test_attributes_have_names_of_the_conventions_or_of_ours(service: str, span: SpanOf) -> None:
    assert service
    for name in (*span.fixed, *span.attributes):
        assert name in CONVENTIONAL_ATTRIBUTES or OURS.fullmatch(name), name
        assert not UNWANTED.search(name), name


@each
def test_a_span_says_what_it_means(service: str, span: SpanOf) -> None:
    assert service
    assert span.meaning.endswith(".")
    assert span.name.count("{}") <= 1
    assert all(span.attributes.values())
    assert not span.fixed.keys() & span.attributes.keys()


@each
def test_operations_md_tells_of_the_span(service: str, span: SpanOf) -> None:
    """The table of spans there has a row for each, with its kind and attributes."""
    shown = span.name.format("...")
    row = next(
        line
        for line in OPERATIONS.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {service} | `{shown}` | {span.kind.value} |")
    )
    assert span.meaning in row
    for name in span.attributes:
        assert f"`{name}`" in row, name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_declares_each_span_once(service: str) -> None:
    names = [(span.name, span.kind) for span in spans_of(service)]
    assert len(names) == len(set(names))


def test_spans_and_metrics_use_one_version_of_the_conventions() -> None:
    assert SCHEMA_URL == instruments.SCHEMA_URL == "https://opentelemetry.io/schemas/1.44.0"


def test_a_message_is_processed_as_the_conventions_call_it() -> None:
    values = opentelemetry.semconv._incubating.attributes.messaging_attributes
    [message] = [span for _, span in DECLARED if span.name.startswith("process")]
    assert message.fixed["messaging.system"] == values.MessagingSystemValues.ACTIVEMQ.value
    said = message.fixed["messaging.operation.type"]
    assert said == values.MessagingOperationTypeValues.PROCESS.value
