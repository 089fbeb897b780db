"""The router of one machine: where it is, what it is told, and its process."""

from collections.abc import Mapping

from deploy.local.facts.ports import BFF, ROUTER
from deploy.local.processes.keycloak import issuer, jwks_url
from deploy.local.processes.process_plan import HttpProbe, ProcessPlan
from deploy.runtime.node import ROUTER_SOURCE
from deploy.runtime.paths import Runtime

# V8 gives memory back rather than grow beyond this; measured in docs/decisions/0029.
_HEAP_MEGABYTES = 256
# https://opentelemetry.io/docs/specs/otel/protocol/exporter/
_RECEIVERS_OF_TRACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def router_url(ports: Mapping[str, int]) -> str:
    """Where programs find the graph."""
    return f"http://localhost:{ports[ROUTER]}/graphql"


def router_plan(
    runtime: Runtime, ports: Mapping[str, int], environment: Mapping[str, str]
) -> ProcessPlan:
    """Waits for nobody: it has its supergraph from a file, and asks Keycloak for keys until it has them.

    What the person's `environment` says about limits and the like (`ROUTER_...`) wins, but for addresses;
    where it says that traces go, they go.
    """
    said = {
        name: value
        for name, value in environment.items()
        if name.startswith("ROUTER_") or name in _RECEIVERS_OF_TRACES
    }
    return ProcessPlan(
        name=ROUTER,
        command=(
            *(str(runtime.node), f"--max-old-space-size={_HEAP_MEGABYTES}"),
            # As a URL: Node reads a path behind --import like one, "%41" for "A".
            *("--import", (ROUTER_SOURCE / "packages.mjs").as_uri()),
            str(ROUTER_SOURCE / "main.mjs"),
        ),
        environment={
            **said,
            "ROUTER_PACKAGES": str(runtime.router_packages),
            "ROUTER_HOST": "127.0.0.1",
            "ROUTER_PORT": str(ports[ROUTER]),
            "ROUTER_BFF_URL": f"http://127.0.0.1:{ports[BFF]}/graphql",
            "ROUTER_TOKEN_ISSUER": issuer(ports),
            "ROUTER_TOKEN_JWKS_URL": jwks_url(ports),
            "NODE_ENV": "production",
        },
        probe=HttpProbe(port=ports[ROUTER], path="/healthz"),
        restart_when_hung=True,
        stop_seconds=15,
    )
