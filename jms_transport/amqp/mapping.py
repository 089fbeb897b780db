"""JMS messages as AMQP 1.0 carries them, as ActiveMQ Classic (``transformer=jms``) and Artemis do it.

A TextMessage is an AmqpValue with a string, a BytesMessage one or several Data sections. What JMS knows beyond AMQP
lies in message annotations ``x-opt-jms-*``. Senders that are no JMS clients pack bodies (``content-encoding``), name a
charset (``content-type``), and number messages with bytes, UUIDs or integers.

What is odd beside the body (a time that does not exist, text that is no UTF-8) is left out or shown with escapes and
spoils nothing. A message of which the body cannot be told is illegible: it comes as it is encoded, with the reason.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import proton
import structlog

from jms_transport.amqp.sections import NotAMessage, Sections, sections_of
from jms_transport.amqp.values import Garbled, Symbol, Value, text_of
from jms_transport.content_coding import Unpackable, unpacked, written_in
from jms_transport.destination import Destination
from jms_transport.port import (
    BROKER_NOTES,
    CONTENT_ENCODING,
    DEFAULT_MAX_MESSAGE_BYTES,
    MESSAGE_MALFORMED,
    Illegible,
    IncomingMessage,
    OutgoingMessage,
    PropertyValue,
)

log = structlog.get_logger()

AMQP = "amqp"
"""The kind of an illegible message's body: the encoded message."""

_REPLY_TO_SCHEMES = ("queue", "topic", "temp-queue", "temp-topic")
_ARTEMIS_OPENWIRE_ID = "__HDR_MESSAGE_ID"

# Fields of the properties section.
_MESSAGE_ID, _REPLY_TO, _CORRELATION_ID, _CONTENT_TYPE, _CONTENT_CODING, _CREATED = 0, 4, 5, 6, 7, 9


def incoming(
    encoded: bytes, destination: Destination, most_bytes: int = DEFAULT_MAX_MESSAGE_BYTES
) -> IncomingMessage:
    """Decode one message; a packed body has at most ``most_bytes``. Raises nothing for what the bytes are."""
    sections = Sections()
    try:
        sections = sections_of(encoded)
        body: str | bytes = _body(sections, most_bytes)
        illegible = None
    except NotAMessage as error:
        body, illegible = encoded, _illegible(MESSAGE_MALFORMED, error.detail, error.place)
    except Unpackable as error:
        body, illegible = encoded, _illegible(CONTENT_ENCODING, str(error), "content-encoding")
    except Exception as error:  # one message must not end the subscription
        log.exception("a message ended in a defect of the transport", address=destination.address)
        detail = f"{type(error).__name__} in the transport"
        body, illegible = encoded, _illegible(MESSAGE_MALFORMED, detail, "")
    return IncomingMessage(
        body=body,
        message_id=_message_id(sections),
        correlation_id=text_of(sections.property_at(_CORRELATION_ID)),
        reply_to=_reply_to(sections),
        destination=destination.address,
        # AMQP counts the failed attempts before this one.
        delivery_count=sections.delivery_count + 1,
        sent_at=_sent_at(sections.property_at(_CREATED)),
        properties=_properties(sections),
        illegible=illegible,
    )


def outgoing(
    message: OutgoingMessage, destination: Destination, write: Callable[[Destination], str]
) -> bytes:
    """Encode one message; ``write`` spells a destination as this broker expects it."""
    encoded = proton.Message(
        body=message.body,
        inferred=True,  # bytes become a Data section, which brokers turn into a BytesMessage
        durable=message.persistent,
        # Classic makes up an id where there is none, Artemis does not.
        id=f"ID:{uuid.uuid4()}",
        address=write(destination),
        creation_time=datetime.now(UTC).timestamp(),
        properties=dict(message.properties) or None,
    )
    if isinstance(message.body, bytes):
        encoded.content_type = "application/octet-stream"
    if message.correlation_id:
        encoded.correlation_id = message.correlation_id
    if message.reply_to:
        encoded.reply_to = write(Destination.parse(message.reply_to))
    return bytes(encoded.encode())


def _illegible(reason: str, detail: str, place: str) -> Illegible:
    return Illegible(reason=reason, detail=detail, place=place, kind=AMQP)


def _body(sections: Sections, most_bytes: int) -> str | bytes:
    if sections.data:
        coding = text_of(sections.property_at(_CONTENT_CODING))
        content_type = text_of(sections.property_at(_CONTENT_TYPE))
        return written_in(unpacked(b"".join(sections.data), coding, most_bytes), content_type)
    if sections.sequences:
        found: Value = [each for part in sections.sequences for each in _listed(part)]
    else:
        found = sections.values[0] if sections.values else None
    match found:
        case str() as text:
            return text
        case Garbled(raw):
            return raw  # the reader reports where it is not text
        case bytes() as content:
            return content
        case _:
            # A MapMessage, a StreamMessage: unreadable here, but an operator must be able to see it.
            return text_of(found)


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _message_id(sections: Sections) -> str:
    # Artemis gives a message of an OpenWire producer an id of its own, and keeps the producer's beside it.
    kept = sections.application.get(_ARTEMIS_OPENWIRE_ID)
    return text_of(kept) or text_of(sections.property_at(_MESSAGE_ID))


def _sent_at(milliseconds: Value) -> datetime | None:
    if not isinstance(milliseconds, int) or not milliseconds:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _reply_to(sections: Sections) -> str:
    address = text_of(sections.property_at(_REPLY_TO))
    if not address or "://" in address:
        return address
    kind = sections.annotations.get("x-opt-jms-reply-to", 0)
    scheme = _REPLY_TO_SCHEMES[kind] if isinstance(kind, int) and kind in range(4) else "queue"
    return f"{scheme}://{address}"


def _properties(sections: Sections) -> dict[str, PropertyValue]:
    found: dict[str, PropertyValue] = {}
    for name, value in sections.application.items():
        if name.startswith(BROKER_NOTES):
            continue
        match value:
            case bool() | int() | float():
                found[name] = value
            case str() | Garbled() | Symbol():
                found[name] = text_of(value)
            case _:
                continue  # JMS knows no other kind
    return found
