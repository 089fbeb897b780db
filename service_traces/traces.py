"""Starts spans. While tracing is off, and for traces that are not sampled, that is a look at a text."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
)

from service_traces.context import TRACEPARENT, context_of, written
from service_traces.declared import Kind, SpanOf

# A batch of many messages whose traces are all recorded: the others are not linked.
LINKS_AT_MOST: Final = 128

_KINDS: Final = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.SERVER: SpanKind.SERVER,
    Kind.CLIENT: SpanKind.CLIENT,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CONSUMER: SpanKind.CONSUMER,
}
_ERROR: Final = "error.type"
_ROOT: Final = Context()

AttributeValue = str | bool | int | float


class Span:
    """A span that is recorded, or nothing at all. As a context manager it ends with its block.

    ``traceparent``: the context for what happens because of it; empty when it is not recorded.
    """

    __slots__ = ("_span", "traceparent")

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self.traceparent = written(span.get_span_context()) if span.is_recording() else ""

    @property
    def is_recorded(self) -> bool:
        return bool(self.traceparent)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The context as metadata of a call; none when it is not recorded."""
        return ((TRACEPARENT, self.traceparent),) if self.traceparent else ()

    def set(self, name: str, value: AttributeValue) -> None:
        """Say what is known by now."""
        self._span.set_attribute(name, value)

    def failed(self, kind: str) -> None:
        """It did not end well; ``kind`` is one of few words, no text of an error, which may name a device."""
        self._span.set_attribute(_ERROR, kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        self._span.end()

    def as_current(self) -> AbstractContextManager[object]:
        """Within the block, `Traces.of` of the same task takes this span as the parent."""
        return trace.use_span(
            self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None and self.traceparent:
            self.failed(kind.__name__)
        self._span.end()


NO_SPAN: Final = Span(INVALID_SPAN)


class Traces:
    """The spans of a service. Without a ``tracer`` it is off."""

    def __init__(self, tracer: trace.Tracer | None = None) -> None:
        self._tracer = tracer

    @property
    def is_on(self) -> bool:
        return self._tracer is not None

    def begin(
        self, span: SpanOf, parent: str, called: str = "", /, **attributes: AttributeValue
    ) -> Span:
        """Begin what belongs to ``parent`` or, without one, is the first of a trace: the sampler says whether.

        Attributes are named with ``__`` for each dot.
        """
        if self._tracer is None:
            return NO_SPAN
        return self._started(span, context_of(parent), (), called, attributes)

    def of(
        self,
        span: SpanOf,
        contexts: Iterable[str],
        called: str = "",
        /,
        **attributes: AttributeValue,
    ) -> Span:
        """Begin what is done for all ``contexts`` together; nothing when none of them is recorded.

        It belongs to the span that is current, else to the first of them, and has a link to each.
        """
        if self._tracer is None or not (found := _recorded(contexts)):
            return NO_SPAN
        current = trace.get_current_span()
        parent = current.get_span_context() if current.is_recording() else found[0]
        return self._started(span, parent, found, called, attributes)

    def of_these(
        self,
        span: SpanOf,
        contexts: Iterable[str],
        called: str = "",
        /,
        **attributes: AttributeValue,
    ) -> Span:
        """Begin as `of` does, where the current span is another matter's."""
        if self._tracer is None or not (found := _recorded(contexts)):
            return NO_SPAN
        return self._started(span, found[0], found, called, attributes)

    def within(
        self, span: SpanOf, parent: str, called: str = "", /, **attributes: AttributeValue
    ) -> Span:
        """Begin what belongs to ``parent``; nothing when that is not recorded."""
        if self._tracer is None or not parent:
            return NO_SPAN
        context = context_of(parent)
        if context is None or not context.trace_flags.sampled:
            return NO_SPAN
        return self._started(span, context, (), called, attributes)

    def _started(
        self,
        span: SpanOf,
        parent: SpanContext | None,
        links: Iterable[SpanContext],
        called: str,
        attributes: dict[str, AttributeValue],
    ) -> Span:
        context = _ROOT if parent is None else _within(parent)
        tracer: Any = self._tracer
        started: trace.Span = tracer.start_span(
            span.name.format(called) if called else span.name,
            context,
            _KINDS[span.kind],
            links=[Link(one) for one in links],
        )
        if not started.is_recording():
            return NO_SPAN
        said = {name.replace("__", "."): value for name, value in attributes.items()}
        started.set_attributes({**span.fixed, **said})
        return Span(started)


def _recorded(contexts: Iterable[str]) -> list[SpanContext]:
    known = (context_of(one) for one in dict.fromkeys(contexts) if one)
    return [one for one in known if one is not None and one.trace_flags.sampled][:LINKS_AT_MOST]


def _within(parent: SpanContext) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(parent), _ROOT)


OFF: Final = Traces()
