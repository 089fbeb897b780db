"""The context of a trace as it travels: W3C `traceparent`, version 00, of a trace that is recorded."""

import re
from collections.abc import Iterable
from typing import Any, Final

from opentelemetry.trace import SpanContext, TraceFlags

TRACEPARENT: Final = "traceparent"
"""How the context is called in a message's properties, in a call's metadata, in a request's headers."""

_SHAPE: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def context_of(traceparent: str) -> SpanContext | None:
    """Return the context that a text says; None when it says none, or one that is no context."""
    found = _SHAPE.fullmatch(traceparent)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    if not trace_id or not span_id:
        return None
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & 1))


def sampled(traceparent: str) -> bool:
    """Return whether the text is the context of a trace that is recorded."""
    found = _SHAPE.fullmatch(traceparent)
    return found is not None and bool(int(found[3], 16) & 1)


def written(context: SpanContext) -> str:
    """Return the context as a text."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def in_metadata(metadata: Iterable[Any]) -> str:
    """Return what the metadata of a call says; empty without it."""
    for key, value in metadata:
        if key == TRACEPARENT:
            return str(value)
    return ""
