"""``python -m smoc_service``: the register, put together; or ``rebuild-history``."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import structlog
import uvloop
from grpc.aio import ServerInterceptor
from grpc_health.v1 import health
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from bearer_tokens.access import open_access
from park_backup.half_restored import HalfRestored
from service_chassis.garbage import collect_seldom
from service_chassis.logs import LogLines, configure_logs
from service_chassis.own_sidecar import OwnSidecarOnly
from service_chassis.server import serving
from service_chassis.settings import OwnSidecarSettings, SidecarSettings, load_settings
from service_chassis.sidecar import open_channel, to_app
from service_chassis.tasks import run_together, until_stopped
from service_deeds.noting import DeedsNoted
from service_deeds.store import DEEDS, DeedStore
from service_metrics.calls import CallsMeasured
from service_metrics.instruments import Instruments
from service_metrics.settings import CollectorSettings
from service_metrics.telling import open_instruments
from service_status.health import ProgressHealth
from service_status.hop import Pulse
from service_status.service import add_status
from service_traces.calls import CallsTraced
from service_traces.opening import open_traces
from service_traces.settings import TraceSettings
from service_traces.traces import Traces
from smoc_service.access import AUDIENCE, TABLE
from smoc_service.alarms.affected import AffectedDevices
from smoc_service.alarms.core.rules import Rules, RulesInvalid, read_rules
from smoc_service.alarms.follower import AlarmFollower
from smoc_service.alarms.load import AlarmLoads
from smoc_service.alarms.settling import AlarmSettling
from smoc_service.alarms.store import AlarmStore
from smoc_service.database import prepare_patiently
from smoc_service.deeds.words import REGISTER
from smoc_service.export.export import DeviceExport
from smoc_service.history.communication_days import CommunicationDays
from smoc_service.history.device_history import DeviceHistory
from smoc_service.history.park_history import ParkHistory
from smoc_service.imports.composition import open_imports
from smoc_service.imports.hub_client import HUB_APP_ID, HubClient
from smoc_service.jobs.composition import open_jobs
from smoc_service.metrics import METRICS, observe_register
from smoc_service.mongodb import Document, open_client
from smoc_service.notes.store import NoteStore
from smoc_service.park.follower import ParkFollower
from smoc_service.park.park import Park
from smoc_service.park.search import Search
from smoc_service.park.summary import ParkSummaries
from smoc_service.rebuild import rebuild_history
from smoc_service.register.register import Register
from smoc_service.services import Doors, add_services, translate
from smoc_service.settings import DatabaseSettings, SmocServiceSettings
from smoc_service.status import Watched
from smoc_service.views.preferences import PreferenceStore
from smoc_service.views.store import ViewStore
from smoc_service.watches import WATCHERS_AT_MOST, Watches
from smoc_service.work.ids import new_id, worker_name

log = structlog.get_logger()

_REBUILDS = (
    "make milestones, days of contact, states and times of alarms again, from timelines; "
    "beside the service or without it"
)

# Under way at once, beside those that watch.
_CALLS_AT_MOST = 1_000


def now() -> datetime:
    return datetime.now(UTC)


def new_alarm_id(network: str) -> str:
    """Return an alarm id of ``network`` that no other is; those made later are greater."""
    return f"{network}/{new_id()}"


def alarm_rules(file: Path | None) -> Rules:
    """Return the rules in ``file``, or those that come with the service; a mistake in them ends the process."""
    source = file or files("smoc_service.alarms.core") / "rules.yaml"
    try:
        return read_rules(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RulesInvalid) as error:
        sys.exit(f"smoc-service: rules of alarms ({source.name}): {error}")


async def run(
    settings: SmocServiceSettings,
    sidecar: SidecarSettings,
    rules: Rules,
    door: Sequence[ServerInterceptor],
    *,
    collector: CollectorSettings,
    tracing: TraceSettings,
    lines: LogLines,
) -> None:
    """Serve for ever. A call reaches the register when ``door`` and then the table of roles admit it."""
    async with (
        open_client(settings.mongodb_url.get_secret_value(), **settings.login) as client,
        open_channel(sidecar) as channel,
        open_instruments(settings, collector, "smoc-service", METRICS, lines) as instruments,
        open_traces(tracing, "smoc-service") as traces,
    ):
        hub = HubClient(
            DeviceHubServiceStub(channel),
            to_app(HUB_APP_ID, sidecar),
            probe_seconds=settings.denied_probe_seconds,
        )
        await _serve(client, settings, rules, door, hub=hub, instruments=instruments, traces=traces)


async def _serve(
    client: AsyncMongoClient[Document],
    settings: SmocServiceSettings,
    rules: Rules,
    door: Sequence[ServerInterceptor],
    *,
    hub: HubClient,
    instruments: Instruments,
    traces: Traces,
) -> None:
    database = client[settings.mongodb_database]
    await prepare_patiently(database, settings.resolved_alarms_days)
    park = Park()
    watches = Watches(database, park)
    worker = worker_name(settings.worker_name, settings.grpc_port)
    imports = open_imports(client, database.name, hub, now=now, worker=worker)
    jobs = open_jobs(
        client,
        database.name,
        park,
        now=now,
        worker=worker,
    )
    export = DeviceExport(client, database.name, park)
    doors = Doors(
        register=Register(client, database.name),
        park=park,
        search=Search(client, database.name, park),
        summaries=ParkSummaries(database, park),
        watches=watches,
        alarms=AlarmStore(client, database.name),
        deeds=DeedStore(database[DEEDS]),
        affected=AffectedDevices(park, rules),
        alarm_loads=AlarmLoads(client, database.name, now),
        history=DeviceHistory(client, database.name),
        export=export,
        imports=imports.store,
        park_history=ParkHistory(park, database, now),
        jobs=jobs.store,
        notes=NoteStore(client, database.name),
        views=ViewStore(client, database.name),
        preferences=PreferenceStore(client, database.name),
        now=now,
        traces=traces,
    )
    settling = AlarmSettling(client, database.name, rules, now=now, new_id=new_alarm_id)
    alarms = Pulse("alarms", peer="the register's database", now=now)
    follower = AlarmFollower(database, rules, settling, park, alarms.beat)
    watched = Watched(client=client, database=database.name, park=park, alarms=alarms)
    status = watched.status(now=now)
    progress = ProgressHealth(
        healthy=health.aio.HealthServicer(),
        hops=status.hops,
        now=now,
        standstill_seconds=settings.standstill_seconds,
    )
    calls = CallsMeasured(instruments)
    observe_register(
        instruments,
        register=doors.register,
        park=park,
        alarms=doors.alarms,
        settling=settling,
        watches=watches,
        health=progress,
        now=now,
    )
    instruments.complete()
    noted = DeedsNoted(doors.deeds, REGISTER, translate, now=now)
    async with (
        open_access(settings, AUDIENCE, TABLE, now=now) as access,
        serving(
            settings.grpc_port,
            lambda server: [*add_services(server, doors), *add_status(server, status)],
            translate,
            interceptors=[*door, access.interceptor, noted],
            concurrent_calls=WATCHERS_AT_MOST + _CALLS_AT_MOST,
            healthy=progress.healthy,
            calls=calls,
            traces=CallsTraced(traces),
        ) as port,
    ):
        log.info("serving", port=port, database=database.name)
        try:
            await run_together(
                {
                    "search": ParkFollower(database, park, now=now).run(),
                    "alarms": follower.run(),
                    "watches": watches.run(),
                    "imports": imports.runner.run(),
                    "days of communication": CommunicationDays(park, database, now).run(),
                    "jobs": jobs.runner.run(),
                    "signing keys": access.keys.run(),
                    "progress": progress.run(),
                }
            )
        finally:
            # Otherwise watchers would wait for ever, and the server for them.
            watches.close()
            export.close()
            park.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m smoc_service", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    rebuild = commands.add_parser("rebuild-history", help=_REBUILDS, description=_REBUILDS)
    rebuild.add_argument(
        "--anew", action="store_true", help="from the first device on, not where the last one ended"
    )
    asked = parser.parse_args()
    if asked.command == "rebuild-history":
        try:
            uvloop.run(rebuild_history(load_settings(DatabaseSettings), anew=asked.anew))
        except (PyMongoError, HalfRestored) as error:
            sys.exit(f"rebuild-history: database in trouble, call it again to go on: {error}"[:300])
        return
    serve()


def serve() -> None:
    settings = load_settings(SmocServiceSettings)
    sidecar = load_settings(SidecarSettings)
    own_sidecar = load_settings(OwnSidecarSettings)
    collector = load_settings(CollectorSettings)
    tracing = load_settings(TraceSettings)
    lines = configure_logs("smoc-service", settings.log_level)
    rules = alarm_rules(settings.alarm_rules_file)
    own_door = [OwnSidecarOnly(own_sidecar.app_api_token.get_secret_value())]
    collect_seldom()
    served = run(
        *(settings, sidecar, rules, own_door), collector=collector, tracing=tracing, lines=lines
    )
    uvloop.run(until_stopped(served))


if __name__ == "__main__":
    main()
