"""Java messages of the ActiveMQ client as our own, and back."""

import json
from datetime import UTC, datetime
from typing import Any

from jms_transport.destination import Destination
from jms_transport.port import BROKER_NOTES, IncomingMessage, OutgoingMessage, PropertyValue

_COMMANDS = "org.apache.activemq.command."
_INT_32 = range(-(2**31), 2**31)


def incoming(jpype: Any, message: Any, destination: Destination) -> IncomingMessage:
    """Read a received message; compressed bodies arrive inflated."""
    reply_to = message.getJMSReplyTo()
    sent_at = message.getJMSTimestamp()
    return IncomingMessage(
        body=_body(jpype, message),
        message_id=_text(message.getJMSMessageID()),
        correlation_id=_text(message.getJMSCorrelationID()),
        reply_to=_text(reply_to.getQualifiedName()) if reply_to is not None else "",
        destination=destination.address,
        delivery_count=int(message.getRedeliveryCounter()) + 1,
        sent_at=datetime.fromtimestamp(int(sent_at) / 1000, UTC) if sent_at else None,
        properties=_properties(message),
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


def _body(jpype: Any, message: Any) -> str | bytes:
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQTextMessage")):
        return _text(message.getText())
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQBytesMessage")):
        content = jpype.JArray(jpype.JByte)(int(message.getBodyLength()))
        message.readBytes(content)
        return bytes(memoryview(content))
    # Nothing here can read the other kinds, but a person must be able to see what it was.
    if isinstance(message, jpype.JClass(_COMMANDS + "ActiveMQMapMessage")):
        entries = {
            str(entry.getKey()): str(entry.getValue())
            for entry in message.getContentMap().entrySet()
        }
        return json.dumps(entries, ensure_ascii=False)
    content = message.getContent()
    return bytes(memoryview(content.toArray())) if content is not None else ""


def _properties(message: Any) -> dict[str, PropertyValue]:
    found: dict[str, PropertyValue] = {}
    for entry in message.getProperties().entrySet():
        name, value = str(entry.getKey()), entry.getValue()
        if name.startswith(BROKER_NOTES):
            continue
        match str(value.getClass().getName()):
            case "java.lang.Boolean":
                found[name] = bool(value)
            case "java.lang.Float" | "java.lang.Double":
                found[name] = float(value)
            case "java.lang.Byte" | "java.lang.Short" | "java.lang.Integer" | "java.lang.Long":
                found[name] = int(value)
            case _:
                found[name] = str(value)
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)
