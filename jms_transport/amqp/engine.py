"""Bytes between a socket and qpid-proton's engine; no threads, and no knowledge of messages.

proton's ``Transport`` does no I/O: bytes are pushed in, bytes are taken out, and what happened in between lies as
events in a ``Collector``. This module moves the bytes, asks for the heartbeat, and hands over the events in order.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import proton
import structlog

log = structlog.get_logger()


class Engine(asyncio.Protocol):
    """Runs one proton connection on one socket.

    ``on_event(event)`` is called for each event, ``on_end(error)`` once, when the socket is gone or the peer broke
    the protocol. Both are called on the loop and must not call back into :meth:`pump` (:meth:`wake` is for that).
    """

    def __init__(
        self,
        connection: Any,
        *,
        heartbeat_seconds: float,
        max_frame_bytes: int,
        sasl_mechanism: str,
        on_event: Callable[[Any], None],
        on_end: Callable[[Exception | None], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_event = on_event
        self._on_end = on_end
        self._connection = connection
        self._collector = proton.Collector()
        connection.collect(self._collector)
        self.transport = proton.Transport()
        self.transport.idle_timeout = heartbeat_seconds
        self.transport.max_frame_size = max_frame_bytes
        sasl = self.transport.sasl()
        # proton cannot see the TLS around it, and would refuse PLAIN there too.
        sasl.allow_insecure_mechs = True
        sasl.allowed_mechs(sasl_mechanism)
        self._socket: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread = bytearray()
        self._woken = False
        self._write_paused = False
        self._ended = False

    def wake(self) -> None:
        """Send what there is to send, once per turn of the loop however often it is called."""
        if not self._woken and not self._ended:
            self._woken = True
            self._loop.call_soon(self.pump)

    def abort(self, error: Exception | None) -> None:
        """Drop the socket at once and end."""
        if self._socket is not None:
            self._socket.abort()
        self._end(error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.Transport", transport)  # create_connection gives no other
        self.transport.bind(self._connection)
        self._connection.open()
        self.pump()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self.pump()

    def eof_received(self) -> bool:
        return False  # close the socket; connection_lost does the rest

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self.pump()

    def pump(self) -> None:
        """Feed what was read, hand over events, write what came of it, and set the timer for the heartbeat."""
        self._woken = False
        if self._ended or self._socket is None:
            return
        try:
            self._feed()
            self._dispatch()
            self._drain(self._socket)
            self._dispatch()
            self._tick()
        except proton.ProtonException as error:
            self.abort(error)
        except (
            Exception
        ) as error:  # otherwise only the loop would note it, and the connection would wait for ever
            log.exception("broker connection ended in a defect")
            self.abort(error)

    def _feed(self) -> None:
        # proton takes only as much as it has room for; the rest waits here, it must not be dropped.
        while self._unread:
            room = self.transport.capacity()
            if room < 0:  # it has stopped reading: an error is on its way out
                self._unread.clear()
                return
            if room == 0:
                raise proton.TransportException(
                    "the broker sent a frame that is larger than was agreed"
                )
            piece = bytes(self._unread[:room])
            del self._unread[:room]
            self.transport.push(piece)
            self._dispatch()

    def _dispatch(self) -> None:
        while (event := self._collector.peek()) is not None:
            self._on_event(event)
            self._collector.pop()

    def _drain(self, socket: asyncio.Transport) -> None:
        while not self._write_paused:
            pending = self.transport.pending()
            if pending < 0:  # nothing will ever come out again
                socket.close()
                return
            if pending == 0:
                return
            out = self.transport.peek(pending)
            if not out:
                return
            socket.write(out)
            self.transport.pop(len(out))

    def _tick(self) -> None:
        now = self._loop.time()
        deadline = self.transport.tick(now)
        if self.transport.pending() > 0 and not self._write_paused:  # the tick made a heartbeat
            self.wake()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline:
            self._timer = self._loop.call_later(max(0.01, deadline - now), self.pump)

    def _end(self, error: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._unread.clear()
        self._on_end(error)
