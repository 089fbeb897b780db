"""``python -m device_hub``: the hub, put together; or ``rebuild-identities``."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import grpc
import grpc.aio
import structlog
import uvloop
from dapr.proto import api_service_v1
from grpc_health.v1 import health
from meterpark.smoc.v1.provisioning_service_pb2_grpc import ProvisioningServiceStub
from pymongo.errors import PyMongoError

from bearer_tokens.access import open_access
from bearer_tokens.service_token import ServiceToken
from bearer_tokens.token_endpoint import ask_as_service
from device_hub.access import AUDIENCE, TABLE
from device_hub.actors.devices import Devices
from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.host import actor_host
from device_hub.actors.residents import Residents, Surroundings
from device_hub.actors.turns_client import TurnsClient
from device_hub.device.rules import Rules
from device_hub.doors.archive import Archive
from device_hub.doors.deeds import HUB, AuditDoor
from device_hub.doors.device_hub_service import DeviceHub
from device_hub.doors.feeds import FeedsDoor
from device_hub.doors.identities import IdentityDoor
from device_hub.doors.quarantine import QuarantineDoor
from device_hub.doors.readings import ReadingsDoor
from device_hub.doors.reports import ReportsDoor
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.services import add_services, translate
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.doors.usage_points import UsagePoints
from device_hub.feeds.store import FeedStore
from device_hub.identities.assembly import open_identities
from device_hub.journal.follower import Follower
from device_hub.journal.heads import Heads
from device_hub.journal.heads_check import HeadsCheck
from device_hub.journal.journal import BY_REVISION, Journal, open_collection
from device_hub.journal.lease import Holder
from device_hub.metrics import METRICS, HubMeasured
from device_hub.preparing import prepare
from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.store import Quarantine
from device_hub.readings.store import Readings
from device_hub.rebuild import open_client, rebuild_identities
from device_hub.register.checker import Checker
from device_hub.register.client import SMOC_APP_ID, RegisterClient
from device_hub.register.gaps import RegisterGaps
from device_hub.register.provisioning import Provisioning
from device_hub.secret_files import Secrets, SecretUnreadable, read_secrets
from device_hub.settings import DatabaseSettings, HubSettings
from device_hub.status.progress import Tellers, WatchedDeliveries, WatchedDoor
from device_hub.status.service import Watched
from device_hub.sweeps.due_devices import Pace
from device_hub.sweeps.plans import PlanSweep
from device_hub.sweeps.silence import SilenceSweep
from journal_evidence.making import of_roots
from journal_evidence.roots import ROOTS
from park_backup.half_restored import HalfRestored
from service_chassis.garbage import collect_seldom
from service_chassis.logs import LogLines, configure_logs
from service_chassis.own_sidecar import OwnSidecarOnly
from service_chassis.retries import Retries
from service_chassis.server import serving
from service_chassis.settings import (
    EXIT_BAD_SETTINGS,
    OwnSidecarSettings,
    SidecarSettings,
    load_settings,
)
from service_chassis.sidecar import open_channel, to_app, to_sidecar
from service_chassis.tasks import run_together, until_stopped
from service_deeds.noting import DeedsNoted
from service_deeds.store import DEEDS, DeedStore
from service_metrics.calls import CallsMeasured
from service_metrics.settings import CollectorSettings
from service_metrics.telling import open_instruments
from service_status.health import ProgressHealth
from service_status.hop import Hop
from service_status.service import add_status
from service_traces.calls import CallsTraced
from service_traces.opening import open_traces
from service_traces.settings import TraceSettings

log = structlog.get_logger()

_TOKEN_SECONDS = 10.0
FOLLOWER = "register"
_REBUILDS = (
    "claim the names of all devices again from the journal; beside a hub that serves, if need be"
)

Document = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m device_hub", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("rebuild-identities", help=_REBUILDS, description=_REBUILDS)
    if parser.parse_args().command == "rebuild-identities":
        configure_logs("device_hub", "INFO")
        try:
            devices = uvloop.run(rebuild_identities(load_settings(DatabaseSettings)))
        except (PyMongoError, HalfRestored) as error:
            sys.exit(f"rebuild-identities: database in trouble, call it again: {error}"[:300])
        sys.stdout.write(f"{devices} devices are found by what their journals call them\n")
        return 0
    return run()


def run() -> int:
    settings = load_settings(HubSettings)
    sidecar = load_settings(SidecarSettings)
    own_sidecar = load_settings(OwnSidecarSettings)
    collector = load_settings(CollectorSettings)
    tracing = load_settings(TraceSettings)
    lines = configure_logs("device_hub", settings.log_level)
    try:
        secrets = read_secrets(settings)
    except SecretUnreadable as error:
        sys.stderr.write(f"setting {error}\n")
        return EXIT_BAD_SETTINGS
    collect_seldom()
    door = [OwnSidecarOnly(own_sidecar.app_api_token.get_secret_value())]
    serving_all = serve(
        *(settings, sidecar, secrets, door), collector=collector, tracing=tracing, lines=lines
    )
    uvloop.run(until_stopped(serving_all))
    return 0


async def serve(
    settings: HubSettings,
    sidecar: SidecarSettings,
    secrets: Secrets,
    door: Sequence[grpc.aio.ServerInterceptor],
    *,
    collector: CollectorSettings,
    tracing: TraceSettings,
    lines: LogLines,
) -> None:
    """Run for ever; an error in any part ends the process, and the supervisor starts it again.

    ``door``, and then the table of roles, decide which calls are answered.
    """
    rules = Rules(
        contact_interval=timedelta(seconds=settings.contact_interval_seconds),
        silence_after=timedelta(seconds=settings.silence_after_seconds),
        clock_tolerance=timedelta(seconds=settings.clock_tolerance_seconds),
    )
    async with (
        open_client(settings) as client,
        open_channel(sidecar) as channel,
        open_access(settings, AUDIENCE, TABLE, now=now) as access,
        open_instruments(settings, collector, "device-hub", METRICS, lines) as instruments,
        open_traces(tracing, "device-hub") as traces,
    ):
        measured = HubMeasured(instruments, now)
        collection = partial(open_collection, client[settings.mongodb_database])
        commits = collection("commits")
        journal = Journal(commits, now=now, noted=measured.commits, traces=traces)
        heads = Heads(collection("heads"))
        quarantine = Quarantine(
            collection("quarantine"),
            QuarantinedBodies(collection("quarantine_bodies")),
            resolved_kept=timedelta(days=settings.quarantine_kept_days),
        )
        feeds = FeedStore(collection("feeds"))
        readings = Readings(collection("readings"))
        deeds = DeedStore(collection(DEEDS))
        known_as = open_identities(
            client[settings.mongodb_database],
            journal=journal,
            heads=heads,
            rules=rules,
            cached=settings.cached_identifiers,
            now=now,
        )
        # A database that is not there yet is waited for.
        await Retries("prepare the database").until_done(
            partial(
                prepare,
                client[settings.mongodb_database],
                known_as,
                now,
                *(journal, heads, quarantine, feeds, readings, deeds),
            ),
            (PyMongoError, HalfRestored),
        )

        residents = Residents(
            Surroundings(journal=journal, rules=rules),
            clock=time.monotonic,
            remembered=settings.remembered_devices,
            # Dapr must not think a device idle that is called here all the time.
            reached_within=settings.actor_idle_seconds / 2,
        )
        devices = Devices(
            residents,
            Elsewhere(
                TurnsClient(api_service_v1.DaprStub(channel), to_sidecar(sidecar), secrets.proof),
                Homes(residents.name, most=settings.known_homes),
            ),
            asyncio.Semaphore(settings.concurrent_turns),
        )
        to_register = Hop("journal to register", peer=SMOC_APP_ID, now=now)
        comparing = Hop("register compared with journal", peer=SMOC_APP_ID, now=now)
        token = _own_token(settings)
        register = RegisterClient(
            ProvisioningServiceStub(channel),
            tokens=token,
            metadata=to_app(SMOC_APP_ID, sidecar),
            probe_seconds=settings.denied_probe_seconds,
            troubled=to_register.troubled,
            traces=traces,
        )
        to_register.watch(register.denied)
        comparing.watch(register.comparing_denied)
        gaps = RegisterGaps(comparing, now)
        provisioning = Provisioning(
            journal=journal,
            heads=heads,
            register=register,
            rules=rules,
            gaps=gaps,
            traces=traces,
        )
        watched = Watched(
            client=client,
            reports=Hop("reports", peer="devices", now=now),
            deliveries=WatchedDeliveries(
                provisioning.deliver,
                to_register,
                commits,
                collection("positions"),
                heads,
                follower=FOLLOWER,
                delivered=measured.delivered,
            ),
            gaps=gaps,
            quarantine=quarantine,
            replays=Hop("replays", peer="iec-connector", now=now),
            tellers=Tellers(now),
        )
        reports_first = ReportsFirst()
        hub = DeviceHub(
            door=measured.reports(
                WatchedDoor(
                    ReportsDoor(
                        *(devices, reports_first, known_as.identities, UsagePoints(heads)),
                        traces=traces,
                    ),
                    watched.reports,
                )
            ),
            shipments=measured.shipments(
                ShipmentsDoor(
                    journal=Journal(commits, now=now, noted=measured.commits),
                    rules=rules,
                    reports_first=reports_first,
                    identities=known_as.identities,
                )
            ),
            archive=Archive(journal),
            quarantine=QuarantineDoor(quarantine, watched.replays, now),
            tellers=watched.tellers,
            feeds=FeedsDoor(feeds, now),
            readings=ReadingsDoor(readings, now),
        )

        status = watched.status(now=now, residents=residents)
        healthy = health.aio.HealthServicer()

        def services(server: grpc.aio.Server) -> list[str]:
            identity = IdentityDoor(known_as.deciding, known_as.joining)
            added = add_services(server, hub, identity, AuditDoor(deeds))
            return [*added, *add_status(server, status)]

        follower = Follower(
            name=FOLLOWER,
            client=client,
            commits=commits,
            positions=collection("positions"),
            deliver=watched.deliveries,
            most=settings.provisioning_batch,
            holder=Holder.on_port(settings.grpc_port),
        )
        sweep = SilenceSweep(
            heads=heads,
            devices=devices,
            marks=collection("positions"),
            every=timedelta(seconds=settings.silence_sweep_seconds),
            silence_after=rules.silence_after,
            pace=Pace(settings.silence_checks_per_second, settings.sweep_turns_at_once),
            now=now,
        )
        plans = PlanSweep(
            heads=heads,
            devices=devices,
            every=timedelta(seconds=settings.plan_sweep_seconds),
            pace=Pace(settings.plans_per_second, settings.sweep_turns_at_once),
            now=now,
        )
        checker = Checker(
            journal=journal,
            heads=heads,
            provisioning=provisioning,
            register=register,
            every=timedelta(seconds=settings.reconcile_seconds),
            gaps=gaps,
        )
        heads_check = HeadsCheck(journal=journal, heads=heads, rules=rules, every=timedelta(days=1))
        progress = ProgressHealth(
            healthy=healthy,
            hops=status.hops,
            now=now,
            standstill_seconds=settings.standstill_seconds,
        )
        measured.observe(
            residents=residents,
            deliveries=watched.deliveries,
            gaps=gaps,
            quarantine=quarantine,
            token=token,
            health=progress,
        )
        calls = CallsMeasured(instruments)
        instruments.complete()
        async with serving(
            settings.grpc_port,
            services,
            translate,
            host=settings.host,
            interceptors=[*door, access.interceptor, DeedsNoted(deeds, HUB, translate, now=now)],
            healthy=healthy,
            calls=calls,
            traces=CallsTraced(traces),
        ) as port:
            log.info("hub serves", port=port)
            host = await actor_host(
                residents,
                secrets.proof,
                sidecar,
                idle=timedelta(seconds=settings.actor_idle_seconds),
            )
            await run_together(
                {
                    "actor host": host.run_forever(),
                    "follower": follower.run(),
                    "silence sweep": sweep.run(),
                    "sweep of plans": plans.run(),
                    "checker": checker.run(),
                    "check of the heads": heads_check.run(),
                    "identities": known_as.watching.run(),
                    "joins": known_as.joining.run(),
                    "signing keys": access.keys.run(),
                    "progress": progress.run(),
                    **of_roots(commits, collection(ROOTS), secrets.evidence_key, now, BY_REVISION),
                }
            )


def _own_token(settings: HubSettings) -> ServiceToken:
    return ServiceToken(
        partial(
            ask_as_service,
            str(settings.token_url),
            settings.client_id,
            settings.client_secret_file,
            timeout_seconds=_TOKEN_SECONDS,
        ),
        clock=time.monotonic,
    )


if __name__ == "__main__":
    raise SystemExit(main())
