"""``python -m iec_connector``: read the sources and forward.

Or for the engineer: ``check CONFIG``, ``read CONFIG FILE...``, ``codes FILE...``.
"""

import argparse
import contextlib
import functools
import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvloop
from grpc_health.v1 import health

from iec_connector.commands import check, codes, read
from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import Batching, Forwarder
from iec_connector.hub.hub import APP_ID as HUB_APP_ID
from iec_connector.hub.hub import Hub, to_parcel
from iec_connector.intake.intake import Intake
from iec_connector.intake.replays import Replays
from iec_connector.intake.settlement import Settlement
from iec_connector.intake.trial_readings import TrialReadings
from iec_connector.metrics import METRICS, MeasuredRecord, observe_connector, took
from iec_connector.progress import Progress, SourceProgress, Telling, WatchedRecord
from iec_connector.quarantine import Quarantine
from iec_connector.queue_depths import QueueDepths
from iec_connector.reading.process import ReadingProcess
from iec_connector.reading.reading import ReadAside, Reader
from iec_connector.replies.desk import ReplyDesk
from iec_connector.settings import ConnectorSettings
from iec_connector.sources.configuration import (
    Configuration,
    ConfigurationInvalid,
    SourceSettings,
    load_configuration,
)
from iec_connector.sources.sources import (
    dial,
    load_codes,
    load_words,
    named_networks,
    read_password,
    to_source,
)
from jms_transport import Destination
from service_chassis.garbage import collect_seldom
from service_chassis.logs import LogLines, configure_logs
from service_chassis.retries import Backoff, Retries
from service_chassis.server import serving
from service_chassis.settings import EXIT_BAD_SETTINGS, SidecarSettings, load_settings
from service_chassis.sidecar import open_channel
from service_chassis.tasks import in_background, run_together, until_stopped
from service_metrics.settings import CollectorSettings
from service_metrics.telling import open_instruments
from service_status.health import ProgressHealth
from service_status.hop import Hop
from service_traces.opening import open_traces
from service_traces.settings import TraceSettings
from service_traces.traces import Traces

log = structlog.get_logger()

_HUB_BACKOFF = Backoff(first_seconds=0.2, ceiling_seconds=10.0)
_BROKER_BACKOFF = Backoff(first_seconds=0.5, ceiling_seconds=30.0)
_REPLAYS_EVERY_SECONDS = 2.0
_READINGS_EVERY_SECONDS = 2.0
_TOKENS = ("APP_API_TOKEN", "DAPR_API_TOKEN")
_COUNTERS_EVERY_SECONDS = 60.0
_TELL_EVERY_SECONDS = 5.0
_GOOD_BYE_SECONDS = 1.0


def now() -> datetime:
    return datetime.now(UTC)


async def run(
    settings: ConnectorSettings,
    sidecar: SidecarSettings,
    prepared: "Prepared",
    read_aside: ReadAside,
    *,
    collector: CollectorSettings,
    tracing: TraceSettings,
    lines: LogLines,
) -> None:
    """Everything that a running connector consists of."""
    counters = Counters(now)
    healthy = health.aio.HealthServicer()
    async with (
        open_channel(sidecar) as channel,
        # The sidecar's health check comes in here; the connector serves nothing else.
        serving(settings.grpc_port, lambda _: (), lambda _: None, healthy=healthy) as port,
        open_instruments(settings, collector, "iec-connector", METRICS, lines) as instruments,
        open_traces(tracing, "iec-connector") as traces,
    ):
        hub = Hub(channel, sidecar, probe_seconds=settings.denied_probe_seconds, traces=traces)
        reports = Hop("reports", peer=HUB_APP_ID, now=now)
        record = MeasuredRecord(WatchedRecord(hub.record, reports), instruments)
        forwarder = Forwarder(record, prepared.batching, _HUB_BACKOFF)
        reader = Reader(forwarder, to_parcel, read_aside=read_aside)
        quarantine = Quarantine(hub.quarantine, _HUB_BACKOFF)
        replays = Replays(
            claim=hub.claim_replays,
            complete=hub.complete_replays,
            sources=prepared.sources,
            reader=reader,
            counters=counters,
            retries=Retries("read quarantined messages again", _HUB_BACKOFF),
        )
        trials = TrialReadings(
            claim=hub.claim_readings,
            complete=hub.complete_reading,
            look=reader.look,
            sources=prepared.sources,
            destinations=prepared.destinations,
            retries=Retries("read messages for people", _HUB_BACKOFF),
            now=now,
        )
        quarantining = Hop("messages to quarantine", peer=HUB_APP_ID, now=now)
        replaying = Hop("replays", peer=HUB_APP_ID, now=now)
        for hop, denied in (
            (reports, hub.reports_denied),
            (quarantining, hub.quarantine_denied),
            (replaying, hub.replays_denied),
        ):
            hop.watch(denied)
        note_took = took(instruments)
        intakes = [
            prepared.intake(
                source, reader, quarantine, counters.of_source(), note_took, traces=traces
            )
            for source in prepared.configuration.sources
        ]
        progress = Progress(
            sources=[intake.progress for intake in intakes],
            reports=reports,
            others=(quarantining, replaying),
            reports_waiting=lambda: forwarder.unresolved,
        )
        progress_health = ProgressHealth(
            healthy=healthy,
            hops=progress.hops,
            now=now,
            standstill_seconds=settings.standstill_seconds,
        )
        queues = QueueDepths(sources=prepared.configuration.sources, passwords=prepared.passwords)
        observe_connector(
            instruments,
            counters=counters,
            progress=progress,
            health=progress_health,
            queues=queues,
        )
        instruments.complete()
        telling = Telling(
            name=f"iec-connector at {socket.gethostname()}:{port}",
            progress=progress,
            tell=hub.tell,
            started_at=now(),
            now=now,
            every_seconds=_TELL_EVERY_SECONDS,
        )
        background = {
            "forwarder": forwarder.run(),
            "telling": telling.run(),
            "progress": progress_health.run(),
            "replays": replays.run(_REPLAYS_EVERY_SECONDS),
            "trial readings": trials.run(_READINGS_EVERY_SECONDS),
            "counters": counters.report(_COUNTERS_EVERY_SECONDS, lambda: forwarder.unresolved),
        }
        # Nobody is asked for what nobody collects.
        if settings.queues_seconds and (settings.metrics_port is not None or collector.is_named):
            background["queues"] = queues.run(settings.queues_seconds)
        log.info("connector started", grpc_port=port, sources=[*prepared.sources])
        try:
            # The intakes end first: what they have under way still needs the forwarder.
            async with in_background(background):
                await run_together({intake.source.name: intake.run() for intake in intakes})
        finally:
            await telling.end(_GOOD_BYE_SECONDS)


