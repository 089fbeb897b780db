"""The steps of a message through the connector, each alone and in one process, over the same messages."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest

from benchmarks.connector.neighbours import DESTINATION, as_amqp
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.trouble import BenchFailed
from iec_connector.forwarding.forwarding import Parcel
from iec_connector.hub.hub import to_parcel
from iec_connector.understanding import FixedNetwork, Source, load_event_codes, understand
from jms_transport.amqp.mapping import incoming

BARE: Final = "bare lxml parsing of the same bytes"
DECODED: Final = "AMQP message decoded"
UNDERSTOOD: Final = "understood: from the body to reports"
PARCELLED: Final = "reports made protobuf"
WRITTEN: Final = "calls of 500 reports put together and encoded"

SOURCE: Final = Source(
    name="hes-north", network=FixedNetwork(network=NETWORK), codes=load_event_codes()
)
RECEIVED_AT: Final = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Messages of the feed, as text and as the broker delivers them."""

    reports: int
    bodies: Sequence[str]
    encoded: Sequence[bytes]

    @classmethod
    def of(cls, feed: Feed, reports: int, events: int) -> "Corpus":
        bodies = [feed.message(events).body for _ in range(reports // events)]
        return cls(
            reports=len(bodies) * events, bodies=bodies, encoded=[as_amqp(body) for body in bodies]
        )


def spent(work: Callable[[], Any]) -> float:
    """Return the seconds of processor time (user and system) that this process takes for ``work``."""
    before = time.process_time()
    work()
    return time.process_time() - before


def step_seconds(corpus: Corpus, batch: int) -> Mapping[str, float]:
    """Take each step once over all messages; seconds of processor time by step.

    Raises BenchFailed when other reports come out than were put in.
    """
    data = [body.encode() for body in corpus.bodies]
    understood = [understand(body, SOURCE, received_at=RECEIVED_AT) for body in corpus.bodies]
    reports = [report for each in understood for report in each.reports]
    parcels = [to_parcel(report) for report in reports]
    if len(parcels) != corpus.reports:
        raise BenchFailed(f"{len(parcels)} reports of {corpus.reports} came out")

    def parse() -> None:
        for each in data:
            etree.fromstring(each)

    def decode() -> None:
        for each in corpus.encoded:
            incoming(each, DESTINATION)

    def understand_all() -> None:
        for body in corpus.bodies:
            understand(body, SOURCE, received_at=RECEIVED_AT)

    def make_parcels() -> None:
        for report in reports:
            to_parcel(report)

    return {
        BARE: spent(parse),
        DECODED: spent(decode),
        UNDERSTOOD: spent(understand_all),
        PARCELLED: spent(make_parcels),
        WRITTEN: spent(lambda: _write(parcels, batch)),
    }


def _write(parcels: Sequence[Parcel], batch: int) -> None:
    for first in range(0, len(parcels), batch):
        RecordReportsRequest(
            reports=[parcel.content for parcel in parcels[first : first + batch]]
        ).SerializeToString()
