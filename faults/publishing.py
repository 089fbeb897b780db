"""Publishing the messages of a run in their order, at an even rate, whatever happens to the broker.

A message is in the ledger when the broker has acknowledged it. When the connection is lost, all that has no
acknowledgement is sent again, in order: the broker may then hold it twice, and it must count once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from jms_transport import OutgoingMessage, TransportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.ledger.ledger import Book
    from faults.ledger.traffic import Message, Traffic
    from hes_simulator.sending.running import Broker
    from jms_transport import Connection

_AT_ONCE: Final = 50
_ANSWER_SECONDS: Final = 10.0
_AGAIN_SECONDS: Final = 0.2
_TICK_SECONDS: Final = 0.02


@dataclass(slots=True)
class Publisher:
    """Publishes ``traffic`` at ``rate`` messages a second (None: as fast as the broker takes them)."""

    broker: Broker
    traffic: Traffic
    book: Book
    rate: float | None
    # How many messages were sent again, as their fate was unknown.
    sent_again: int = 0
    _place: int = 0
    _probes: int = 0
    _urgent: deque[Message] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: Connection | None = None

    @property
    def planned_left(self) -> int:
        """How many messages are not published yet, copies not counted."""
        return self.traffic.messages - self._place

    def probe(self) -> Message:
        """Publish one more message, ahead of what is not published yet; return it at once."""
        message = self.traffic.message(self.traffic.messages + self._probes)
        self._probes += 1
        self._urgent.append(message)
        self._wake.set()
        return message

    async def the_rest(self) -> None:
        """Publish what is left as fast as the broker takes it; return when it has all of it."""
        self.rate = None
        self._wake.set()
        await self._done.wait()

    async def run(self) -> None:
        """Publish for ever: there may be another probe."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            while True:
                due = self.traffic.messages
                if self.rate is not None:
                    due = min(due, int(self.rate * (loop.time() - began_at)) + 1)
                batch = self._next(due)
                if batch:
                    await self._send(batch)
                else:
                    if self._place >= self.traffic.messages:
                        self._done.set()
                    self._wake.clear()
                    # Not `wait_for`: with Python 3.11 it forgets that it was cancelled when both come at once.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_TICK_SECONDS):
                            await self._wake.wait()
        finally:
            await self._hang_up()

    def _next(self, due: int) -> list[Message]:
        batch = list(self._urgent)
        self._urgent.clear()
        while self._place < due and len(batch) < _AT_ONCE:
            batch += map(self.traffic.message, self.traffic.published_at(self._place))
            self._place += 1
        return batch

    async def _send(self, batch: Sequence[Message]) -> None:
        waiting = list(batch)
        while waiting:
            accepted = await self._send_once(waiting)
            self.book.take((waiting[place] for place in sorted(accepted)), datetime.now(UTC))
            waiting = [each for place, each in enumerate(waiting) if place not in accepted]
            if waiting:
                self.sent_again += len(waiting)
                await self._hang_up()
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _send_once(self, messages: Sequence[Message]) -> set[int]:
        """Return the places of those that the broker acknowledged."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if self._connection is None:
                    self._connection = await self.broker.dial()
        except (TransportError, TimeoutError):
            return set()
        connection = self._connection
        sending = [
            asyncio.create_task(
                connection.send(self.broker.destination, OutgoingMessage(body=each.body))
            )
            for each in messages
        ]
        _, silent = await asyncio.wait(sending, timeout=_ANSWER_SECONDS)
        for task in silent:
            task.cancel()
        answers = await asyncio.gather(*sending, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, TransportError):
                raise answer
        return {place for place, answer in enumerate(answers) if answer is None}

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(TransportError, TimeoutError):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await connection.close()
