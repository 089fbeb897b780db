"""``python -m bff``: the bff, put together."""

from types import FrameType

import structlog
import uvicorn
import uvloop

from bff.app import make_app
from bff.graph.register import open_register
from bff.graph.slots import SubscriptionSlots
from bff.settings import BffSettings
from service_chassis.logs import configure_logs
from service_chassis.server import GRACE_SECONDS, stop_signal
from service_chassis.settings import SidecarSettings, load_settings

log = structlog.get_logger()

_MESSAGE_LIMIT_BYTES = 64 * 1024


class _Server(uvicorn.Server):
    """Lets subscribers go as soon as it is told to stop: they would stay for ever, and the server with them."""

    def __init__(self, config: uvicorn.Config, slots: SubscriptionSlots) -> None:
        super().__init__(config)
        self._slots = slots

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._slots.close()
        super().handle_exit(sig, frame)


async def run(settings: BffSettings, sidecar: SidecarSettings) -> None:
    """Serve until SIGTERM."""
    # uvicorn raises the signal again when it has ended; this takes it.
    stop_signal()
    slots = SubscriptionSlots(
        at_most=settings.most_subscriptions, per_user=settings.most_subscriptions_per_user
    )
    async with open_register(sidecar, settings.timeout_seconds) as register:
        config = uvicorn.Config(
            make_app(settings, register, slots),
            host=settings.http_host,
            port=settings.http_port,
            http="httptools",
            ws_max_size=_MESSAGE_LIMIT_BYTES,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        log.info("serving", port=settings.http_port)
        await _Server(config, slots).serve()
    log.info("stopped")


def main() -> None:
    settings = load_settings(BffSettings)
    sidecar = load_settings(SidecarSettings)
    configure_logs("bff", settings.log_level)
    uvloop.run(run(settings, sidecar))


if __name__ == "__main__":
    main()
