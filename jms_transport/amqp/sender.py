"""The sending end of an AMQP link: a message counts as sent when the broker has accepted it."""

import asyncio
from collections.abc import Callable
from typing import Any

import proton

from jms_transport.amqp import mapping as amqp_mapping
from jms_transport.destination import Destination
from jms_transport.port import OutgoingMessage, TransportError, TransportLost, TransportRefused


class AmqpSender:
    """A sending link. A message counts as sent when the broker has accepted it."""

    def __init__(
        self,
        *,
        link: Any,
        destination: Destination,
        max_message_bytes: int,
        write: Callable[[Destination], str],
        wake: Callable[[], None],
    ) -> None:
        self._link = link
        self._destination = destination
        self._max_message_bytes = max_message_bytes
        self._write = write
        self._wake = wake
        self._error: TransportError | None = None
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._has_credit = asyncio.Event()
        self.purpose = f"sending to {destination.address}"
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.users = 0
        """How many sends are under way; the connection closes only a link without any."""

    async def send(self, message: OutgoingMessage) -> None:
        encoded = amqp_mapping.outgoing(message, self._destination, self._write)
        limit = min(
            self._max_message_bytes, self._link.remote_max_message_size or self._max_message_bytes
        )
        if len(encoded) > limit:
            raise TransportRefused(f"{self.purpose}: {len(encoded)} bytes, the limit is {limit}")
        while self._error is None and self._link.credit <= 0:
            self._has_credit.clear()
            await self._has_credit.wait()
        if self._error is not None:
            raise self._error
        tag = self._link.delivery_tag()
        accepted = self._waiting[tag] = asyncio.get_running_loop().create_future()
        self._link.delivery(tag)
        self._link.stream(encoded)
        self._link.advance()
        self._wake()
        try:
            await accepted
        finally:
            self._waiting.pop(tag, None)

    def opened(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def credited(self) -> None:
        self._has_credit.set()

    def answered(self, delivery: Any) -> None:
        """The broker said what became of a message."""
        state, condition = delivery.remote_state, delivery.remote.condition
        accepted = self._waiting.get(delivery.tag)
        delivery.settle()
        if accepted is None or accepted.done():
            return
        if state == proton.Delivery.ACCEPTED:
            accepted.set_result(None)
        elif state == proton.Delivery.REJECTED:
            reason = condition.description or condition.name if condition else "without a reason"
            accepted.set_exception(
                TransportRefused(f"{self.purpose}: the broker rejected the message: {reason}")
            )
        else:
            accepted.set_exception(
                TransportLost(f"{self.purpose}: the broker gave the message back ({state})")
            )

    def end(self, error: TransportError) -> None:
        if self._error is not None:
            return
        self._error = error
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()
        for accepted in self._waiting.values():
            if not accepted.done():
                accepted.set_exception(error)
        self._has_credit.set()

    @property
    def ended(self) -> bool:
        return self._error is not None
