"""Translates quarantined messages between the contract and their stored form."""

from datetime import datetime
from typing import Any

from meterpark.device_hub.v1.quarantine_pb2 import (
    QuarantinedBodyPart,
    QuarantinedCount,
    QuarantinedMessage,
    QuarantineState,
)

from contract_limits import QUARANTINED_BODY_BYTES, QUARANTINED_PART_BYTES
from device_hub.quarantine.bodies import BodyPart
from device_hub.quarantine.counts import ReasonCount
from device_hub.wire.reports import from_timestamp
from service_chassis.refusals import argument_invalid
from service_chassis.times import to_timestamp
from service_chassis.words import write_word

Document = dict[str, Any]

_ID_LIMIT = 128
_TEXT_LIMIT = 4096
_TEXTS = (
    "source",
    "network",
    "destination",
    "message_id",
    "verb",
    "noun",
    "reason",
    "detail",
    "place",
    "body_kind",
)


def to_document(message: QuarantinedMessage, at: datetime) -> Document:
    """Return the document to store; CallRefused names the field that is wrong."""
    if not 0 < len(message.quarantine_id) <= _ID_LIMIT:
        raise argument_invalid("quarantine_id", f"needs 1 to {_ID_LIMIT} characters")
    if not message.reason:
        raise argument_invalid("reason", "is empty")
    if len(message.body) > QUARANTINED_PART_BYTES:
        raise argument_invalid(
            "body", f"has more than {QUARANTINED_PART_BYTES} bytes: send it in parts"
        )
    if len(message.body_id) > _ID_LIMIT:
        raise argument_invalid("body_id", f"has more than {_ID_LIMIT} characters")
    if message.body_id and not 0 < message.kept_size_bytes <= QUARANTINED_BODY_BYTES:
        raise argument_invalid("kept_size_bytes", f"must be 1 to {QUARANTINED_BODY_BYTES}")
    if message.body_id and message.body:
        raise argument_invalid("body", "is given beside a body in parts")
    received_at = from_timestamp(message.received_time) if message.HasField("received_time") else at
    texts = {name: str(getattr(message, name))[:_TEXT_LIMIT] for name in _TEXTS}
    return {
        "_id": message.quarantine_id,
        **texts,
        "received_at": received_at,
        "body": message.body,
        "body_size_bytes": message.body_size_bytes or len(message.body),
        "truncated": message.truncated,
        "body_id": message.body_id,
        "kept_size_bytes": message.kept_size_bytes if message.body_id else len(message.body),
    }


def to_part(part: QuarantinedBodyPart) -> BodyPart:
    """Return the part to store; CallRefused names the field that is wrong."""
    for name in ("quarantine_id", "body_id"):
        if not 0 < len(getattr(part, name)) <= _ID_LIMIT:
            raise argument_invalid(f"body_parts.{name}", f"needs 1 to {_ID_LIMIT} characters")
    if not 0 < len(part.content) <= QUARANTINED_PART_BYTES:
        raise argument_invalid("body_parts.content", f"needs 1 to {QUARANTINED_PART_BYTES} bytes")
    if not 0 <= part.offset < QUARANTINED_BODY_BYTES:
        raise argument_invalid("body_parts.offset", f"must be below {QUARANTINED_BODY_BYTES}")
    return BodyPart(
        quarantine_id=part.quarantine_id,
        body_id=part.body_id,
        offset=part.offset,
        content=part.content,
    )


def to_message(document: Document) -> QuarantinedMessage:
    """Return the message; of a body in parts only its size."""
    return QuarantinedMessage(
        quarantine_id=document["_id"],
        **{name: document.get(name, "") for name in _TEXTS},
        received_time=to_timestamp(document["received_at"]),
        body=document.get("body", b""),
        body_size_bytes=document["body_size_bytes"],
        state=write_word(QuarantineState, document["state"]),
        replay_count=document["replay_count"],
        quarantined_time=to_timestamp(document["quarantined_at"]),
        changed_time=to_timestamp(document["changed_at"]),
        truncated=document["truncated"],
        body_id=document.get("body_id", ""),
        # Older messages, from before bodies had parts, have no such size; lists come without the body.
        kept_size_bytes=document.get("kept_size_bytes", len(document.get("body", b""))),
        replay_id=document.get("replay_id", ""),
        replay_username=document.get("replay_username", ""),
    )


def to_count(count: ReasonCount) -> QuarantinedCount:
    """Return the count as it travels."""
    return QuarantinedCount(
        reason=count.reason,
        open_count=count.open_count,
        replay_requested_count=count.replay_requested_count,
        resolved_count=count.resolved_count,
        oldest_time=None if count.oldest_at is None else to_timestamp(count.oldest_at),
        newest_time=None if count.newest_at is None else to_timestamp(count.newest_at),
    )
