"""``python -m bff``: the bff, put together."""

from types import FrameType

import structlog
import uvicorn
import uvloop

from bff.app import make_app
from bff.door.page_files import PageFiles
from bff.door.serving import allow_connections, server_config
from bff.export.doors import ExportDoors
from bff.graph.asking.services import open_services
from bff.graph.limits.slots import SubscriptionSlots
from bff.graph.schema import make_schema
from bff.metrics import METRICS, REQUESTS, RequestsMeasured, observe_bff, operations_heard
from bff.session.assembly import add_page, open_page
from bff.session.settings import PageSettings
from bff.session.store import SessionStore
from bff.settings import BffSettings
from bff.trusted import read_trusted_documents
from service_chassis.logs import LogLines, configure_logs
from service_chassis.settings import SidecarSettings, load_settings
from service_chassis.tasks import in_background, stop_signal
from service_metrics.settings import CollectorSettings
from service_metrics.telling import open_instruments
from service_traces.opening import open_traces
from service_traces.settings import TraceSettings

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """Ends subscriptions as soon as the server is to stop. Otherwise they would keep it alive for ever."""

    def __init__(
        self, config: uvicorn.Config, slots: SubscriptionSlots, sessions: SessionStore
    ) -> None:
        super().__init__(config)
        self._slots = slots
        self._sessions = sessions

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._slots.close()
        self._sessions.close_streams()
        super().handle_exit(sig, frame)


async def run(
    settings: BffSettings,
    page_settings: PageSettings,
    sidecar: SidecarSettings,
    *,
    collector: CollectorSettings,
    tracing: TraceSettings,
    lines: LogLines,
) -> None:
    """Serve until SIGTERM."""
    # uvicorn raises the signal again when it has ended; this takes it.
    stop_signal()
    slots = SubscriptionSlots(
        at_most=settings.most_subscriptions, per_user=settings.most_subscriptions_per_user
    )
    async with (
        open_services(sidecar, settings.timeout_seconds) as services,
        open_page(page_settings) as doors,
        open_instruments(settings, collector, "bff", METRICS, lines) as instruments,
        open_traces(tracing, "bff") as traces,
    ):
        heard = operations_heard(instruments)
        schema = make_schema(settings, read_trusted_documents(only=False), heard, traces)
        app = make_app(settings, schema, services, slots, doors.callers, doors.subgraph_requests)
        add_page(app, doors, page_settings)
        ExportDoors(page=doors.page, register=services.register).add_to(app)
        if settings.page_folder:
            PageFiles(settings.page_folder).add_to(app)
        # Around all others: what they refuse counts, too.
        app.add_middleware(RequestsMeasured, requests=instruments.histogram(REQUESTS))
        observe_bff(instruments, slots=slots, sessions=doors.store)
        instruments.complete()
        config = server_config(app, settings)
        log.info("serving", port=settings.http_port)
        async with in_background({"signing keys": doors.keys.run()}):
            await _Server(config, slots, doors.store).serve()
    log.info("stopped")


def main() -> None:
    settings = load_settings(BffSettings)
    page_settings = load_settings(PageSettings)
    sidecar = load_settings(SidecarSettings)
    collector = load_settings(CollectorSettings)
    tracing = load_settings(TraceSettings)
    lines = configure_logs("bff", settings.log_level)
    allow_connections()
    serving = run(
        *(settings, page_settings, sidecar), collector=collector, tracing=tracing, lines=lines
    )
    uvloop.run(serving)


if __name__ == "__main__":
    main()
