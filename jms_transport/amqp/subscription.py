"""The receiving end of an AMQP link: bounded credit, bounded bytes, each delivery settled once."""

import asyncio
from collections.abc import Callable
from typing import Any

import proton
import structlog

from jms_transport.amqp import mapping as amqp_mapping
from jms_transport.destination import Destination
from jms_transport.port import IncomingMessage, TransportError, TransportLost
from jms_transport.redeliveries import Redeliveries

log = structlog.get_logger()

_HELD_BYTES = 64 * 1024 * 1024
"""While a subscription holds more than this in unsettled messages it reads no further: the session's window
closes and the broker waits. One message may still exceed it."""


class AmqpDelivery:
    """One received message and its delivery."""

    def __init__(
        self, subscription: "AmqpSubscription", delivery: Any, message: IncomingMessage, size: int
    ) -> None:
        self._subscription = subscription
        self._delivery = delivery
        self._size = size
        self._settled = False
        self.message = message

    async def accept(self) -> None:
        self._settle(proton.Delivery.ACCEPTED)

    async def reject(self, reason: str) -> None:
        self._delivery.local.condition = proton.Condition("amqp:decode-error", reason)
        self._settle(proton.Delivery.REJECTED)

    def _settle(self, outcome: Any) -> None:
        if self._settled:
            raise ValueError(f"message {self.message.message_id} was settled before")
        self._subscription.settle(self._delivery, outcome, self._size)
        self._settled = True


class AmqpSubscription:
    """A receiving link with bounded credit: received and unsettled are never more than ``credit``."""

    def __init__(
        self,
        link: Any,
        destination: Destination,
        credit: int,
        max_message_bytes: int,
        wake: Callable[[], None],
    ) -> None:
        self._link = link
        self._destination = destination
        self._credit = credit
        self._max_message_bytes = max_message_bytes
        self._wake = wake
        self._arrived: asyncio.Queue[AmqpDelivery | None] = asyncio.Queue()  # bounded by the credit
        self._error: TransportError | None = None
        self._partial = bytearray()
        self._partial_size = 0
        self._held_bytes = 0
        self._to_grant = credit
        self._stopped = False
        self._redeliveries = Redeliveries(destination.address)
        self.purpose = f"subscription to {destination.address}"
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def receive(self) -> AmqpDelivery:
        delivery = await self._arrived.get()
        if delivery is None:
            self._arrived.put_nowait(None)  # for the next caller
            assert self._error is not None  # noqa: S101  # end() sets it first
            raise self._error
        return delivery

    def widen(self, by: int) -> None:
        self._to_grant += by
        self._grant()

    def stop(self) -> None:
        self._stopped = True

    def opened(self) -> None:
        """The broker agreed."""
        if not self.ready.done():
            self.ready.set_result(None)
        self._grant()

    def end(self, error: TransportError) -> None:
        """Nothing comes any more; what was received and not taken comes again after the reconnect."""
        if self._error is not None:
            return
        self._error = error
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()  # a waiting caller still sees it; without one it is no leak
        while not self._arrived.empty():
            self._arrived.get_nowait()
        self._arrived.put_nowait(None)

    def settle(self, delivery: Any, outcome: Any, size: int) -> None:
        if self._error is not None:
            raise TransportLost(
                f"{self._destination.address}: lost before the message was settled, it comes again"
            )
        delivery.update(outcome)
        delivery.settle()
        self._held_bytes -= size
        self._to_grant += 1
        self.take()
        self._grant()
        self._wake()

    def take(self) -> None:
        """Read what has arrived, message by message, as long as there is room to hold it.

        Never raises: it is also called while another message is settled, whose fault it is not.
        """
        try:
            self._take()
        except Exception as error:
            log.exception("subscription ended in a defect", destination=self._destination.address)
            self.end(
                TransportLost(f"{self.purpose}: ended in a defect: {type(error).__name__}: {error}")
            )

    def _take(self) -> None:
        while self._held_bytes < _HELD_BYTES and (delivery := self._link.current) is not None:
            if not delivery.readable and not delivery.aborted:
                return
            if delivery.aborted:
                self._forget_partial()
                delivery.settle()
                self._to_grant += 1
                continue
            if (pending := delivery.pending) > 0:
                self._partial_size += pending
                chunk = self._link.recv(pending)
                if self._partial_size <= self._max_message_bytes:
                    self._partial += chunk
                else:
                    self._partial.clear()
            if delivery.partial:
                return
            self._link.advance()
            self._complete(delivery)
        self._grant()

    def _complete(self, delivery: Any) -> None:
        encoded, size = bytes(self._partial), self._partial_size
        self._forget_partial()
        if size > self._max_message_bytes:
            self._refuse(
                delivery, f"message of {size} bytes, the limit is {self._max_message_bytes}"
            )
            return
        message = amqp_mapping.incoming(encoded, self._destination, self._max_message_bytes)
        self._redeliveries.saw(message)
        held = max(size, len(message.body))  # a packed body takes more than it did on the wire
        self._held_bytes += held
        self._arrived.put_nowait(AmqpDelivery(self, delivery, message, held))

    def _refuse(self, delivery: Any, reason: str) -> None:
        """The layers above cannot hold such a message: the broker's dead-letter queue keeps it."""
        log.error(
            "message rejected to the broker's dead-letter queue",
            destination=self._destination.address,
            reason=reason,
        )
        delivery.local.condition = proton.Condition("amqp:link:message-size-exceeded", reason)
        delivery.update(proton.Delivery.REJECTED)
        delivery.settle()
        self._to_grant += 1

    def _forget_partial(self) -> None:
        self._partial = bytearray()
        self._partial_size = 0

    def _grant(self) -> None:
        # In portions: a flow frame per message costs more than the message.
        due = self._to_grant >= max(1, self._credit // 4) or (
            self._to_grant > 0 and self._link.credit == 0
        )
        if due and not self._stopped and self._error is None:
            self._link.flow(self._to_grant)
            self._to_grant = 0
            self._wake()
