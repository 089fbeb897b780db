"""Replies on their way to the sender, aside: a reply queue that takes nothing must not hold up the source.

A message is settled when it is stored; its reply is sent afterwards. What waits is bounded by number and bytes.
A reply queue that did not answer in time is left alone for a while, and what comes for it meanwhile is given up,
counted, and said in the log once per pause. A sender that misses a reply sends again, and nothing counts twice.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

import structlog

from iec_connector.counters import Counters
from iec_connector.replies.response import ATTEMPT_SECONDS, Sent, send_reply
from jms_transport import Connection, Destination, OutgoingMessage

log = structlog.get_logger()

_PAUSED_ADDRESSES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    connection: Connection
    destination: Destination
    message: OutgoingMessage

    @property
    def size(self) -> int:
        return len(self.message.body)


class ReplyDesk:
    """Takes the replies of one source and sends a few at once."""

    def __init__(
        self,
        counters: Counters,
        *,
        most_waiting: int = 500,
        most_bytes: int = 8 * 1024 * 1024,
        at_once: int = 4,
        attempt_seconds: float = ATTEMPT_SECONDS,
        pause_seconds: float = 30.0,
    ) -> None:
        self._counters = counters
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._at_once = at_once
        self._attempt_seconds = attempt_seconds
        self._pause_seconds = pause_seconds
        self._waiting: deque[_Reply] = deque()
        self._bytes = 0
        self._said_full = False
        self._senders: set[asyncio.Task[None]] = set()
        self._paused_until: dict[str, float] = {}

    def offer(
        self, connection: Connection, destination: Destination, message: OutgoingMessage
    ) -> None:
        """Take a reply to be sent, or give it up when too much waits. Never waits, never raises."""
        reply = _Reply(connection=connection, destination=destination, message=message)
        if self._is_paused(destination) or self._is_full(reply):
            self._counters.add("replies_given_up")
            return
        self._waiting.append(reply)
        self._bytes += reply.size
        if len(self._senders) < self._at_once:
            sender = asyncio.create_task(self._send_all(), name="replies")
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    async def finished(self, within_seconds: float) -> None:
        """Wait until the queue is empty, for a limited time; then drop the rest."""
        if self._senders:
            await asyncio.wait(self._senders, timeout=within_seconds)
        for sender in self._senders:
            sender.cancel()
        self._counters.add("replies_given_up", len(self._waiting))
        self._waiting.clear()
        self._bytes = 0

    async def _send_all(self) -> None:
        while self._waiting:
            reply = self._waiting.popleft()
            self._bytes -= reply.size
            if self._is_paused(reply.destination):
                self._counters.add("replies_given_up")
                continue
            try:
                sent = await send_reply(
                    reply.connection, reply.destination, reply.message, self._attempt_seconds
                )
            except Exception:
                log.exception("a reply ended in a defect", destination=reply.destination.address)
                sent = Sent.NOT
            self._counters.add("replies_sent" if sent is Sent.DONE else "replies_failed")
            if sent is Sent.NO_ANSWER:
                self._pause(reply.destination)

    def _is_full(self, reply: _Reply) -> bool:
        full = (
            len(self._waiting) >= self._most_waiting or self._bytes + reply.size > self._most_bytes
        )
        if full and not self._said_full:
            log.warning(
                "reply dropped, too many wait",
                waiting=len(self._waiting),
                bytes=self._bytes,
                destination=reply.destination.address,
            )
        self._said_full = full
        return full

    def _is_paused(self, destination: Destination) -> bool:
        until = self._paused_until.get(destination.address)
        return until is not None and asyncio.get_running_loop().time() < until

    def _pause(self, destination: Destination) -> None:
        now = asyncio.get_running_loop().time()
        self._paused_until = {
            address: until for address, until in self._paused_until.items() if until > now
        }
        if len(self._paused_until) < _PAUSED_ADDRESSES:
            self._paused_until[destination.address] = now + self._pause_seconds
        log.warning(
            "reply dropped, its queue does not respond",
            destination=destination.address,
            again_in_seconds=self._pause_seconds,
        )