class Prepared:
    """A configuration that was checked to the end: files read, tables loaded."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        codes, words = load_codes(configuration), load_words(configuration)
        self.sources = {
            source.name: to_source(source, codes, words) for source in configuration.sources
        }
        self.destinations = {
            source.name: source.destinations[0].partition("?")[0]
            for source in configuration.sources
        }
        self.passwords = {source.name: read_password(source) for source in configuration.sources}
        forwarding = configuration.forwarding
        self.batching = Batching(
            most_reports=forwarding.batch_reports,
            most_bytes=forwarding.batch_bytes,
            linger_seconds=forwarding.linger_milliseconds / 1000,
            in_flight=forwarding.batches_in_flight,
        )

    def intake(
        self,
        source: SourceSettings,
        reader: Reader,
        quarantine: Quarantine,
        counters: Counters,
        note_took: Callable[[str, float], None],
        *,
        traces: Traces,
    ) -> Intake:
        return Intake(
            source=self.sources[source.name],
            destinations=tuple(Destination.to_subscribe(text) for text in source.destinations),
            credit=source.credit,
            dial=functools.partial(
                dial, source, self.passwords[source.name], self.configuration.openwire_jars
            ),
            reader=reader,
            settlement=Settlement(
                source=source.name,
                quarantine=quarantine,
                quarantined_body_bytes=self.configuration.quarantine.body_bytes,
                replies_to=tuple(source.replies_to),
                replies=ReplyDesk(counters),
                counters=counters,
                now=now,
            ),
            backoff=_BROKER_BACKOFF,
            progress=SourceProgress(
                source.name,
                broker=source.broker.url,
                destinations=source.destinations,
                counters=counters,
                now=now,
                networks=named_networks(source.network),
                took=note_took,
            ),
            now=now,
            traces=traces,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m iec_connector", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    checking = commands.add_parser("check", help="check a configuration file")
    checking.add_argument("config", type=Path)
    reading = commands.add_parser(
        "read", help="print what the connector understands of message files"
    )
    reading.add_argument("config", type=Path)
    reading.add_argument("files", type=Path, nargs="+")
    reading.add_argument("--source", default="", help="read as this source (default: the first)")
    telling = commands.add_parser(
        "codes", help="say which event codes and status words in files have a meaning"
    )
    telling.add_argument(
        "files", type=Path, nargs="+", help="messages, or lists with one code per line"
    )
    telling.add_argument("--config", type=Path, help="use the tables of this configuration file")
    telling.add_argument("--source", default="", help="as this source (default: the first)")
    arguments = parser.parse_args()
    match arguments.command:
        case "check":
            return check(arguments.config)
        case "read":
            return read(arguments.config, arguments.files, arguments.source)
        case "codes":
            return codes(arguments.files, arguments.config, arguments.source)
        case _:
            return _serve()


def _serve() -> int:
    settings = load_settings(ConnectorSettings)
    sidecar = load_settings(SidecarSettings)
    collector = load_settings(CollectorSettings)
    tracing = load_settings(TraceSettings)
    try:
        prepared = Prepared(load_configuration(settings.config))
    except ConfigurationInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_BAD_SETTINGS
    lines = configure_logs("iec-connector", settings.log_level)
    # The process that reads large messages inherits what stands there, and needs no token.
    for name in _TOKENS:
        os.environ.pop(name, None)
    with contextlib.closing(ReadingProcess(settings.reading_seconds)) as read_aside:
        collect_seldom()
        uvloop.run(
            until_stopped(
                run(
                    *(settings, sidecar, prepared, read_aside),
                    collector=collector,
                    tracing=tracing,
                    lines=lines,
                )
            )
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
