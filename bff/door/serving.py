"""How the bff listens: one place for the process and for tests."""

import resource
from typing import Any, Final

import uvicorn

from bff.door.connections import connections_of
from bff.settings import BffSettings
from service_chassis.server import GRACE_SECONDS

_MESSAGE_LIMIT_BYTES: Final = 64 * 1024
# A stream takes two, one to the page and one to the router; a login shell often allows 1,024 in all.
_OPEN_FILES: Final = 16_384


def allow_connections() -> None:
    """Let this process hold as many connections as its limits speak of, as far as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def server_config(app: Any, settings: BffSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=connections_of(settings),
        ws_max_size=_MESSAGE_LIMIT_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        # By default uvicorn trusts any process on this machine about a client's address.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
