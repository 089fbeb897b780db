"""Traces whose spans are kept in memory."""

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service_traces.declared import SCHEMA_URL
from service_traces.traces import Traces

CALLER = f"00-{'a' * 32}-{'b' * 16}-01"
OTHER = f"00-{'c' * 32}-{'d' * 16}-01"
UNRECORDED = f"00-{'e' * 32}-{'f' * 16}-00"


class Recorded:
    """``part``: of what begins here, which part is recorded."""

    def __init__(self, part: float = 1.0) -> None:
        self._exporter = InMemorySpanExporter()
        sampler = sampling.ParentBasedTraceIdRatio(part)
        provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.traces = Traces(provider.get_tracer("test", schema_url=SCHEMA_URL))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def one(self) -> ReadableSpan:
        [span] = self.spans
        return span


def linked(span: ReadableSpan) -> list[str]:
    """Return the spans that a span is linked to, in hexadecimal digits."""
    return [f"{one.context.span_id:016x}" for one in span.links]


def parent_of(span: ReadableSpan) -> str:
    return "" if span.parent is None else f"{span.parent.span_id:016x}"
