"""One message, from its body to what became of it: understand, record, say what could not be taken.

Used for messages from a broker and for those that are read again from the quarantine.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypedDict

import structlog

from iec_connector.forwarding.forwarding import Forwarder, Outcome, Parcel, Verdict
from iec_connector.quarantine import CONNECTOR_DEFECT, REPORT_REFUSED, Complaint, shortened
from iec_connector.reading.large_message import LargeMessage, is_large
from iec_connector.understanding import (
    Header,
    Problem,
    Report,
    Source,
    Understood,
    Unreadable,
    understand,
)
from jms_transport import Illegible

log = structlog.get_logger()

Understand = Callable[..., Understood]
ToParcel = Callable[[Report], Parcel]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPart:
    """One part of a message that was not taken; ``index`` counts the parts from 0."""

    index: int
    reason: str
    detail: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A message that gave no report at all, and what could still be read of it."""

    complaint: Complaint
    message_id: str = ""
    network: str = ""
    verb: str = ""
    noun: str = ""
    header: Header | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a message. Without ``complaint`` everything in it was taken."""

    found: Understood | Unread
    taken_count: int
    refused: tuple[RefusedPart, ...]

    @property
    def complaint(self) -> Complaint | None:
        if isinstance(self.found, Unread):
            return self.found.complaint
        if not self.refused:
            return None
        first = self.refused[0]
        parts = "; ".join(
            f"part {part.index}: {part.reason}: {part.detail}" for part in self.refused
        )
        return Complaint(
            # A part that could not be read has a place, one that the hub refused has none.
            reason=first.reason if first.place else REPORT_REFUSED,
            detail=shortened(f"{self.taken_count} taken, {len(self.refused)} not: {parts}"),
            place=first.place,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The device of one report of a message; ``index`` counts the parts from 0."""

    device_id: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A message that was read: its reports, ready to travel, and the device of each.

    ``found`` has no reports when the message was read in another process.
    """

    found: Understood | Unread
    parcels: Sequence[Parcel] = ()
    named: Sequence[Named] = ()


class ReadAside(Protocol):
    async def __call__(
        self,
        body: str | bytes,
        source: Source,
        *,
        received_at: datetime,
        broker_message_id: str,
        destination: str,
    ) -> Read:
        """Read a large message without holding up the loop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message whose reports are queued: in order, so that the next one may begin."""

    found: Understood | Unread
    named: Sequence[Named]
    verdicts: asyncio.Future[list[Verdict]]

    async def result(self) -> Result:
        """Wait until every report has its final verdict."""
        verdicts = await self.verdicts
        if isinstance(self.found, Unread):
            return Result(found=self.found, taken_count=0, refused=(_whole(self.found.complaint),))
        return Result(
            found=self.found,
            taken_count=sum(verdict.outcome is not Outcome.REFUSED for verdict in verdicts),
            refused=_refused(self.named, verdicts, self.found.problems),
        )


class Reader:
    """Begins the reading of messages."""

    def __init__(
        self,
        forwarder: Forwarder,
        to_parcel: ToParcel,
        understand: Understand = understand,
        read_aside: ReadAside | None = None,
    ) -> None:
        """Without ``read_aside`` large messages are read in a thread."""
        self._forwarder = forwarder
        self._read = partial(read_message, understand, to_parcel)
        self._read_aside = read_aside or partial(asyncio.to_thread, self._read)

    async def begin(
        self,
        body: str | bytes,
        source: Source,
        *,
        received_at: datetime,
        broker_message_id: str,
        destination: str,
        illegible: Illegible | None = None,
        behind: LargeMessage | None = None,
        traceparent: str = "",
    ) -> Reading:
        """Understand the body and queue its reports. Call it in the order in which messages came.

        An ``illegible`` message, which the transport could not read, says nothing. ``behind``: a message that came
        before and is not queued yet; this one waits for it if both may speak of the same device. ``traceparent``: the
        context of the message's trace, if that is recorded.
        """
        if illegible is not None:
            return self._queued(Read(found=_illegible(illegible)))
        await self._forwarder.room()
        facts: _Facts = {
            "received_at": received_at,
            "broker_message_id": broker_message_id,
            "destination": destination,
        }
        try:
            read = await self.look(body, source, **facts)
        except Exception as error:  # the consumer loop: no message may stop those behind it
            log.exception("a message ended in a defect", message_id=broker_message_id)
            detail = shortened(f"{type(error).__name__}: {error}")
            read = Read(found=Unread(complaint=Complaint(reason=CONNECTOR_DEFECT, detail=detail)))
        found = read.found
        if behind is not None and isinstance(found, Understood) and behind.may_name(found.reports):
            await behind.passed()
        return self._queued(read, traceparent)

    async def look(
        self,
        body: str | bytes,
        source: Source,
        *,
        received_at: datetime,
        broker_message_id: str,
        destination: str,
    ) -> Read:
        """Understand the body, and queue nothing."""
        facts: _Facts = {
            "received_at": received_at,
            "broker_message_id": broker_message_id,
            "destination": destination,
        }
        if is_large(body):
            return await self._read_aside(body, source, **facts)
        return self._read(body, source, **facts)

    def _queued(self, read: Read, traceparent: str = "") -> Reading:
        parcels = read.parcels
        if traceparent:
            parcels = [replace(one, traceparent=traceparent) for one in parcels]
        return Reading(found=read.found, named=read.named, verdicts=self._forwarder.submit(parcels))


class _Facts(TypedDict):
    received_at: datetime
    broker_message_id: str
    destination: str


def read_message(
    understand: Understand,
    to_parcel: ToParcel,
    body: str | bytes,
    source: Source,
    *,
    received_at: datetime,
    broker_message_id: str,
    destination: str,
) -> Read:
    """Understand the body, and make its reports ready to travel."""
    try:
        found = understand(
            body,
            source,
            received_at=received_at,
            broker_message_id=broker_message_id,
            destination=destination,
        )
    except Unreadable as error:
        return Read(found=_unread(error))
    parcels = [to_parcel(report) for report in found.reports]
    named = [
        Named(device_id=parcel.device_id, index=report.origin.index)
        for parcel, report in zip(parcels, found.reports, strict=True)
    ]
    return Read(found=found, parcels=parcels, named=named)


def _whole(complaint: Complaint) -> RefusedPart:
    return RefusedPart(
        index=0, reason=complaint.reason, detail=complaint.detail, place=complaint.place
    )


def _illegible(illegible: Illegible) -> Unread:
    detail = shortened(illegible.detail)
    return Unread(
        complaint=Complaint(reason=illegible.reason, detail=detail, place=illegible.place)
    )


def _unread(error: Unreadable) -> Unread:
    complaint = Complaint(
        reason=str(error.reason), detail=shortened(error.detail), place=error.place
    )
    return Unread(
        complaint=complaint,
        message_id=error.message_id,
        network=error.network,
        verb=error.verb,
        noun=error.noun,
        header=error.header,
    )


def _refused(
    named: Sequence[Named], verdicts: Sequence[Verdict], problems: Sequence[Problem]
) -> tuple[RefusedPart, ...]:
    by_hub = [
        RefusedPart(
            index=one.index, reason=verdict.reason, detail=f"{one.device_id}: {verdict.detail}"
        )
        for one, verdict in zip(named, verdicts, strict=True)
        if verdict.outcome is Outcome.REFUSED
    ]
    by_reading = [
        RefusedPart(
            index=problem.index,
            reason=str(problem.reason),
            detail=problem.detail,
            place=problem.place,
        )
        for problem in problems
    ]
    return tuple(sorted(by_hub + by_reading, key=lambda part: part.index))
