"""What goes to the hub's quarantine, and keeping at it until it lies there."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from iec_connector.forwarding.forwarding import HubUnavailable
from iec_connector.understanding.secrets import strip_secrets
from jms_transport import IncomingMessage
from service_chassis.retries import Backoff, Retries

REPORT_REFUSED = "REPORT_REFUSED"
"""The hub refused reports of a message that could be read."""

CONNECTOR_DEFECT = "CONNECTOR_DEFECT"
"""Reading the message ended in a defect of the connector; its log has the trace."""

READING_TOO_LONG = "READING_TOO_LONG"
"""Reading a large message took longer than `IEC_CONNECTOR_READING_SECONDS` and was given up."""

BODY_LOST = "BODY_LOST"
"""A message to be read again is incomplete in the quarantine: parts of its body are missing."""

SOURCE_UNKNOWN = "SOURCE_UNKNOWN"
"""A message to be read again is of a source that this connector's configuration does not have."""

_DETAIL_CHARACTERS = 4000
_BEGINNING_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why a message, or a part of it, could not be taken."""

    reason: str
    detail: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """One message for the quarantine; ``body`` is without secrets, and cut off when ``truncated``."""

    quarantine_id: str
    source: str
    network: str
    destination: str
    message_id: str
    verb: str
    noun: str
    received_at: datetime
    complaint: Complaint
    body: bytes
    body_kind: str
    body_size_bytes: int
    truncated: bool


def quarantine_id(network: str, message_id: str, body: str | bytes) -> str:
    """The same message again has the same id: a hash over network, Header/MessageID (or "") and the whole body."""
    digest = hashlib.sha256()
    for part in (network.encode(), message_id.encode("utf-8", "surrogatepass"), as_bytes(body)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def storable_body(body: str | bytes, limit: int) -> tuple[bytes, bool]:
    """The body without secrets, and False; its beginning and True when it is longer than ``limit`` bytes."""
    # Two calls: each returns the type of its argument.
    stripped = strip_secrets(body) if isinstance(body, bytes) else as_bytes(strip_secrets(body))
    if len(stripped) > limit:
        return stripped[: min(limit, _BEGINNING_BYTES)], True
    return stripped, False


def body_kind(message: IncomingMessage) -> str:
    """``text`` or ``bytes``, as the JMS message was; of an illegible one what its body is, e.g. ``amqp``."""
    if message.illegible is not None:
        return message.illegible.kind
    return "text" if isinstance(message.body, str) else "bytes"


def shortened(detail: str) -> str:
    """A detail in a readable length."""
    return detail if len(detail) <= _DETAIL_CHARACTERS else detail[: _DETAIL_CHARACTERS - 1] + "…"


def as_bytes(body: str | bytes) -> bytes:
    """The body as it is kept: UTF-8, in which half a surrogate pair stays what it is."""
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body


class Quarantine:
    """Stores entries at the hub, for as long as that takes."""

    def __init__(
        self,
        store: Callable[[Sequence[QuarantineEntry]], Awaitable[None]],
        backoff: Backoff,
        at_once: int = 4,
    ) -> None:
        self._store = store
        self._retries = Retries("store in the quarantine", backoff)
        self._at_once = asyncio.Semaphore(at_once)  # entries are large

    async def keep(self, entry: QuarantineEntry) -> None:
        """Return when the entry is stored. Raises HubRefused when the hub will never take it."""
        async with self._at_once:
            await self._retries.of_one().until_done(lambda: self._store([entry]), HubUnavailable)
