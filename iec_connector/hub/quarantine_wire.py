"""Translates quarantined messages into the hub's contract, and back; escapes what its strings cannot hold."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import quarantine_pb2

from iec_connector.quarantine import BODY_LOST, Complaint, QuarantineEntry

IN_ONE_BYTES = 1024 * 1024
"""A body up to this travels, and lies, with its entry; a larger one in parts."""

PART_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedReplay:
    """A quarantined message to be read again, ours until the lease ends."""

    quarantine_id: str
    lease: str
    source: str
    destination: str
    message_id: str
    received_at: datetime
    body: str | bytes
    body_kind: str
    complaint: Complaint | None = None
    """Why it cannot even be read: the quarantine has not all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedReplay:
    """How the reading went; without a complaint it is resolved."""

    quarantine_id: str
    lease: str
    complaint: Complaint | None


def entry_to_wire(entry: QuarantineEntry) -> quarantine_pb2.QuarantinedMessage:
    """The message of an entry; a large body is left out, :func:`parts_of` gives it."""
    in_parts = len(entry.body) > IN_ONE_BYTES
    received = Timestamp()
    received.FromDatetime(entry.received_at)
    return quarantine_pb2.QuarantinedMessage(
        quarantine_id=entry.quarantine_id,
        source=entry.source,
        network=_encodable(entry.network),
        destination=_encodable(entry.destination),
        message_id=_encodable(entry.message_id),
        verb=_encodable(entry.verb),
        noun=_encodable(entry.noun),
        received_time=received,
        reason=entry.complaint.reason,
        detail=_encodable(entry.complaint.detail),
        place=_encodable(entry.complaint.place),
        body=b"" if in_parts else entry.body,
        body_id=_body_id(entry) if in_parts else "",
        kept_size_bytes=len(entry.body),
        body_kind=entry.body_kind,
        body_size_bytes=entry.body_size_bytes,
        truncated=entry.truncated,
    )


def parts_of(entry: QuarantineEntry) -> Iterator[quarantine_pb2.QuarantinedBodyPart]:
    """The parts of a large body; none of a small one, which travels in its entry."""
    if len(entry.body) <= IN_ONE_BYTES:
        return
    body_id = _body_id(entry)
    for offset in range(0, len(entry.body), PART_BYTES):
        yield quarantine_pb2.QuarantinedBodyPart(
            quarantine_id=entry.quarantine_id,
            body_id=body_id,
            offset=offset,
            content=entry.body[offset : offset + PART_BYTES],
        )


def claimed_from_wire(replay: quarantine_pb2.ClaimedReplay, body: bytes) -> ClaimedReplay:
    """A claimed message with its body."""
    message = replay.message
    missing = message.kept_size_bytes - len(body) if message.body_id else 0
    return ClaimedReplay(
        quarantine_id=message.quarantine_id,
        lease=replay.lease,
        source=message.source,
        destination=message.destination,
        message_id=message.message_id,
        received_at=message.received_time.ToDatetime(UTC),
        body=_as_it_was(body, message.body_kind),
        body_kind=message.body_kind,
        complaint=_body_lost(len(body), missing) if missing else None,
    )


def _body_lost(found: int, missing: int) -> Complaint:
    detail = f"the quarantine has {found} bytes of {found + missing}"
    return Complaint(reason=BODY_LOST, detail=detail)


def _body_id(entry: QuarantineEntry) -> str:
    return hashlib.sha256(entry.body).hexdigest()[:32]


def _as_it_was(body: bytes, body_kind: str) -> str | bytes:
    if body_kind != "text":
        return body
    try:
        return body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace")


def _encodable(text: str) -> str:
    """What a message says may hold half a surrogate pair, which no string of the contract can."""
    return text.encode("utf-8", "backslashreplace").decode()


def completed_to_wire(one: CompletedReplay) -> quarantine_pb2.CompletedReplay:
    """How the reading went."""
    complaint = one.complaint
    return quarantine_pb2.CompletedReplay(
        quarantine_id=one.quarantine_id,
        lease=one.lease,
        resolved=complaint is None,
        reason=complaint.reason if complaint else "",
        detail=_encodable(complaint.detail) if complaint else "",
        place=_encodable(complaint.place) if complaint else "",
    )
