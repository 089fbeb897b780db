"""Java messages of the ActiveMQ client as our own, and back.

What is odd beside the body (a time that does not exist, half a surrogate pair in a name) is left out or shown with
escapes. A message of which the body cannot be read is illegible: it comes with what the Java client holds of it.
"""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from jms_transport.content_coding import Unpackable, inflated_size
from jms_transport.destination import Destination
from jms_transport.port import (
    BROKER_NOTES,
    CONTENT_ENCODING,
    MESSAGE_MALFORMED,
    Illegible,
    IncomingMessage,
    OutgoingMessage,
    PropertyValue,
)

log = structlog.get_logger()

_T = TypeVar("_T")

_COMMANDS = "org.apache.activemq.command."
_INT_32 = range(-(2**31), 2**31)
_MOST_INFLATED_BYTES = (
    64 * 1024 * 1024
)  # the Java machine has a heap of 512 MiB, and two bytes per character


def incoming(
    jpype: Any, message: Any, destination: Destination, most_bytes: int
) -> IncomingMessage:
    """Read a received message; compressed bodies arrive inflated. Raises nothing for what the message is."""
    body: str | bytes
    try:
        _refuse_bomb(jpype, message, min(most_bytes, _MOST_INFLATED_BYTES))
        body, illegible = _body(jpype, message), None
    except Unpackable as error:
        body = _held(message)
        illegible = Illegible(
            reason=CONTENT_ENCODING, detail=str(error), place="body", kind="bytes"
        )
    except Exception as error:  # noqa: BLE001 - Java's and our own: one message must not end the subscription
        detail = f"the body cannot be read: {_name_of(error)}"
        log.warning("message cannot be read", destination=destination.address, reason=detail)
        body = _held(message)
        illegible = Illegible(reason=MESSAGE_MALFORMED, detail=detail, place="body", kind="bytes")
    return IncomingMessage(
        body=body,
        message_id=_or("", lambda: encodable(text_of(message.getJMSMessageID()))),
        correlation_id=_or("", lambda: encodable(text_of(message.getJMSCorrelationID()))),
        reply_to=_or("", lambda: _reply_to(message)),
        destination=destination.address,
        delivery_count=_or(1, lambda: int(message.getRedeliveryCounter()) + 1),
        sent_at=_or(None, lambda: _sent_at(message)),
        properties=_or({}, lambda: _properties(message)),
        illegible=illegible,
    )


def outgoing(jpype: Any, session: Any, message: OutgoingMessage) -> Any:
    """Make a message of the session."""
    if isinstance(message.body, str):
        made = session.createTextMessage(message.body)
    else:
        made = session.createBytesMessage()
        made.writeBytes(jpype.JArray(jpype.JByte)(message.body))
    if message.correlation_id:
        made.setJMSCorrelationID(message.correlation_id)
    if message.reply_to:
        made.setJMSReplyTo(java_destination(jpype, Destination.parse(message.reply_to)))
    for name, value in message.properties.items():
        match value:
            case bool():
                made.setBooleanProperty(name, value)
            case int() if value in _INT_32:
                made.setIntProperty(name, value)
            case int():
                made.setLongProperty(name, value)
            case float():
                made.setDoubleProperty(name, value)
            case str():
                made.setStringProperty(name, value)
    return made


def java_destination(jpype: Any, destination: Destination, options: str = "") -> Any:
    """An ActiveMQQueue or ActiveMQTopic."""
    kind = "ActiveMQQueue" if destination.kind == "queue" else "ActiveMQTopic"
    return jpype.JClass(_COMMANDS + kind)(destination.name + options)


def text_of(value: Any) -> str:
    """Return a Java string as text; half a surrogate pair in it stays one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # JPype's str() fails on half a pair, or makes one character of it and the next; plain text it reads at once.
    with contextlib.suppress(UnicodeDecodeError):
        if (text := str(value)).isascii():
            return text
    return bytes(memoryview(value.toCharArray())).decode("utf-16-le", "surrogatepass")


def encodable(text: str) -> str:
    """Return the text with each half of a surrogate pair written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _or(otherwise: _T, read: Callable[[], _T]) -> _T:
    """Return the value, or ``otherwise`` when it cannot be read."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - whatever stands there, the message itself is not spoilt by it
        return otherwise


def _reply_to(message: Any) -> str:
    reply_to = message.getJMSReplyTo()
    return encodable(text_of(reply_to.getQualifiedName())) if reply_to is not None else ""


def _sent_at(message: Any) -> datetime | None:
    milliseconds = int(message.getJMSTimestamp())
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


def _refuse_bomb(jpype: Any, message: Any, most_bytes: int) -> None:
    """Raise Unpackable before Java inflates what is too large, or makes an array as long as the message says."""
    content = message.getContent() if message.isCompressed() else None
    if content is None:
        return
    packed = _bytes_of(content)
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQBytesMessage")):
        told, packed = int.from_bytes(packed[:4], "big"), packed[4:]
    else:
        told = 0
    if max(told, inflated_size(packed, most_bytes)) > most_bytes:
        raise Unpackable(f"the packed body holds more than {most_bytes} bytes")


def _held(message: Any) -> bytes:
    """What the Java client holds of the body."""
    return _or(b"", lambda: _bytes_of(message.getContent()))


def _bytes_of(content: Any) -> bytes:
    return bytes(memoryview(content.toArray())) if content is not None else b""


def _name_of(error: Exception) -> str:
    name = str(error.getClass().getName()) if hasattr(error, "getClass") else type(error).__name__
    said = _or(
        "", lambda: " ".join(encodable(text_of(getattr(error, "getMessage", str)())).split())
    )
    return f"{name}: {said[:200]}" if said else name


def _body(jpype: Any, message: Any) -> str | bytes:
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQTextMessage")):
        return text_of(message.getText())
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQBytesMessage")):
        content = jpype.JArray(jpype.JByte)(int(message.getBodyLength()))
        message.readBytes(content)
        return bytes(memoryview(content))
    # Other kinds are unreadable here, but an operator must be able to see what they were.
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQMapMessage")):
        names = message.getMapNames()
        entries: dict[str, str] = {}
        while names.hasMoreElements():
            name = names.nextElement()
            entries[encodable(text_of(name))] = _shown(jpype, message.getObject(name))
        return json.dumps(entries, ensure_ascii=False)
    content = message.getContent()
    return _bytes_of(content) if content is not None else ""


def _shown(jpype: Any, value: Any) -> str:
    if isinstance(value, jpype.JArray(jpype.JByte)):
        return bytes(memoryview(value)).hex()
    return encodable(text_of(value if value is None else value.toString()))


def _properties(message: Any) -> dict[str, PropertyValue]:
    found: dict[str, PropertyValue] = {}
    for entry in message.getProperties().entrySet():
        name, value = encodable(text_of(entry.getKey())), entry.getValue()
        if name.startswith(BROKER_NOTES):
            continue
        match str(value.getClass().getName()) if value is not None else "":
            case "":
                continue
            case "java.lang.Boolean":
                found[name] = bool(value)
            case "java.lang.Float" | "java.lang.Double":
                found[name] = float(value)
            case "java.lang.Byte" | "java.lang.Short" | "java.lang.Integer" | "java.lang.Long":
                found[name] = int(value)
            case _:
                found[name] = encodable(text_of(value.toString()))
    return found
