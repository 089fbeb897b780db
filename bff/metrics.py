"""The bff's metrics: declared here, once, and where they are taken."""

import time
from collections.abc import Callable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bff.graph.limits.slots import SubscriptionSlots
from bff.session.store import SessionStore
from service_metrics.declared import OTHER, gauge, histogram
from service_metrics.instruments import Histogram, Instruments
from service_metrics.telling import ALWAYS

REQUESTS: Final = histogram(
    "http.server.request.duration",
    "s",
    "How long a request took, to the last byte of its answer; without streams of events and web sockets.",
    {
        "http.request.method": "the method; `_OTHER`: none of HTTP's own",
        "http.route": "the route, as in docs/operations.md; `_OTHER`: the page's files and what does not exist",
        "http.response.status_code": "the status",
    },
)
OPERATIONS: Final = histogram(
    "meterpark.operation.duration",
    "s",
    "How long a query or a mutation of the graph took.",
    {
        "graphql.operation.type": "query, mutation; unknown: refused before it was read",
        "outcome": "fine, left (the client went away), or the code of its error; of several the first",
    },
)
SUBSCRIPTIONS: Final = gauge(
    "meterpark.subscriptions", "{subscription}", "Open subscriptions of the graph."
)
SESSIONS: Final = gauge(
    "meterpark.page.sessions", "{session}", "Browsers that are logged in to this process."
)
STREAMS: Final = gauge(
    "meterpark.page.streams", "{stream}", "Streams of events that browsers have open."
)

METRICS: Final = (REQUESTS, OPERATIONS, SUBSCRIPTIONS, SESSIONS, STREAMS, *ALWAYS)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_EVENTS: Final = b"text/event-stream"


class RequestsMeasured:
    """Measures each HTTP request of the application behind it."""

    def __init__(self, app: ASGIApp, *, requests: Histogram) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status, streams = "", False

        async def noting(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status, streams = str(message["status"]), _is_stream(message)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if status and not streams:
                seconds = time.monotonic() - began
                self._requests.record(seconds, _method(scope), _route(scope), status)


def _is_stream(answer: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(_EVENTS)
        for name, value in answer.get("headers", ())
    )


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in _METHODS else OTHER


def _route(scope: Scope) -> str:
    """Return the path's pattern: a path itself may hold anything."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", OTHER))


def operations_heard(instruments: Instruments) -> Callable[[str, str, float], None]:
    """Return what is told of each operation: its type, its outcome, its seconds."""
    operations = instruments.histogram(OPERATIONS)
    return lambda kind, outcome, seconds: operations.record(seconds, kind, outcome)


def observe_bff(
    instruments: Instruments, *, slots: SubscriptionSlots, sessions: SessionStore
) -> None:
    """Observe what is open, when somebody collects."""
    instruments.value(SUBSCRIPTIONS, lambda: slots.taken)
    instruments.value(SESSIONS, lambda: len(sessions))
    instruments.value(STREAMS, lambda: sessions.stream_count)
