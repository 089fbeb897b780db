"""AMQP 1.0: a connection over qpid-proton's engine on asyncio."""

import asyncio
import ssl
import uuid
from collections import OrderedDict
from typing import Any, TypeAlias

import proton

from jms_transport.amqp.engine import Engine
from jms_transport.amqp.errors import error_of
from jms_transport.amqp.sender import AmqpSender
from jms_transport.amqp.subscription import AmqpSubscription
from jms_transport.amqp.terminus import (
    describe_source,
    has_shared_subscriptions,
    link_name,
    require,
)
from jms_transport.destination import Destination
from jms_transport.port import (
    DEFAULT_MAX_MESSAGE_BYTES,
    OutgoingMessage,
    TransportError,
    TransportLost,
    TransportRefused,
)

_Link: TypeAlias = AmqpSubscription | AmqpSender

_ANSWER_SECONDS = 15.0
# The window of a session counts frames, and a small message takes one, too. With few large frames a broker would wait
# for a word of ours after every fourth message.
_FRAME_BYTES = 64 * 1024
_SESSION_FRAMES = 64
_SENDS_UNDER_WAY = 1000
_OPEN_SENDERS = 32


async def connect_amqp(
    *,
    host: str,
    port: int,
    user: str = "",
    password: str = "",
    tls: ssl.SSLContext | None = None,
    client_id: str = "",
    heartbeat_seconds: float = 15.0,
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
) -> "AmqpConnection":
    """Connect with AMQP 1.0; without a user anonymously.

    ``client_id`` becomes the container id, which a durable subscription belongs to. A silent broker is given up
    after twice ``heartbeat_seconds``. Raises TransportRefused (user, password, certificate), TransportLost.
    """
    name = f"{host}:{port}"
    connection = AmqpConnection(
        name=name,
        host=host,
        user=user,
        password=password,
        client_id=client_id,
        heartbeat_seconds=heartbeat_seconds,
        max_message_bytes=max_message_bytes,
    )
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await loop.create_connection(
                lambda: connection.engine,
                host,
                port,
                ssl=tls,
                server_hostname=host if tls else None,
            )
            await connection.opened
    except ssl.SSLError as error:
        raise TransportRefused(f"broker {name}: TLS failed: {_line(error)}") from error
    except TimeoutError as error:
        connection.engine.abort(None)
        raise TransportLost(f"broker {name}: no answer in {_ANSWER_SECONDS:.0f} s") from error
    except OSError as error:
        raise TransportLost(f"broker {name}: cannot be reached: {_line(error)}") from error
    except TransportLost as error:
        # Java brokers that miss the client's certificate close the socket without a word.
        hint = "; a broker that requires a client certificate does so" if tls else ""
        raise TransportLost(f"{error} before it was open{hint}") from error
    return connection


