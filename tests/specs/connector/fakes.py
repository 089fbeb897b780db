"""Hand-written stand-ins for the hub and the broker, and messages short enough to read."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from iec_connector.forwarding.forwarding import (
    Batching,
    Forwarder,
    HubRefused,
    HubUnavailable,
    Outcome,
    Parcel,
    Verdict,
)
from iec_connector.quarantine import QuarantineEntry
from iec_connector.understanding import (
    Contact,
    FixedNetwork,
    Header,
    Origin,
    Problem,
    Reason,
    Report,
    Source,
    Understood,
    Unreadable,
    load_event_codes,
)
from jms_transport import (
    Destination,
    IncomingMessage,
    OutgoingMessage,
    TransportError,
    TransportLost,
)
from service_chassis.retries import Backoff

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
AT_ONCE = Backoff(first_seconds=0.0, ceiling_seconds=0.0)
SMALL = Batching(most_reports=4, most_bytes=1000, linger_seconds=0.0, in_flight=3)

Script = Callable[[Sequence[Parcel]], Sequence[Verdict] | Exception]

RECORDED = Verdict(outcome=Outcome.RECORDED)
POSTPONED = Verdict(outcome=Outcome.POSTPONED)
UNAVAILABLE = HubUnavailable("UNAVAILABLE: sidecar restarts")
TOO_LARGE = HubRefused("BATCH_TOO_LARGE", "too many")


def refused(detail: str = "year 10000") -> Verdict:
    return Verdict(outcome=Outcome.REFUSED, reason="TIME_INVALID", detail=detail)


def all_recorded(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
    return [RECORDED for _ in parcels]


@dataclass
class FakeHub:
    """Answers batches as ``script`` says, and remembers what it saw in which order."""

    script: Script = all_recorded
    batches: list[list[Parcel]] = field(default_factory=list)
    recorded: list[Parcel] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    quarantined: list[QuarantineEntry] = field(default_factory=list)
    quarantine_errors: list[Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def record(self, parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        self.batches.append(list(parcels))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            # As over a network: others get their turn before the answer is here.
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
            answer = self.script(parcels)
            if isinstance(answer, Exception):
                raise answer
            self.recorded += [
                parcel
                for parcel, verdict in zip(parcels, answer, strict=True)
                if verdict.outcome is Outcome.RECORDED
            ]
            return answer
        finally:
            self.in_flight -= 1

    async def quarantine(self, entries: Sequence[QuarantineEntry]) -> None:
        await asyncio.sleep(0)
        if self.quarantine_errors:
            raise self.quarantine_errors.pop(0)
        self.quarantined += entries


def forwarder_to(hub: FakeHub, batching: Batching = SMALL) -> Forwarder:
    return Forwarder(hub.record, batching, AT_ONCE)


def parcel(device: str, number: int = 0, size: int = 10) -> Parcel:
    return Parcel(device_id=f"north/{device}", size_bytes=size, content=number)


@dataclass
class FakeDelivery:
    """Remembers how it was settled."""

    message: IncomingMessage
    log: list[str] = field(default_factory=list)
    lost: bool = False

    async def accept(self) -> None:
        await self._settle("accepted")

    async def reject(self, reason: str) -> None:
        assert reason
        await self._settle("rejected")

    async def _settle(self, how: str) -> None:
        await asyncio.sleep(0)
        if self.lost:
            raise TransportLost("lost before the message was settled")
        self.log.append(how)


@dataclass
class FakeSubscription:
    deliveries: asyncio.Queue[FakeDelivery | TransportError] = field(default_factory=asyncio.Queue)
    stopped: bool = False
    widened: int = 0
    widest: int = 0

    async def receive(self) -> FakeDelivery:
        delivery = await self.deliveries.get()
        if isinstance(delivery, TransportError):
            raise delivery
        return delivery

    def widen(self, by: int) -> None:
        self.widened += by
        self.widest = max(self.widest, self.widened)

    def stop(self) -> None:
        self.stopped = True


@dataclass
class FakeConnection:
    subscription: FakeSubscription = field(default_factory=FakeSubscription)
    sent: list[tuple[str, OutgoingMessage]] = field(default_factory=list)
    send_errors: list[TransportError] = field(default_factory=list)
    closed: bool = False

    async def subscribe(self, destination: Destination, credit: int) -> FakeSubscription:
        assert destination.can_be_subscribed
        assert credit > 0
        return self.subscription

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        await asyncio.sleep(0)
        if self.send_errors:
            raise self.send_errors.pop(0)
        self.sent.append((destination.address, message))

    async def close(self) -> None:
        self.closed = True


SOURCE = Source(name="hes-north", network=FixedNetwork(network="north"), codes=load_event_codes())


def incoming(body: str | bytes, number: int = 1, reply_to: str = "") -> IncomingMessage:
    return IncomingMessage(
        body=body,
        message_id=f"ID:broker-{number}",
        correlation_id="",
        reply_to=reply_to,
        destination="queue://IEC20_PUSH",
        delivery_count=1,
        sent_at=None,
        properties={},
    )


def understand_words(
    body: str | bytes,
    source: Source,
    *,
    received_at: datetime,
    broker_message_id: str,
    destination: str,
) -> Understood:
    """A message is words: each but ``bad`` is a device; ``junk`` cannot be read, ``ack junk`` but for its header.

    ``unwanted`` is only counted.
    """
    assert destination.startswith("queue://")
    words = str(body).split()
    if words == ["junk"]:
        raise Unreadable(Reason.XML_MALFORMED, "not a word", place="line 1", message_id="m-1")
    if words == ["defect"]:
        raise ZeroDivisionError("a bug")
    header = Header(
        verb="created",
        noun="MeterReadings",
        message_id="m-1",
        ack_required="ack" in words,
        reply_address="IEC20_OUT_north",
    )
    if words == ["unwanted"]:
        return Understood(
            header=header, network="north", reports=(), passed_over={"ignored_nouns": 1}
        )
    if words == ["ack", "junk"]:
        unreadable = Unreadable(Reason.DEVICE_MISSING, "nobody", place="/word", message_id="m-1")
        unreadable.header = header
        raise unreadable
    reports = tuple(
        Report(
            report_id=f"{broker_message_id}-{index}",
            network="north",
            device_identifier=word,
            received_at=received_at,
            origin=Origin(source=source.name, index=index),
            content=Contact(),
        )
        for index, word in enumerate(words)
        if word not in ("bad", "ack")
    )
    problems = tuple(
        Problem(reason=Reason.DEVICE_MISSING, detail="which?", place=f"/word[{index}]", index=index)
        for index, word in enumerate(words)
        if word == "bad"
    )
    return Understood(header=header, network="north", reports=reports, problems=problems)


def to_parcel(report: Report) -> Parcel:
    return Parcel(
        device_id=f"{report.network}/{report.device_identifier}",
        size_bytes=10,
        content=report.report_id,
    )
