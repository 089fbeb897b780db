"""The envelope: SOAP and other wrappings off, header read, kind of message known.

Roots that are taken: ``EventMessage``, ``RequestMessage``, ``ResponseMessage``, ``FaultMessage``, ``Message``; those
of strongly typed WSDLs (``CreatedEndDeviceEvents``, ``EndDeviceControlsResponseMessage``); the element of a noun
without any envelope; each of them inside SOAP 1.1 or 1.2 or a wrapper such as ``PublishEvent``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.envelope.reply import what_replies_say
from iec_connector.understanding.header import Header
from iec_connector.understanding.naming.identity import clipped
from iec_connector.understanding.nouns import noun_of, typed_root
from iec_connector.understanding.secret_places.assignments import without_secrets
from iec_connector.understanding.times import parse_time
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from iec_connector.understanding.element import Element

_KINDS = {
    "eventmessage": "event",
    "requestmessage": "request",
    "responsemessage": "response",
    "faultmessage": "fault",
    "message": "",
}
_MOST_WRAPPINGS = 6
_LONGEST_DETAIL = 500
# The header's texts go into each report of the message: a very long one must not be multiplied.
_LONGEST_FIELD = 256
_MOST_PROPERTIES = 100


@dataclass(frozen=True, slots=True)
class Envelope:
    """``message`` is the element that holds header and payload, or the noun's own when ``bare``.

    ``kind`` is ``event``, ``request``, ``response``, ``fault``, or ``""`` when the root does not show it.
    """

    message: Element
    kind: str
    bare: bool
    root_verb: str = ""
    root_noun: str = ""


def open_envelope(root: Element) -> Envelope:
    """Take the wrappings off.

    Raises:
        Unreadable: a SOAP fault, a namespace that is not allowed, or nothing known inside.
    """
    element = root
    for _ in range(_MOST_WRAPPINGS):
        _require_allowed(element)
        if element.name == "envelope":
            element = _soap_content(element)
            continue
        envelope = _as_envelope(element)
        if envelope is not None:
            return envelope
        element = _unwrapped(element)
    raise _unknown(root)


def _as_envelope(element: Element) -> Envelope | None:
    typed = typed_root(element.written_name)
    holds_message = element.first("header", "payload", "reply") is not None
    if element.name in _KINDS and (holds_message or _KINDS[element.name]):
        return Envelope(element, _KINDS[element.name], bare=False)
    if noun_of(element.name) is not None and not holds_message and typed is None:
        # A typed root (CreatedEndDeviceEvents) reads like a noun too, but holds a header.
        return Envelope(element, "", bare=True)
    if typed is not None:
        return Envelope(element, typed.kind, bare=False, root_verb=typed.verb, root_noun=typed.noun)
    return Envelope(element, "", bare=False) if holds_message else None


def _unwrapped(element: Element) -> Element:
    """What a wrapper holds: the one child that looks like a message, else the only child."""
    children = list(element)
    messages = [child for child in children if child.name and _as_envelope(child) is not None]
    if len(messages) > 1:
        raise Unreadable(
            Reason.ENVELOPE_UNKNOWN,
            f"{element.written_name} holds {len(messages)} messages; one is taken at a time",
            at=element,
        )
    if messages or len(children) == 1:
        return (messages or children)[0]
    raise _unknown(element)


def _soap_content(envelope: Element) -> Element:
    body = envelope.first("body")
    if body is None:
        raise Unreadable(Reason.ENVELOPE_UNKNOWN, "the SOAP envelope has no body", at=envelope)
    fault = body.first("fault")
    if fault is not None:
        code, text = fault.first("code"), fault.first("reason")
        said = [
            fault.text("faultcode") or (code.text("value") if code is not None else ""),
            fault.text("faultstring") or (text.text("text") if text is not None else ""),
        ]
        detail = fault.first("detail")
        said += [] if detail is None else _errors_in(detail)
        raise Unreadable(
            Reason.FAULT_MESSAGE,
            f"a SOAP fault: {', '.join(filter(None, said)) or 'without reason'}"[:_LONGEST_DETAIL],
            at=fault,
        )
    if body.is_leaf:
        raise Unreadable(Reason.PAYLOAD_MISSING, "the SOAP body is empty", at=body)
    return _unwrapped(body)


def _errors_in(detail: Element) -> list[str]:
    """What the replies in a fault's detail say, and its own text."""
    said = [without_secrets(clipped(detail.own_text, _LONGEST_DETAIL))]
    said += (what_replies_say(detail), *(what_replies_say(child) for child in detail))
    return said


def _require_allowed(element: Element) -> None:
    if not element.name:
        raise namespace_not_allowed(element)


def namespace_not_allowed(element: Element) -> Unreadable:
    """The element's namespace is not on the source's allow-list."""
    return Unreadable(
        Reason.NAMESPACE_NOT_ALLOWED,
        f"namespace {element.namespace[:200]!r} of {element.written_name} is not allowed for this source",
        at=element,
    )


def _unknown(element: Element) -> Unreadable:
    return Unreadable(
        Reason.ENVELOPE_UNKNOWN,
        f"{element.written_name} is no message of IEC 61968-100 and holds none",
        at=element,
    )


def header_of(envelope: Envelope, zone: tzinfo) -> Header:
    """Return what the header says; the root may supply a missing verb or noun."""
    element = None if envelope.bare else envelope.message.first("header")
    if element is None:
        return Header(verb=envelope.root_verb, noun=clipped(envelope.root_noun, _LONGEST_FIELD))
    properties: dict[str, str] = {}
    for entry in element.all("property")[:_MOST_PROPERTIES]:
        name = clipped(entry.text("name"), _LONGEST_FIELD)
        if name:
            properties.setdefault(name, clipped(entry.text("value"), _LONGEST_FIELD))

    def field(name: str) -> str:
        return clipped(element.text(name), _LONGEST_FIELD)

    return Header(
        verb=field("verb") or envelope.root_verb,
        noun=field("noun") or clipped(envelope.root_noun, _LONGEST_FIELD),
        message_id=field("messageid"),
        correlation_id=field("correlationid"),
        timestamp=_timestamp(element.text("timestamp"), zone),
        source=field("source"),
        context=field("context"),
        revision=field("revision"),
        ack_required=element.text("ackrequired").lower() in ("true", "1", "yes"),
        reply_address=field("replyaddress"),
        properties=properties,
    )


def _timestamp(text: str, zone: tzinfo) -> datetime | None:
    """Header/Timestamp, or ``None``: no device's state hangs on it, so an unreadable one fails nothing."""
    try:
        return parse_time(text, zone).at
    except ValueError:
        return None
