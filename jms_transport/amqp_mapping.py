"""JMS messages as AMQP 1.0 carries them, as ActiveMQ Classic (``transformer=jms``) and Artemis do it.

A TextMessage is an AmqpValue with a string, a BytesMessage a Data section. What JMS knows beyond AMQP lies in
message annotations ``x-opt-jms-*``.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import proton

from jms_transport.destination import Destination
from jms_transport.port import BROKER_NOTES, IncomingMessage, OutgoingMessage, PropertyValue

_REPLY_TO_SCHEMES = ("queue", "topic", "temp-queue", "temp-topic")
_ARTEMIS_OPENWIRE_ID = "__HDR_MESSAGE_ID"


def incoming(encoded: bytes, destination: Destination) -> IncomingMessage:
    """Decode one message; raises proton.ProtonException when the bytes are not an AMQP message."""
    message = proton.Message()
    message.decode(encoded)
    properties = message.properties or {}
    # Artemis gives a message of an OpenWire producer an id of its own, and keeps the producer's beside it.
    message_id = properties.get(_ARTEMIS_OPENWIRE_ID) or message.id
    return IncomingMessage(
        body=_body(message.body),
        message_id=_identifier(message_id),
        correlation_id=_identifier(message.correlation_id),
        reply_to=_reply_to(message),
        destination=destination.address,
        # AMQP counts the failed attempts before this one.
        delivery_count=message.delivery_count + 1,
        sent_at=datetime.fromtimestamp(sent, UTC) if (sent := message.creation_time) else None,
        properties=_properties(properties),
    )


def outgoing(
    message: OutgoingMessage, destination: Destination, write: Callable[[Destination], str]
) -> bytes:
    """Encode one message; ``write`` spells a destination as this broker wants it."""
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


def _body(body: Any) -> str | bytes:
    if isinstance(body, bytes | memoryview):
        return bytes(body)
    if isinstance(body, str):
        return str(body)
    if body is None:
        return ""
    # A MapMessage or StreamMessage: nothing here can read it, but a person must be able to see it.
    return json.dumps(body, default=str, ensure_ascii=False)


def _identifier(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    return str(value)


def _reply_to(message: Any) -> str:
    address = message.reply_to or ""
    if not address or "://" in address:
        return str(address)
    kind = (message.annotations or {}).get("x-opt-jms-reply-to", 0)
    scheme = _REPLY_TO_SCHEMES[kind] if isinstance(kind, int) and kind in range(4) else "queue"
    return f"{scheme}://{address}"


def _properties(properties: Mapping[str, Any]) -> dict[str, PropertyValue]:
    found: dict[str, PropertyValue] = {}
    for name, value in properties.items():
        if str(name).startswith(BROKER_NOTES):
            continue
        match value:
            case bool() | str():
                found[str(name)] = value
            case float():
                found[str(name)] = float(value)
            case int():
                found[str(name)] = int(value)
            case _:
                continue  # JMS knows no other kind
    return found
