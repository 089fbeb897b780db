"""When and how a message is settled at the broker.

A message is accepted once each of its reports has a final verdict and, when a part of it was refused, the hub's
quarantine holds it. An unreadable message is *accepted* too, after the quarantine holds it, and not rejected: the
quarantine is the one place where operators look and can replay, and where secrets are stripped. A rejected message
would also come back from the broker's redelivery several times and end, with its secrets, in a second place. Only what
the hub will never take, not even into its quarantine, is rejected to the broker's dead-letter queue, and so is a
message that is longer than the quarantine's limit: its beginning lies in the quarantine, and says so.

A defect of the connector concerns the message that met it: the broker's dead-letter queue keeps it, and the next one
is settled. A reply is sent after the message is settled, aside: its sender never holds up the source.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import HubRefused
from iec_connector.quarantine import (
    Complaint,
    Quarantine,
    QuarantineEntry,
    as_bytes,
    body_kind,
    quarantine_id,
    shortened,
    storable_body,
)
from iec_connector.reading.reading import Reading, Result, Unread
from iec_connector.replies.desk import ReplyDesk
from iec_connector.replies.response import reply_destination, response
from jms_transport import Connection, Delivery, IncomingMessage, TransportLost

log = structlog.get_logger()


_STRIP_ASIDE = 256 * 1024
"""Secrets of longer bodies are stripped on a thread, so that the loop can go on answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Settles the messages of one source."""

    source: str
    quarantine: Quarantine
    quarantined_body_bytes: int
    replies_to: tuple[str, ...]
    replies: ReplyDesk
    counters: Counters
    now: Callable[[], datetime]

    async def settle(
        self, connection: Connection, delivery: Delivery, reading: Reading, received_at: datetime
    ) -> Result | None:
        """Wait for the verdicts, act on them, then settle the delivery, once.

        Return what became of the message; None: it was not settled, or a defect was met.
        """
        result, kept = await self._ready(delivery.message, reading, received_at)
        try:
            if kept:
                await delivery.accept()
            else:
                await delivery.reject("neither the hub nor its quarantine takes this message")
                self.counters.add("messages_rejected")
        except TransportLost:
            # It comes again and is recognised: report ids and quarantine ids are the same then.
            self.counters.add("lost_before_settling")
            return None
        except Exception as error:
            log.exception("a message could not be settled", source=self.source)
            raise TransportLost(f"settling ended in a defect: {type(error).__name__}") from error
        if result is not None:
            self._count(result)
            if kept:
                self._reply(connection, delivery.message, result)
        return result

    async def _ready(
        self, message: IncomingMessage, reading: Reading, received_at: datetime
    ) -> tuple[Result | None, bool]:
        """Return what became of the message, and whether all of it lies where it belongs."""
        result = None
        try:
            result = await reading.result()
            return result, await self._kept(message, result, received_at)
        except Exception:  # of this message alone: those behind it are settled
            log.exception(
                "a message ended in a defect, it goes to the broker's dead-letter queue",
                source=self.source,
                message_id=message.message_id,
            )
            return result, False

    async def _kept(self, message: IncomingMessage, result: Result, received_at: datetime) -> bool:
        """Put the message into the quarantine if it belongs there; False when the hub will never take it."""
        complaint = result.complaint
        if complaint is None:
            return True
        if len(message.body) > _STRIP_ASIDE:
            entry = await asyncio.to_thread(self._entry, message, result, complaint, received_at)
        else:
            entry = self._entry(message, result, complaint, received_at)
        try:
            await self.quarantine.keep(entry)
        except HubRefused:
            log.exception(
                "message goes to the broker's dead-letter queue",
                source=self.source,
                message_id=message.message_id,
                complaint=complaint.reason,
            )
            return False
        log.warning(
            "message in quarantine",
            source=self.source,
            quarantine_id=entry.quarantine_id,
            message_id=entry.message_id,
            reason=complaint.reason,
            truncated=entry.truncated,
        )
        # A message that the quarantine does not hold whole stays at the broker.
        return not entry.truncated

    def _entry(
        self, message: IncomingMessage, result: Result, complaint: Complaint, received_at: datetime
    ) -> QuarantineEntry:
        found = result.found
        said = found if isinstance(found, Unread) else found.header
        # Not the broker's id of it: a message that is sent again has another one.
        own_id = found.header.message_id if found.header is not None else ""
        body, truncated = storable_body(message.body, self.quarantined_body_bytes)
        return QuarantineEntry(
            quarantine_id=quarantine_id(found.network, own_id, message.body),
            source=self.source,
            network=found.network,
            destination=message.destination,
            message_id=said.message_id or message.message_id,
            verb=said.verb,
            noun=said.noun,
            received_at=received_at,
            complaint=_with_whereabouts(complaint) if truncated else complaint,
            body=body,
            body_kind=body_kind(message),
            body_size_bytes=len(as_bytes(message.body)),
            truncated=truncated,
        )

    def _reply(self, connection: Connection, message: IncomingMessage, result: Result) -> None:
        header = result.found.header
        if header is None or not header.ack_required:
            return
        destination = reply_destination(header, message.reply_to, self.replies_to)
        if destination is None:
            self.counters.add("replies_without_allowed_address")
            return
        try:
            answer = response(header, result, self.now())
        except Exception:  # the message itself is settled
            log.exception("a reply ended in a defect", source=self.source)
            self.counters.add("replies_failed")
            return
        self.replies.offer(connection, destination, answer)

    def _count(self, result: Result) -> None:
        if isinstance(result.found, Unread):
            self.counters.add("messages_unreadable")
            return
        if result.complaint is not None:
            self.counters.add("messages_taken_in_part")
        elif not result.taken_count:
            self.counters.add("messages_passed_over")
        else:
            self.counters.add("messages_taken")
        for what, count in result.found.passed_over.items():
            self.counters.add(f"passed_over_{what}", count)
        self.counters.add("reports_taken", result.taken_count)
        self.counters.add("parts_refused", len(result.refused))


def _with_whereabouts(complaint: Complaint) -> Complaint:
    detail = (
        f"kept cut off, the whole message is among the broker's dead letters; {complaint.detail}"
    )
    return replace(complaint, detail=shortened(detail))
