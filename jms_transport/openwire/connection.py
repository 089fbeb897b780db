"""OpenWire: the protocol of ActiveMQ Classic's own port, spoken by the Java client through JPype.

The Java client blocks, so nothing of it runs on the event loop: each subscription has one thread that receives,
each connection a few that send and one that settles. AMQP is the transport to prefer; this one is for brokers
that speak nothing else.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from jms_transport.destination import Destination
from jms_transport.openwire.errors import error_of
from jms_transport.openwire.jvm import start_jvm
from jms_transport.openwire.mapping import java_destination, outgoing
from jms_transport.openwire.subscription import OpenWireSubscription
from jms_transport.openwire.tls import PemFiles, arm
from jms_transport.port import OutgoingMessage, TransportError, TransportLost, TransportRefused

_T = TypeVar("_T")

_SENDING_THREADS = 4
_ANSWER_SECONDS = 15.0
_CLOSE_SECONDS = 5.0
_NO_TRANSACTION = False
_AUTO_ACKNOWLEDGE = 1
_INDIVIDUAL_ACKNOWLEDGE = 4  # ActiveMQSession's own


async def connect_openwire(
    *,
    host: str,
    port: int,
    user: str,
    password: str,
    tls: PemFiles | None,
    client_id: str,
    max_message_bytes: int,
    client_jars: Path | None,
) -> "OpenWireConnection":
    """Connect with the Java client. Raises TransportRefused (JVM, jars, user, certificate), TransportLost."""
    jpype = start_jvm(client_jars)
    connection = OpenWireConnection(jpype, f"{host}:{port}", client_id, max_message_bytes)
    url = (
        f"{'ssl' if tls else 'tcp'}://{host}:{port}"
        # Daemon: otherwise the process waits at its end for the thread of a connection that was not closed.
        f"?daemon=true&connectionTimeout={int(_ANSWER_SECONDS * 1000)}"
    )
    try:
        await connection.open(url, user, password, tls)
    except TransportLost as error:
        await connection.close()
        # Java brokers that miss the client's certificate close the socket without a word.
        hint = "; a broker that requires a client certificate does so" if tls else ""
        raise TransportLost(f"{error} before it was open{hint}") from error
    except TransportRefused:
        await connection.close()
        raise
    return connection


class OpenWireConnection:
    """One JMS connection; a session and a thread for each thing that may wait."""

    def __init__(self, jpype: Any, name: str, client_id: str, max_message_bytes: int) -> None:
        self._jpype = jpype
        self._name = name
        self._client_id = client_id
        self._max_message_bytes = max_message_bytes
        self._loop = asyncio.get_running_loop()
        self._connection: Any = None
        self._error: TransportError | None = None
        self._subscriptions: list[OpenWireSubscription] = []
        self._threads = ThreadPoolExecutor(_SENDING_THREADS, thread_name_prefix="openwire")
        # Sends that the broker holds up must not hold up subscribing and closing.
        self._control = ThreadPoolExecutor(1, thread_name_prefix="openwire-control")
        self._producers: asyncio.Queue[tuple[Any, Any]] = asyncio.Queue(_SENDING_THREADS)

    async def open(self, url: str, user: str, password: str, tls: PemFiles | None) -> None:
        """Dial and start; called once."""
        await self._call(
            f"broker {self._name}", functools.partial(self._open, url, user, password, tls)
        )

    async def subscribe(self, destination: Destination, credit: int) -> OpenWireSubscription:
        if credit < 1:
            raise ValueError(f"credit must be at least 1, not {credit}")
        if destination.durable and not self._client_id:
            raise ValueError(f"{destination.address}: a durable subscription needs a client id")
        if destination.shared:
            raise TransportRefused(
                f"{destination.address}: OpenWire has no shared subscriptions: use a virtual topic's queue"
            )
        self._raise_if_lost()
        what = f"broker {self._name}: subscribing to {destination.address}"
        consumer = await self._call(what, functools.partial(self._consumer, destination, credit))
        subscription = OpenWireSubscription(
            jpype=self._jpype,
            connection=self._connection,
            consumer=consumer,
            destination=destination,
            credit=credit,
            max_message_bytes=self._max_message_bytes,
        )
        self._subscriptions.append(subscription)
        if self._error is not None:
            subscription.end(self._error)
        return subscription

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        self._raise_if_lost()
        size = len(message.body)
        if size > self._max_message_bytes:
            raise TransportRefused(
                f"{destination.address}: message of {size} bytes, the limit is {self._max_message_bytes}"
            )
        session, producer = await self._producers.get()
        send = functools.partial(self._send, session, producer, destination, message)
        sending = self._loop.run_in_executor(self._threads, send)

        def ended(future: asyncio.Future[None]) -> None:
            self._producers.put_nowait((session, producer))
            if not future.cancelled():
                future.exception()  # when the waiting caller has given up, no other reads it

        # The caller may give up before the Java client does; until then the session is in use.
        sending.add_done_callback(ended)
        try:
            await asyncio.shield(sending)
        except self._jpype.JException as error:
            raise error_of(error, f"sending to {destination.address}") from None

    async def close(self) -> None:
        if self._error is None:
            self._lose(TransportLost(f"broker {self._name}: closed"))
        for subscription in self._subscriptions:
            await subscription.stopped()
        if self._connection is not None:
            # It was lost and there is nothing left to close, or the broker does not answer.
            with contextlib.suppress(TransportError, TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._call("closing", self._connection.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._control.shutdown(wait=False)

    def _open(self, url: str, user: str, password: str, tls: PemFiles | None) -> None:
        jpype = self._jpype
        kind = "ActiveMQSslConnectionFactory" if tls else "ActiveMQConnectionFactory"
        factory = jpype.JClass(f"org.apache.activemq.{kind}")(url)
        if tls is not None:
            arm(jpype, factory, tls)
        if user:
            factory.setUserName(user)
            factory.setPassword(password)
        # What becomes of a message is decided above and by the broker, never by the client on its own.
        factory.getRedeliveryPolicy().setMaximumRedeliveries(-1)
        factory.setCheckForDuplicates(False)
        # A queue that takes no more must not keep a thread for ever.
        factory.setSendTimeout(int(_ANSWER_SECONDS * 1000))
        factory.setWatchTopicAdvisories(False)
        self._connection = factory.createConnection()
        if self._client_id:
            self._connection.setClientID(self._client_id)
        listener = jpype.JProxy(
            _jms(jpype, "ExceptionListener"), dict={"onException": self._on_exception}
        )
        self._connection.setExceptionListener(listener)
        self._connection.start()
        for _ in range(_SENDING_THREADS):
            session = self._connection.createSession(_NO_TRANSACTION, _AUTO_ACKNOWLEDGE)
            self._producers.put_nowait((session, session.createProducer(None)))

    def _consumer(self, destination: Destination, credit: int) -> Any:
        session = self._connection.createSession(_NO_TRANSACTION, _INDIVIDUAL_ACKNOWLEDGE)
        source = java_destination(self._jpype, destination, f"?consumer.prefetchSize={credit}")
        if destination.durable:
            return session.createDurableSubscriber(source, destination.durable)
        return session.createConsumer(source)

    def _send(
        self, session: Any, producer: Any, destination: Destination, message: OutgoingMessage
    ) -> None:
        made = outgoing(self._jpype, session, message)
        # A persistent send outside a transaction returns when the broker has stored the message.
        mode = 2 if message.persistent else 1
        producer.send(java_destination(self._jpype, destination), made, mode, 4, 0)

    async def _call(self, what: str, function: Callable[[], _T]) -> _T:
        try:
            return await self._loop.run_in_executor(self._control, function)
        except self._jpype.JException as error:
            raise error_of(error, what) from None

    def _on_exception(self, error: Any) -> None:
        # On a thread of the Java client.
        self._loop.call_soon_threadsafe(self._lose, error_of(error, f"broker {self._name}"))

    def _lose(self, error: TransportError) -> None:
        if self._error is None:
            self._error = error
        for subscription in self._subscriptions:
            subscription.end(self._error)

    def _raise_if_lost(self) -> None:
        if self._error is not None:
            raise self._error


def _jms(jpype: Any, name: str) -> Any:
    """The JMS interface: ``jakarta.jms`` for clients since 6, ``javax.jms`` before."""
    try:
        return jpype.JClass(f"jakarta.jms.{name}")
    except TypeError:
        return jpype.JClass(f"javax.jms.{name}")
