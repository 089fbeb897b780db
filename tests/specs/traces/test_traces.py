"""Spans begin within the contexts that they are given, and are nothing while nobody records."""

import pytest
from opentelemetry.trace import StatusCode

from service_traces.context import context_of, in_metadata, sampled, written
from service_traces.declared import Kind, SpanOf
from service_traces.traces import LINKS_AT_MOST, NO_SPAN, OFF
from tests.specs.traces.recorded import (
    CALLER,
    OTHER,
    UNRECORDED,
    Recorded,
    linked,
    parent_of,
)

BATCH = SpanOf(name="send", kind=Kind.CLIENT, meaning="A batch.", fixed={"rpc.system.name": "grpc"})
MESSAGE = SpanOf(name="process {}", kind=Kind.CONSUMER, meaning="A message.")


def test_a_message_without_context_begins_a_trace() -> None:
    seen = Recorded()
    with seen.traces.begin(MESSAGE, "", "north") as span:
        assert sampled(span.traceparent)
    assert (seen.one.name, parent_of(seen.one)) == ("process north", "")


def test_a_message_goes_on_with_the_trace_of_its_sender() -> None:
    seen = Recorded()
    with seen.traces.begin(MESSAGE, CALLER, "north") as span:
        assert span.traceparent.startswith(f"00-{'a' * 32}-")
    assert parent_of(seen.one) == "b" * 16


@pytest.mark.parametrize("said", ["", "nonsense", UNRECORDED])
def test_what_nobody_records_is_nothing(said: str) -> None:
    seen = Recorded(part=0.0)
    with seen.traces.begin(MESSAGE, said, "north") as span:
        span.set("messaging.message.id", "m-1")
    assert (span.traceparent, span.metadata, seen.spans) == ("", (), ())


def test_what_its_sender_does_not_record_is_not_recorded_here() -> None:
    seen = Recorded(part=1.0)
    seen.traces.begin(MESSAGE, UNRECORDED, "north").end()
    assert not seen.spans


def test_a_batch_belongs_to_the_first_trace_in_it_and_has_a_link_to_each() -> None:
    seen = Recorded(part=0.0)
    contexts = ["", UNRECORDED, CALLER, "nonsense", OTHER, CALLER]
    with seen.traces.of(BATCH, contexts, meterpark__reports=6) as span:
        assert span.metadata == (("traceparent", span.traceparent),)
    assert (parent_of(seen.one), linked(seen.one)) == ("b" * 16, ["b" * 16, "d" * 16])
    assert dict(seen.one.attributes or {}) == {"rpc.system.name": "grpc", "meterpark.reports": 6}


def test_a_batch_of_which_nothing_is_recorded_has_no_span() -> None:
    seen = Recorded()
    assert seen.traces.of(BATCH, ["", UNRECORDED]) is NO_SPAN
    assert seen.traces.within(BATCH, UNRECORDED) is NO_SPAN
    assert seen.traces.within(BATCH, "") is NO_SPAN


def test_links_are_bounded() -> None:
    seen = Recorded()
    contexts = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 1000)]
    seen.traces.of(BATCH, contexts).end()
    assert len(seen.one.links) == LINKS_AT_MOST


def test_what_is_done_within_a_call_belongs_to_the_call() -> None:
    seen = Recorded()
    with seen.traces.within(BATCH, CALLER) as call, call.as_current():
        seen.traces.of(MESSAGE, [OTHER]).end()
        seen.traces.of_these(MESSAGE, [OTHER]).end()
    within, beside, around = seen.spans
    assert parent_of(within) == parent_of_text(call.traceparent)
    assert (parent_of(beside), parent_of(around)) == ("d" * 16, "b" * 16)
    assert linked(within) == linked(beside) == ["d" * 16]


def parent_of_text(traceparent: str) -> str:
    return traceparent.split("-")[2]


def test_an_error_is_told_by_its_kind_and_not_by_its_text() -> None:
    seen = Recorded()
    with (
        pytest.raises(ValueError, match="4711"),
        seen.traces.within(BATCH, CALLER),
    ):
        raise ValueError("the meter 4711")
    assert seen.one.status.status_code is StatusCode.ERROR
    assert dict(seen.one.attributes or {})["error.type"] == "ValueError"
    assert "4711" not in seen.one.to_json()


def test_off_is_nothing() -> None:
    assert OFF.begin(MESSAGE, CALLER, "north") is NO_SPAN
    assert OFF.of(BATCH, [CALLER]) is OFF.of_these(BATCH, [CALLER]) is NO_SPAN
    assert OFF.within(BATCH, CALLER) is NO_SPAN
    with NO_SPAN as span:
        span.failed("X")
    assert (span.traceparent, span.metadata, span.is_recorded) == ("", (), False)


def test_a_context_is_read_and_written() -> None:
    context = context_of(CALLER)
    assert context is not None
    assert written(context) == CALLER
    assert in_metadata((("authorization", "x"), ("traceparent", CALLER))) == CALLER
    assert not in_metadata(())
    assert (sampled(CALLER), sampled(UNRECORDED), sampled(CALLER.upper())) == (True, False, False)


@pytest.mark.parametrize(
    "said",
    [
        "",
        CALLER[:-1],
        f"{CALLER} ",
        f"01{CALLER[2:]}",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"00-{'g' * 32}-{'b' * 16}-01",
    ],
)
def test_what_is_no_context_is_none(said: str) -> None:
    assert context_of(said) is None
