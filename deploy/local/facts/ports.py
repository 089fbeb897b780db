"""Which port each listener of a stack gets; all of them on 127.0.0.1."""

import json
import random
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.facts.secret_files import write_private

# Apps with a gRPC server, which their own sidecars call.
APPS: Final = ("device-hub", "smoc-service", "iec-connector")
# The page's server side: browsers and the router call it over HTTP, no sidecar does.
BFF: Final = "bff"
# In front of the bff's graph, for programs; it has no sidecar, as it calls no service.
ROUTER: Final = "router"
# Those that call through a sidecar and are called by none: the command, which is no process of the stack, and the bff.
CALLERS: Final = ("meterpark-cli", BFF)

PROMETHEUS: Final = "prometheus"


def metrics_of(app: str) -> str:
    """Return the name of the port where the app tells its metrics."""
    return f"metrics-{app}"


# `dapr run` looks for Sentry on 50001 and nowhere else; the broker and mongod are where people
# look for them; the rest keeps out of the range from which the system takes outgoing ports.
WELL_KNOWN: Final[Mapping[str, int]] = {
    "broker": 61616,
    "broker-tls": 61617,
    "mongod": 27017,
    "sentry": 50001,
    "sentry-health": 20101,
    "placement": 20105,
    "placement-health": 20106,
    "placement-raft": 20107,
    "scheduler": 20110,
    "scheduler-health": 20111,
    "scheduler-etcd": 20112,
    "scheduler-etcd-peer": 20113,
    **{app: 20120 + place for place, app in enumerate(APPS)},
    "keycloak": 20180,
    "keycloak-management": 20181,
    **{
        f"{app}-sidecar-{kind}": 20130 + 3 * place + offset
        for place, app in enumerate((*APPS, *CALLERS))
        for offset, kind in enumerate(("http", "grpc", "internal"))
    },
    # Those that came later stand behind, so that every port of a PORT_BASE stays what it was.
    BFF: 20190,
    ROUTER: 20191,
    **{metrics_of(app): 20192 + place for place, app in enumerate((*APPS, BFF))},
    PROMETHEUS: 20199,
    # With `WITH=observability` only.
    **{
        metrics_of(name): 20200 + place
        for place, name in enumerate(
            (
                *(f"{app}-sidecar" for app in (*APPS, *CALLERS)),
                *("sentry", "placement", "scheduler"),
            )
        )
    },
}

_FIRST_FREE, _LAST_FREE = 20_210, 32_000


def ports_of_apps() -> tuple[str, ...]:
    """Names of the ports of apps and sidecars, in the order of `WELL_KNOWN`."""
    return tuple(name for name in WELL_KNOWN if name.startswith((*APPS, *CALLERS)))


class PortTaken(Exception):
    """Another process holds a requested port; the text names it."""


def choose_ports(remembered: Path, base: int | None) -> dict[str, int]:
    """Return a port per listener, and remember them for the next start of this stack.

    With `base` they are exactly base, base + 1, ...; without, those of last time, else the
    well-known ones; one that is taken is replaced by a free one.

    Raises:
        PortTaken: only with `base`.
    """
    ports: dict[str, int] = {}
    if base is not None:
        ports = {name: base + place for place, name in enumerate(WELL_KNOWN)}
        for name, port in ports.items():
            if not is_free(port):
                raise PortTaken(f"port {port} ({name}) is taken; choose another PORT_BASE")
    else:
        wanted = {**WELL_KNOWN, **_read(remembered)}
        for name in WELL_KNOWN:
            port = wanted[name]
            while port in ports.values() or not is_free(port):
                port = random.randint(_FIRST_FREE, _LAST_FREE)  # noqa: S311 - not a secret
            ports[name] = port
    write_private(remembered, json.dumps(ports, indent=2))
    return ports


def _read(remembered: Path) -> dict[str, int]:
    try:
        stored = json.loads(remembered.read_text())
    except (OSError, ValueError):
        return {}
    return {name: int(port) for name, port in stored.items() if name in WELL_KNOWN}


def is_free(port: int) -> bool:
    """Return whether a server on 127.0.0.1 can have the port now."""
    with socket.socket() as candidate:
        # As servers do: a port in TIME_WAIT is free.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
