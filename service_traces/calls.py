"""Calls at a service's gRPC door as spans: those that belong to a trace which is recorded."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from service_traces.context import in_metadata
from service_traces.declared import Kind, SpanOf
from service_traces.traces import Traces

CALL: Final = SpanOf(
    name="{}",
    kind=Kind.SERVER,
    meaning="A call at the service's door that answers in one piece. Its name is the method's.",
    fixed={"rpc.system.name": "grpc"},
    attributes={
        "rpc.method": "service and method, as in `proto/`",
        "rpc.response.status_code": "the status in words: OK, UNAVAILABLE ...",
        "error.type": "the status, when the service was at fault",
    },
)
_OWN_FAULT: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)


class CallsTraced:
    """What `service_chassis.server.serving` tells of its calls."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    @contextmanager
    def call(self, method: str, metadata: Iterable[Any] | None) -> Iterator[Callable[[str], None]]:
        """Around one call; what is told at its end is noted with it."""
        name = method.removeprefix("/")
        parent = in_metadata(metadata or ()) if self._traces.is_on else ""
        span = self._traces.within(CALL, parent, name, rpc__method=name)
        if not span.is_recorded:
            yield _not_noted
            return

        def ended(status: str) -> None:
            span.set("rpc.response.status_code", status)
            if status in _OWN_FAULT:
                span.failed(status)

        with span.as_current():
            try:
                yield ended
            finally:
                span.end()


def _not_noted(_status: str) -> None:
    """The call belongs to no trace that is recorded."""
