"""How the bff listens: one place for the process and for tests."""

from typing import Any, Final

import uvicorn

from bff.settings import BffSettings
from service_chassis.server import GRACE_SECONDS

_MESSAGE_LIMIT_BYTES: Final = 64 * 1024


def server_config(app: Any, settings: BffSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http="httptools",
        ws_max_size=_MESSAGE_LIMIT_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn believes what anybody on this machine says about a client's address, unless told otherwise.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
