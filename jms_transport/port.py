"""The port: what the rest of the project knows about a broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from jms_transport.destination import Destination

PropertyValue: TypeAlias = str | int | float | bool

BROKER_NOTES = ("__AMQ_", "__HDR_", "_AMQ_")
"""How the names of properties begin that no sender wrote: Artemis keeps its own knowledge among them."""

DEFAULT_MAX_MESSAGE_BYTES = 100 * 1024 * 1024
"""What the stock configuration of ActiveMQ takes in one frame."""


class TransportError(Exception):
    """The broker, or the way to it, refuses. The error's text is one line for the user."""


class TransportLost(TransportError):
    """The connection is gone, or never came about: connect again.

    What was not accepted comes again; of a ``send`` that ended so it is unknown whether the broker has it.
    """


class TransportRefused(TransportError):
    """The broker will not do this: wrong user, wrong certificate, no permission. Trying again alone does not help."""


MESSAGE_MALFORMED = "MESSAGE_MALFORMED"
"""What the broker delivered is no message of its protocol, or one that this transport cannot read."""

CONTENT_ENCODING = "CONTENT_ENCODING"
"""The body is packed in a way that is not known, is broken, or would be too large when it is unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegible:
    """Why a transport cannot read a message: ``reason`` for programs, ``detail`` for operators, ``place`` in it.

    ``kind`` tells what the body is then: ``amqp`` the encoded AMQP message, ``bytes`` what the Java client holds.
    """

    reason: str
    detail: str
    place: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One JMS message as it came from the broker.

    ``body`` is ``str`` for a TextMessage and ``bytes`` for a BytesMessage. A JMS message of any other kind
    comes as text that shows its content, so that an operator can see what it was. The body's text may
    hold half a surrogate pair; every other text can be encoded.
    """

    body: str | bytes
    message_id: str
    correlation_id: str
    reply_to: str
    """``queue://NAME``, ``topic://NAME``, ``temp-queue://NAME``; empty when the sender wants no reply."""
    destination: str
    """Where the subscription took it from, e.g. ``queue://IEC20_PUSH``."""
    delivery_count: int
    """1 when the broker delivers it for the first time, as JMSXDeliveryCount counts."""
    sent_at: datetime | None
    """None where the sender gave no time, or none that exists."""
    properties: Mapping[str, PropertyValue]
    illegible: Illegible | None = None
    """Set when the transport cannot read the message; the body is then what arrived, byte for byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message to send: ``str`` becomes a TextMessage, ``bytes`` a BytesMessage.

    ``reply_to`` is a destination, e.g. ``queue://REPLY.HES``, or empty.
    """

    body: str | bytes
    correlation_id: str = ""
    reply_to: str = ""
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    persistent: bool = True


class Delivery(Protocol):
    """A message and the duty to settle it once."""

    @property
    def message(self) -> IncomingMessage: ...

    async def accept(self) -> None:
        """Acknowledge the message. Raises TransportLost when it will come again instead."""

    async def reject(self, reason: str) -> None:
        """Give the message to the broker's dead-letter queue; a redelivery plugin brings it back first."""


class Subscription(Protocol):
    """Messages of one destination, at most ``credit`` of them received and not settled."""

    async def receive(self) -> Delivery:
        """Wait for the next message. Raises TransportLost or TransportRefused when the subscription has ended."""

    def widen(self, by: int) -> None:
        """Raise the credit; a negative number lowers it again, as messages are settled."""

    def stop(self) -> None:
        """Ask the broker for no more messages. What was received can still be settled."""


class Connection(Protocol):
    """A live connection. Once lost it stays lost: dial again."""

    async def subscribe(self, destination: Destination, credit: int) -> Subscription:
        """Subscribe. Raises TransportRefused (no permission), TransportLost, ValueError (credit below 1)."""

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        """Send, and return when the broker has accepted the message (persistent: has stored it).

        Raises TransportRefused when the broker rejects it or it is too large, TransportLost when its fate is unknown.
        Waits while the broker takes no more, or too many sends are under way: bound it with a timeout.
        """

    async def close(self) -> None:
        """Close in good order. Deliveries that are not settled come again."""
