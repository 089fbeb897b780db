"""Tracing is off until a collector is named; a wrong setting ends the start."""

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError

from service_traces.declared import Kind, SpanOf
from service_traces.opening import open_traces
from service_traces.settings import TraceSettings
from service_traces.traces import OFF
from tests.specs.traces.recorded import CALLER, UNRECORDED

THERE = {"otel_exporter_otlp_endpoint": "http://collector:4318"}
SPAN = SpanOf(name="work", kind=Kind.INTERNAL, meaning="Work.")


def settings(**said: Any) -> TraceSettings:
    return TraceSettings(**said)


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ({}, False),
        ({"otel_exporter_otlp_endpoint": ""}, False),
        (THERE, True),
        ({"otel_exporter_otlp_traces_endpoint": "http://collector:4318/v1/traces"}, True),
        ({**THERE, "otel_traces_exporter": "none"}, False),
    ],
)
def test_it_is_on_where_a_collector_is_named(said: Mapping[str, Any], on: bool) -> None:  # noqa: FBT001
    assert settings(**said).is_on is on


def test_one_in_a_hundred_is_recorded_unless_somebody_else_decided() -> None:
    made = settings()
    assert (made.otel_traces_sampler, made.otel_traces_sampler_arg) == (
        "parentbased_traceidratio",
        0.01,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"otel_traces_sampler": "sometimes"},
        {"otel_traces_sampler_arg": "2"},
        {"otel_exporter_otlp_endpoint": "collector:4318"},
        {"otel_traces_exporter": "zipkin"},
    ],
)
def test_a_wrong_setting_is_refused(said: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**said)


async def test_off_makes_no_exporter() -> None:
    def never() -> InMemorySpanExporter:
        raise AssertionError("an exporter was made")

    async with open_traces(settings(), "hub", never) as traces:
        assert traces is OFF


@pytest.mark.parametrize(
    ("sampler", "recorded"),
    [
        ("always_on", ["", CALLER, UNRECORDED]),
        ("always_off", []),
        ("traceidratio", ["", CALLER, UNRECORDED]),
        ("parentbased_always_on", ["", CALLER]),
        ("parentbased_always_off", [CALLER]),
        ("parentbased_traceidratio", ["", CALLER]),
    ],
)
async def test_each_sampler_decides_as_its_name_says(sampler: str, recorded: list[str]) -> None:
    exporter = InMemorySpanExporter()
    made = settings(**THERE, otel_traces_sampler=sampler, otel_traces_sampler_arg=1.0)
    async with open_traces(made, "hub", lambda: exporter) as traces:
        spans = {said: traces.begin(SPAN, said) for said in ("", CALLER, UNRECORDED)}
        assert [said for said, span in spans.items() if span.is_recorded] == recorded
        for span in spans.values():
            span.end()
    # What waited was sent before the end.
    sent = exporter.get_finished_spans()
    assert len(sent) == len(recorded)
    assert {one.resource.attributes["service.name"] for one in sent} <= {"hub"}