class AmqpConnection:
    """One AMQP connection; every subscription has a session of its own, so that a slow one holds up only itself."""

    def __init__(
        self,
        *,
        name: str,
        host: str,
        user: str,
        password: str,
        client_id: str,
        heartbeat_seconds: float,
        max_message_bytes: int,
    ) -> None:
        self._name = name
        self._client_id = client_id
        self._max_message_bytes = max_message_bytes
        self._proton = proton.Connection()
        self._proton.hostname = host
        # Classic refuses an empty container id; without a client id any other will do.
        self._proton.container = client_id or f"meterpark-{uuid.uuid4()}"
        if user:
            self._proton.user = user
            self._proton.password = password
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._closed: asyncio.Future[None] = loop.create_future()
        self._error: TransportError | None = None
        self._links: dict[tuple[bool, str], _Link] = {}
        self._senders: OrderedDict[str, tuple[Any, AmqpSender]] = OrderedDict()
        self._sending = asyncio.Semaphore(_SENDS_UNDER_WAY)
        self._sending_session: Any = None
        self.engine = Engine(
            self._proton,
            heartbeat_seconds=heartbeat_seconds,
            max_frame_bytes=_FRAME_BYTES,
            sasl_mechanism="PLAIN" if user else "ANONYMOUS",
            on_event=self._on_event,
            on_end=self._on_end,
        )

    async def subscribe(self, destination: Destination, credit: int) -> AmqpSubscription:
        if credit < 1:
            raise ValueError(f"credit must be at least 1, not {credit}")
        if destination.durable and not self._client_id:
            raise ValueError(f"{destination.address}: a durable subscription needs a client id")
        self._raise_if_lost()
        if destination.shared and not has_shared_subscriptions(self._proton):
            raise TransportRefused(
                f"broker {self._name}: {destination.address}: it has no shared subscriptions:"
                " use a virtual topic's queue"
            )
        session = self._proton.session()
        session.incoming_capacity = _SESSION_FRAMES * _FRAME_BYTES
        session.open()
        link = session.receiver(link_name(destination, has_client_id=bool(self._client_id)))
        link.source.address = self._address(destination)
        describe_source(link.source, destination, has_client_id=bool(self._client_id))
        link.max_message_size = self._max_message_bytes
        subscription = AmqpSubscription(
            link, destination, credit, self._max_message_bytes, self.engine.wake
        )
        await self._attach(link, subscription, subscription.purpose)
        return subscription

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        async with self._sending:
            self._raise_if_lost()
            sender = self._sender(destination)
            sender.users += 1
            try:
                await asyncio.shield(sender.ready)
                await sender.send(message)
            finally:
                sender.users -= 1

    async def close(self) -> None:
        if self._error is None:
            self._proton.close()
            self.engine.wake()
            await asyncio.wait([self._closed], timeout=5.0)
        self.engine.abort(None)

    def _sender(self, destination: Destination) -> AmqpSender:
        link, sender = self._senders.pop(destination.address, (None, None))
        if sender is None or sender.ended:
            if self._sending_session is None:
                self._sending_session = self._proton.session()
                self._sending_session.open()
            link = self._sending_session.sender(f"to-{destination.address}-{uuid.uuid4()}")
            link.target.address = self._address(destination)
            require(link.target, [destination.kind])
            sender = AmqpSender(
                link=link,
                destination=destination,
                max_message_bytes=self._max_message_bytes,
                write=self._address,
                wake=self.engine.wake,
            )
            self._links[(True, link.name)] = sender
            link.open()
            self.engine.wake()
        self._close_idle_senders()
        self._senders[destination.address] = (link, sender)
        return sender

    def _close_idle_senders(self) -> None:
        idle = [address for address, (_, sender) in self._senders.items() if not sender.users]
        for address in idle[: max(0, len(self._senders) + 1 - _OPEN_SENDERS)]:
            link, _ = self._senders.pop(address)
            link.close()

    async def _attach(self, link: Any, end: AmqpSubscription, what: str) -> None:
        self._links[(link.is_sender, link.name)] = end
        link.open()
        self.engine.wake()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await end.ready
        except TimeoutError as error:
            raise TransportLost(
                f"broker {self._name}: {what}: no answer in {_ANSWER_SECONDS:.0f} s"
            ) from error

    def _address(self, destination: Destination) -> str:
        """Classic tells topics from queues by the prefix; Artemis by the capability (a prefix is a name to it)."""
        properties = self._proton.remote_properties or {}
        if "artemis" in str(properties.get("product", "")).lower():
            return destination.name
        return destination.address

    def _raise_if_lost(self) -> None:
        if self._error is not None:
            raise self._error

    def _on_event(self, event: Any) -> None:
        match event.type:
            case proton.Event.DELIVERY:  # first, as there is one for each message
                self._delivery(event)
            case proton.Event.LINK_FLOW:
                end = self._links.get((event.link.is_sender, event.link.name))
                if isinstance(end, AmqpSender):
                    end.credited()
            case proton.Event.LINK_REMOTE_OPEN:
                self._link_opened(event.link)
            case proton.Event.LINK_REMOTE_CLOSE | proton.Event.LINK_REMOTE_DETACH:
                self._link_closed(event.link)
            case proton.Event.SESSION_REMOTE_CLOSE:
                self._close_with(
                    error_of(event.session.remote_condition, f"broker {self._name}: session")
                )
            case proton.Event.CONNECTION_REMOTE_OPEN:
                self._opened()
            case proton.Event.CONNECTION_REMOTE_CLOSE:
                self._close_with(error_of(self._proton.remote_condition, f"broker {self._name}"))
            case proton.Event.TRANSPORT_ERROR:
                self._lose(error_of(self.engine.transport.condition, f"broker {self._name}"))

    def _opened(self) -> None:
        # A broker that refuses opens first, says so in a property, and closes at once with the reason.
        refused = "amqp:connection-establishment-failed" in (self._proton.remote_properties or {})
        if not refused and not self.opened.done():
            self.opened.set_result(None)

    def _delivery(self, event: Any) -> None:
        link = event.link
        end = self._links.get((link.is_sender, link.name))
        if isinstance(end, AmqpSubscription):
            end.take()
        elif isinstance(end, AmqpSender):
            end.answered(event.delivery)

    def _link_opened(self, link: Any) -> None:
        end = self._links.get((link.is_sender, link.name))
        # A refusing broker answers with an empty terminus, and closes the link with the reason next.
        remote = link.remote_target if link.is_sender else link.remote_source
        if end is not None and remote.address is not None:
            end.opened()

    def _link_closed(self, link: Any) -> None:
        end = self._links.pop((link.is_sender, link.name), None)
        if end is not None:
            end.end(error_of(link.remote_condition, f"broker {self._name}: {end.purpose}"))
        link.close()
        self.engine.wake()

    def _close_with(self, error: TransportError) -> None:
        self._lose(error)
        self._proton.close()
        self.engine.wake()

    def _on_end(self, error: Exception | None) -> None:
        if isinstance(error, ssl.SSLError):
            self._lose(TransportRefused(f"broker {self._name}: TLS failed: {_line(error)}"))
        else:
            self._lose(
                TransportLost(
                    f"broker {self._name}: connection lost{f': {_line(error)}' if error else ''}"
                )
            )
        if not self._closed.done():
            self._closed.set_result(None)

    def _lose(self, error: TransportError) -> None:
        if self._error is None:
            self._error = error
        if not self.opened.done():
            self.opened.set_exception(self._error)
            self.opened.exception()
        for end in self._links.values():
            end.end(self._error)
        self._links.clear()


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
