"""Connections that send nothing, or half a request: each has a time limit, and makes room when places are scarce.

uvicorn ends a connection that is idle between requests, but waits for ever for the rest of a header or body. Each
waiting connection costs a place. When all places are taken, or all places of one address, the connection that has
waited longest without a whole request is closed. So a client that sends a whole request at once is served.
"""

import asyncio
from collections import OrderedDict
from typing import Any, Final

import structlog
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bff.settings import BffSettings

log = structlog.get_logger()

_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 34\r\nconnection: close\r\n\r\nthe request was not sent in time\r\n"
)
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 33\r\nretry-after: 2\r\nconnection: close\r\n\r\ntoo many connections, try again\r\n"
)
# An extension of ASGI, under a name of our own.
_DROP: Final = "meterpark.drop"


class Connections:
    """Those that are open, by address, and of them those that wait, in the order in which they began to."""

    def __init__(self, *, at_most: int, per_address: int) -> None:
        self._at_most = at_most
        self._per_address = per_address
        self._open: dict[str, set[Connection]] = {}
        self._waiting: dict[str, OrderedDict[Connection, None]] = {}
        self._all_waiting: OrderedDict[Connection, None] = OrderedDict()
        self._count = 0

    def enter(self, one: "Connection") -> bool:
        """Take ``one`` in, in place of another if necessary; return false when no other can make room."""
        of_address = self._open.get(one.address, set())
        if len(of_address) >= self._per_address:
            longest = next(iter(self._waiting.get(one.address, ())), None)
        elif self._count >= self._at_most:
            longest = next(iter(self._all_waiting), None)
        else:
            return self._add(one)
        if longest is None:
            return False
        self.forget(longest)
        longest.give_way()
        return self._add(one)

    def waits(self, one: "Connection") -> None:
        if one in self._open.get(one.address, ()):
            self.is_served(one)
            self._all_waiting[one] = None
            self._waiting.setdefault(one.address, OrderedDict())[one] = None

    def is_served(self, one: "Connection") -> None:
        self._all_waiting.pop(one, None)
        of_address = self._waiting.get(one.address)
        if of_address is not None:
            of_address.pop(one, None)
            if not of_address:
                del self._waiting[one.address]

    def forget(self, one: "Connection") -> None:
        of_address = self._open.get(one.address, set())
        if one not in of_address:
            return
        self.is_served(one)
        of_address.remove(one)
        self._count -= 1
        if not of_address:
            del self._open[one.address]

    def _add(self, one: "Connection") -> bool:
        self._open.setdefault(one.address, set()).add(one)
        self._count += 1
        self.waits(one)
        return True


class Connection(HttpToolsProtocol):
    """One of ``of``, which a subclass names (`connections_of`)."""

    of: Connections
    header_seconds: float
    body_seconds: float
    address = ""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self.of.enter(self):
            log.warning("connection refused, too many are open", address=self.address)
            self._end_with(_FULL)
            return
        self._have(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._have(None)
        self.of.forget(self)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._have(self.header_seconds)

    def on_headers_complete(self) -> None:
        self._have(self.body_seconds)
        self.scope["extensions"] = {_DROP: {"drop": self.give_way}}
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._have(None)
        self.of.is_served(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self.of.waits(self)

    def handle_websocket_upgrade(self) -> None:
        # From here on it is counted with the websockets.
        self._have(None)
        self.of.forget(self)
        super().handle_websocket_upgrade()

    def timeout_keep_alive_handler(self) -> None:
        """Let an idle connection go, also one whose other side does not take what it asked for."""
        self.give_way() if self.transport.get_write_buffer_size() else self.transport.close()

    def give_way(self) -> None:
        self.connections.discard(self)
        self.transport.abort()

    def _have(self, seconds: float | None) -> None:
        """Give the other side so many seconds for what it has to send now; None: nothing is waited for."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        log.info("request not sent in time", address=self.address)
        if self.cycle is not None and self.cycle.response_started and self.cycle.more_body:
            # It was answered before it was whole.
            self.give_way()
        else:
            self._end_with(_TOO_SLOW)

    def _end_with(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def drop_connection(scope: Scope) -> None:
    """Break the connection of a request at once: to end it in order would wait until its other side has read."""
    dropping = scope.get("extensions", {}).get(_DROP)
    if dropping is not None:
        dropping["drop"]()


def connections_of(settings: BffSettings) -> type[Connection]:
    """Return the protocol of a server with these settings."""
    # A balancer in front brings the connections of many clients, and has its own limits.
    each = (
        settings.most_connections
        if settings.trusted_proxies
        else min(settings.most_connections_per_address, settings.most_connections)
    )
    told: dict[str, Any] = {
        "of": Connections(at_most=settings.most_connections, per_address=each),
        "header_seconds": settings.header_seconds,
        "body_seconds": settings.body_seconds,
    }
    return type("BoundedConnection", (Connection,), told)
