"""The ResponseMessage that a head-end system gets when its message says AckRequired (IEC 61968-100).

Addresses come from outside: only those that the configuration allows are used, and ``NONE``, ``Default``, ``?`` and
URLs are what real messages carry there. A reply that fails is logged; it never holds up a message (``desk``).
"""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import structlog
from lxml import etree

from iec_connector.reading.reading import Result
from iec_connector.understanding import Header
from jms_transport import (
    Connection,
    Destination,
    DestinationError,
    OutgoingMessage,
    TransportError,
    TransportLost,
)
from service_chassis.retries import Backoff

log = structlog.get_logger()

_NAMESPACE = "http://iec.ch/TC57/2011/schema/message"
_NO_ADDRESS = {"", "none", "default", "?"}
_ATTEMPTS = 3
ATTEMPT_SECONDS = 5.0
_PAUSE = Backoff(first_seconds=0.2, ceiling_seconds=1.0)
_MOST_ERRORS = 1000
_DETAIL_CHARACTERS = 500


def reply_destination(header: Header, reply_to: str, allowed: Sequence[str]) -> Destination | None:
    """Where to reply: Header/ReplyAddress, else JMSReplyTo, if ``allowed`` has it (``*`` at its end: any ending)."""
    for address in (header.reply_address, reply_to):
        address = address.strip()  # noqa: PLW2901
        if address.lower() in _NO_ADDRESS:
            continue
        if "://" not in address:
            address = f"queue://{address}"  # noqa: PLW2901
        try:
            destination = Destination.parse(address)
        except DestinationError:
            continue
        if any(_fits(destination.address, pattern) for pattern in allowed):
            return destination
    return None


def response(header: Header, result: Result, at: datetime) -> OutgoingMessage:
    """The answer: OK, PARTIAL, or FAILED, with one Error for each part that was not taken."""
    correlation_id = header.message_id or header.correlation_id
    root = etree.Element(f"{{{_NAMESPACE}}}ResponseMessage", nsmap={None: _NAMESPACE})
    head = _child(root, "Header")
    _child(head, "Verb", "reply")
    _child(head, "Noun", header.noun)
    _child(head, "Timestamp", at.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    _child(head, "Source", "meterpark")
    _child(head, "MessageID", str(uuid.uuid4()))
    if correlation_id:
        _child(head, "CorrelationID", correlation_id)
    reply = _child(root, "Reply")
    failure = "PARTIAL" if result.taken_count else "FAILED"
    outcome = failure if result.refused else "OK"
    _child(reply, "Result", outcome)
    for part in result.refused[:_MOST_ERRORS]:
        error = _child(reply, "Error")
        _child(error, "code", part.reason)
        _child(error, "level", "FATAL")
        _child(error, "reason", part.reason)
        _child(error, "details", f"part {part.index}: {part.detail[:_DETAIL_CHARACTERS]}")
        if part.place:
            _child(error, "xpath", part.place)
    body = etree.tostring(root, encoding="unicode")
    return OutgoingMessage(body=body, correlation_id=correlation_id)


class Sent(StrEnum):
    """What became of a reply."""

    DONE = "done"
    NOT = "not"
    NO_ANSWER = "no answer"


async def send_reply(
    connection: Connection,
    destination: Destination,
    message: OutgoingMessage,
    attempt_seconds: float = ATTEMPT_SECONDS,
) -> Sent:
    """Send with a few attempts; one log line when it did not work."""
    why = ""
    became = Sent.NOT
    for attempt in range(_ATTEMPTS):
        try:
            async with asyncio.timeout(attempt_seconds):
                await connection.send(destination, message)
        except TimeoutError:
            why = f"no answer in {attempt_seconds:.0f} s"
            became = Sent.NO_ANSWER
            break  # the queue takes nothing now: others wait behind this one
        except TransportLost as error:
            why = str(error)
        except TransportError as error:
            why = str(error)
            break  # refused: the same again is refused again
        else:
            return Sent.DONE
        await asyncio.sleep(_PAUSE.seconds(attempt))
    log.warning("reply not sent", destination=destination.address, why=why)
    return became


def _fits(address: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return address.startswith(pattern[:-1])
    return address == pattern


def _child(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    child = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}")
    if text:
        child.text = "".join(
            character if _allowed_in_xml(character) else "\N{REPLACEMENT CHARACTER}"
            for character in text
        )
    return child


def _allowed_in_xml(character: str) -> bool:
    return (
        character in "\t\n"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character > "\uffff"
    )
