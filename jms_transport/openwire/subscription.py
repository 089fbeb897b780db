"""A consumer of the Java client: one thread receives, the loop hands out, settling happens off the loop."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

import structlog

from jms_transport.destination import Destination
from jms_transport.openwire.errors import error_of
from jms_transport.openwire.mapping import incoming
from jms_transport.port import IncomingMessage, TransportError, TransportLost
from jms_transport.redeliveries import Redeliveries

log = structlog.get_logger()

_POLL_MILLISECONDS = 500
_POISON_ACK = 1  # MessageAck.POSION_ACK_TYPE: to the dead-letter queue


class OpenWireDelivery:
    """One received message."""

    def __init__(
        self, subscription: "OpenWireSubscription", java_message: Any, message: IncomingMessage
    ) -> None:
        self._subscription = subscription
        self._java_message = java_message
        self._settled = False
        self.message = message

    async def accept(self) -> None:
        self._once()
        await self._subscription.settle(self._java_message, poison=False)

    async def reject(self, reason: str) -> None:
        self._once()
        log.warning(
            "message rejected",
            destination=self.message.destination,
            message_id=self.message.message_id,
            reason=reason,
        )
        await self._subscription.settle(self._java_message, poison=True)

    def _once(self) -> None:
        if self._settled:
            raise ValueError(f"message {self.message.message_id} was settled before")
        self._settled = True


class OpenWireSubscription:
    """At most ``credit`` messages are received and not settled; as many again wait in the Java client (prefetch)."""

    def __init__(
        self,
        *,
        jpype: Any,
        connection: Any,
        consumer: Any,
        destination: Destination,
        credit: int,
        max_message_bytes: int,
    ) -> None:
        self._jpype = jpype
        self._connection = connection
        self._consumer = consumer
        self._destination = destination
        self._max_message_bytes = max_message_bytes
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[OpenWireDelivery | None] = asyncio.Queue()
        # The credit bounds what lies in the queues.
        self._room = threading.Semaphore(credit)
        # Places that are to go when they are free; settled messages give theirs up first.
        self._owed = 0
        self._owing = threading.Lock()
        self._stopping = threading.Event()
        self._error: TransportError | None = None
        self._redeliveries = Redeliveries(destination.address)
        self._unanswered: set[asyncio.Future[None]] = set()
        self._to_settle: queue.SimpleQueue[tuple[Any, bool, asyncio.Future[None]] | None] = (
            queue.SimpleQueue()
        )
        self._threads = [
            threading.Thread(
                target=self._loudly,
                args=(work,),
                name=f"openwire {destination.address}",
                daemon=True,
            )
            for work in (self._pull, self._settle)
        ]
        for thread in self._threads:
            thread.start()

    async def receive(self) -> OpenWireDelivery:
        delivery = await self._arrived.get()
        if delivery is None:
            self._arrived.put_nowait(None)  # for the next caller
            assert self._error is not None  # noqa: S101  # end() sets it first
            raise self._error
        return delivery

    def widen(self, by: int) -> None:
        for _ in range(by):
            self._give_place()
        for _ in range(-by):
            if not self._room.acquire(blocking=False):
                with self._owing:
                    self._owed += 1

    def stop(self) -> None:
        self._stopping.set()

    async def stopped(self) -> None:
        """After :meth:`end`: wait until both threads have ended."""
        for thread in self._threads:
            await self._loop.run_in_executor(None, thread.join, 4 * _POLL_MILLISECONDS / 1000)

    def end(self, error: TransportError) -> None:
        """Nothing comes any more; what was received and not taken comes again after the reconnect."""
        if self._error is not None:
            return
        self._error = error
        self._stopping.set()
        self._to_settle.put(None)
        while not self._arrived.empty():
            self._arrived.get_nowait()
        self._arrived.put_nowait(None)

    async def settle(self, java_message: Any, *, poison: bool) -> None:
        """Settle one message off the loop."""
        if self._error is not None:
            raise TransportLost(
                f"{self._destination.address}: lost before the message was settled, it comes again"
            )
        settled: asyncio.Future[None] = self._loop.create_future()
        self._unanswered.add(settled)
        settled.add_done_callback(self._unanswered.discard)
        self._to_settle.put_nowait((java_message, poison, settled))
        await settled

    def _loudly(self, work: Callable[[], None]) -> None:
        """Run the work of a thread; when it dies, the subscription ends, so that no caller waits for it."""
        try:
            work()
        except BaseException as raised:
            if not self._stopping.is_set():
                log.exception(
                    "the thread of a subscription ended", destination=self._destination.address
                )
            error = error_of(raised, self._destination.address)
            self._on_loop(self._died, error, work == self._settle)

    def _died(self, error: TransportError, was_settling: bool) -> None:  # noqa: FBT001 - for call_soon
        self.end(error)
        if was_settling:
            for settled in [*self._unanswered]:
                _answer(settled, error)

    def _settle(self) -> None:
        while (entry := self._to_settle.get()) is not None:
            message, poison, settled = entry
            error: TransportError | None = None
            try:
                if poison:
                    self._poison(message)
                else:
                    message.acknowledge()
            except Exception as raised:  # noqa: BLE001 - Java's and our own; the others are settled
                text = str(error_of(raised, f"settling at {self._destination.address}"))
                error = TransportLost(f"{text}; the message comes again")
                # It comes only after a new beginning.
                self._on_loop(self.end, error)
            self._give_place()
            self._on_loop(_answer, settled, error)

    def _give_place(self) -> None:
        with self._owing:
            if self._owed:
                self._owed -= 1
                return
        self._room.release()

    def _poison(self, message: Any) -> None:
        """JMS has no call for it, so the acknowledgement is made by hand."""
        ack = self._jpype.JClass("org.apache.activemq.command.MessageAck")()
        ack.setAckType(self._jpype.JByte(_POISON_ACK))
        ack.setConsumerId(self._consumer.getConsumerId())
        ack.setDestination(message.getDestination())
        ack.setFirstMessageId(message.getMessageId())
        ack.setLastMessageId(message.getMessageId())
        ack.setMessageCount(1)
        self._connection.asyncSendPacket(ack)
        # Otherwise the client keeps the message, as delivered, for as long as the consumer lives.
        consumer_class = self._jpype.JClass("org.apache.activemq.ActiveMQMessageConsumer").class_
        field = consumer_class.getDeclaredField("deliveredMessages")
        field.setAccessible(True)
        delivered = field.get(self._consumer)
        with self._jpype.synchronized(delivered):
            for dispatch in list(delivered):
                if dispatch.getMessage().getMessageId().equals(message.getMessageId()):
                    delivered.remove(dispatch)

    def _pull(self) -> None:
        while not self._stopping.is_set():
            if not self._room.acquire(timeout=_POLL_MILLISECONDS / 1000):
                continue
            java_message = self._consumer.receive(_POLL_MILLISECONDS)
            if java_message is None or not self._deliver(java_message):
                self._give_place()

    def _deliver(self, java_message: Any) -> bool:
        size = int(java_message.getSize())
        if size > self._max_message_bytes:
            self._refuse(java_message, f"{size} bytes, the limit is {self._max_message_bytes}")
            return False
        message = incoming(self._jpype, java_message, self._destination, self._max_message_bytes)
        self._redeliveries.saw(message)
        self._on_loop(self._arrive, OpenWireDelivery(self, java_message, message))
        return True

    def _refuse(self, java_message: Any, reason: str) -> None:
        """The layers above cannot hold such a message, and it must not come again for ever."""
        log.error(
            "message rejected to the broker's dead-letter queue",
            destination=self._destination.address,
            reason=reason,
        )
        self._poison(java_message)

    def _arrive(self, delivery: OpenWireDelivery) -> None:
        if self._error is None:
            self._arrived.put_nowait(delivery)

    def _on_loop(self, function: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            self._stopping.set()  # the loop is closed: there is no receiver left


def _answer(settled: asyncio.Future[None], error: TransportError | None) -> None:
    if settled.done():
        return
    if error is None:
        settled.set_result(None)
    else:
        settled.set_exception(error)
