"""The router of one machine: its settings and its process."""

from deploy.local.facts.addresses import issuer, jwks_url
from deploy.local.facts.ports import BFF, ROUTER
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.process_plan import HttpProbe, ProcessPlan
from deploy.runtime.node import ROUTER_SOURCE

# V8 gives memory back rather than grow beyond this; measured in docs/decisions/0029.
_HEAP_MEGABYTES = 256
# https://opentelemetry.io/docs/specs/otel/protocol/exporter/
_RECEIVERS_OF_TRACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def router_plan(facts: StackFacts) -> ProcessPlan:
    """Waits for no other process: its supergraph is a file, and it requests keys from Keycloak until it has them.

    The user's `environment` wins for limits and the like (`ROUTER_...`) and for the goal of traces, but not for
    addresses.
    """
    runtime, ports = facts.runtime, facts.ports
    said = {
        name: value
        for name, value in facts.environment.items()
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
