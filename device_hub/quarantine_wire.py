"""Translation of quarantined messages between the contract and what is stored."""

from datetime import datetime
from typing import Any

from meterpark.device_hub.v1.quarantine_pb2 import QuarantinedMessage, QuarantineState

from device_hub.quarantine import STATES
from device_hub.wire import from_timestamp, to_timestamp
from service_chassis.refusals import argument_invalid

Document = dict[str, Any]

BODY_LIMIT_BYTES = 4 * 1024 * 1024
_ID_LIMIT = 128
_TEXT_LIMIT = 4096
_PREFIX = "QUARANTINE_STATE_"
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
    if len(message.body) > BODY_LIMIT_BYTES:
        raise argument_invalid("body", f"has more than {BODY_LIMIT_BYTES} bytes")
    received_at = from_timestamp(message.received_time) if message.HasField("received_time") else at
    texts = {name: str(getattr(message, name))[:_TEXT_LIMIT] for name in _TEXTS}
    return {
        "_id": message.quarantine_id,
        **texts,
        "received_at": received_at,
        "body": message.body,
        "body_size_bytes": message.body_size_bytes or len(message.body),
        "truncated": message.truncated,
    }


def to_message(document: Document) -> QuarantinedMessage:
    return QuarantinedMessage(
        quarantine_id=document["_id"],
        **{name: document.get(name, "") for name in _TEXTS},
        received_time=to_timestamp(document["received_at"]),
        body=document.get("body", b""),
        body_size_bytes=document["body_size_bytes"],
        state=QuarantineState.Value(_PREFIX + document["state"]),
        replay_count=document["replay_count"],
        quarantined_time=to_timestamp(document["quarantined_at"]),
        changed_time=to_timestamp(document["changed_at"]),
        truncated=document["truncated"],
    )


def to_state(state: QuarantineState.ValueType) -> str | None:
    """Return the stored word for a state of the contract; None for "all"."""
    if state == QuarantineState.QUARANTINE_STATE_UNSPECIFIED:
        return None
    word = _name(state)
    if word not in STATES:
        raise argument_invalid("state", f"{state} is not a state")
    return word


def _name(state: QuarantineState.ValueType) -> str:
    try:
        return QuarantineState.Name(state).removeprefix(_PREFIX)
    except ValueError:
        return ""
