"""The connector's own parts put together: intake, reading, forwarding and settlement of one source."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import grpc.aio

from benchmarks.connector.neighbours import DESTINATION, Neighbours
from benchmarks.connector.steps import SOURCE, Corpus
from benchmarks.trouble import BenchFailed
from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import Batching, Forwarder, Outcome, Parcel, Verdict
from iec_connector.hub.hub import Hub, to_parcel
from iec_connector.intake.intake import Intake
from iec_connector.intake.settlement import Settlement
from iec_connector.progress import Record, SourceProgress, WatchedRecord
from iec_connector.quarantine import Quarantine
from iec_connector.reading.reading import Reader
from iec_connector.replies.desk import ReplyDesk
from iec_connector.understanding import Report, Understood, understand
from jms_transport import Connection, Destination, IncomingMessage, OutgoingMessage
from jms_transport.amqp.connection import connect_amqp
from service_chassis.retries import Backoff
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import open_channel
from service_status.hop import Hop

_BACKOFF: Final = Backoff(first_seconds=0.2, ceiling_seconds=1.0)
_LOOK_SECONDS: Final = 0.005
_PATIENCE_SECONDS: Final = 60.0


def now() -> datetime:
    return datetime.now(UTC)


async def over_the_network(corpus: Corpus, at: Neighbours, credit: int) -> None:
    """Take all messages from the broker to the hub and settle them."""
    sidecar = SidecarSettings(dapr_grpc_port=at.hub_port)
    async with open_channel(sidecar) as channel:
        hub = _hub(channel, sidecar)
        connection = await connect_amqp(host="127.0.0.1", port=at.broker_port)
        try:
            await _through(connection, hub.record, _reader, corpus, credit)
        finally:
            await connection.close()


class Prepared:
    """What is understood of the messages, so that nothing but the bookkeeping is left."""

    def __init__(self, corpus: Corpus) -> None:
        self._read = {body: understand(body, SOURCE, received_at=now()) for body in corpus.bodies}
        self._parcels = {
            report.report_id: to_parcel(report)
            for each in self._read.values()
            for report in each.reports
        }

    def reader(self, forwarder: Forwarder) -> Reader:
        return Reader(forwarder, self._to_parcel, self._understand)

    def _understand(self, body: str, *_: Any, **__: Any) -> Understood:
        return self._read[body]

    def _to_parcel(self, report: Report) -> Parcel:
        return self._parcels[report.report_id]


async def in_memory(corpus: Corpus, prepared: Prepared, credit: int) -> None:
    """Take messages from a list, as they were understood before; the hub records every report at once."""
    connection = _ListedMessages(corpus.bodies)
    await _through(connection, _recorded, prepared.reader, corpus, credit)


def _reader(forwarder: Forwarder) -> Reader:
    return Reader(forwarder, to_parcel)


def _hub(channel: grpc.aio.Channel, sidecar: SidecarSettings) -> Hub:
    return Hub(channel, sidecar, probe_seconds=1.0)


async def _recorded(parcels: Sequence[Parcel]) -> list[Verdict]:
    return [Verdict(outcome=Outcome.RECORDED) for _ in parcels]


async def _through(
    connection: Connection,
    record: Record,
    reader_of: Callable[[Forwarder], Reader],
    corpus: Corpus,
    credit: int,
) -> None:
    counters = Counters(now)
    ours = counters.of_source()
    forwarder = Forwarder(
        WatchedRecord(record, Hop("reports", peer="device-hub", now=now)), Batching(), _BACKOFF
    )
    intake = Intake(
        source=SOURCE,
        destinations=(DESTINATION,),
        credit=credit,
        dial=_no_dial,
        reader=reader_of(forwarder),
        settlement=Settlement(
            source=SOURCE.name,
            quarantine=Quarantine(_no_quarantine, _BACKOFF),
            quarantined_body_bytes=1,
            replies_to=(),
            replies=ReplyDesk(ours),
            counters=ours,
            now=now,
        ),
        backoff=_BACKOFF,
        progress=SourceProgress(
            SOURCE.name, broker="amqp://127.0.0.1", destinations=(), counters=ours, now=now
        ),
        now=now,
    )
    tasks = [asyncio.create_task(work) for work in (forwarder.run(), intake.read(connection))]
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while counters["messages_taken"] < len(corpus.bodies):
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        taken = counters["messages_taken"]
        raise BenchFailed(f"{taken} of {len(corpus.bodies)} messages were settled") from None
    finally:
        for task in reversed(tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    if (reports := counters["reports_taken"]) != corpus.reports:
        raise BenchFailed(f"{reports} of {corpus.reports} reports were taken")


async def _no_dial() -> Connection:
    raise BenchFailed("the intake was given its connection")


async def _no_quarantine(entries: Sequence[Any]) -> None:
    raise BenchFailed(f"{len(entries)} messages of the feed belong in the quarantine")


@dataclass(slots=True)
class _Listed:
    """A message of the list."""

    message: IncomingMessage
    settled: bool = False

    async def accept(self) -> None:
        self.settled = True

    async def reject(self, reason: str) -> None:
        raise BenchFailed(f"a message of the feed is rejected: {reason}")


@dataclass(slots=True)
class _ListedMessages:
    """A connection whose one subscription gives the messages of a list, then nothing for ever."""

    bodies: Sequence[str]
    _at: int = field(default=0)

    async def subscribe(self, destination: Destination, credit: int) -> "_ListedMessages":
        del destination, credit
        return self

    async def receive(self) -> _Listed:
        if self._at == len(self.bodies):
            await asyncio.get_running_loop().create_future()
        body = self.bodies[self._at]
        self._at += 1
        return _Listed(
            IncomingMessage(
                body=body,
                message_id=f"ID:bench-{self._at}",
                correlation_id="",
                reply_to="",
                destination=DESTINATION.address,
                delivery_count=1,
                sent_at=None,
                properties={},
            )
        )

    def widen(self, by: int) -> None:
        """Credit is no matter here."""

    def stop(self) -> None:
        """Nothing comes by itself."""

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        raise BenchFailed(f"nothing is to be sent to {destination.address}: {message.body!r:.100}")

    async def close(self) -> None:
        """There is nothing to close."""
