"""Our own services as processes of a stack: their settings, and how each is started."""

import sys

from deploy.local.facts.addresses import bff_url, issuer, jwks_url, router_url, token_url
from deploy.local.facts.ports import BFF, metrics_of
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.file_variables import variables_of_app, with_files
from deploy.local.processes.mongod import REPLICA_SET_STEP
from deploy.local.processes.process_plan import After, CommandProbe, HttpProbe, ProcessPlan

_MODULES = {
    "device-hub": "device_hub",
    "smoc-service": "smoc_service",
    "iec-connector": "iec_connector",
    BFF: "bff",
}
# Where metrics and traces are sent to, and how many, by OpenTelemetry's own names.
_TELEMETRY = ("OTEL_EXPORTER_OTLP_", "OTEL_METRIC_EXPORT_", "OTEL_TRACES_", "OTEL_BSP_")


def app_environment(app: str, facts: StackFacts) -> dict[str, str]:
    """Return the settings of `app` in this stack; secrets are named by their files.

    The user's `environment` wins (a database elsewhere, another configuration file), except for the ports, which the
    sidecar and Prometheus have to know.
    """
    state, ports = facts.state, facts.ports
    prefix = f"{_MODULES[app].upper()}_"
    told = {
        **_mongodb_login("device_hub", facts),
        **_mongodb_login("smoc_service", facts),
        "DEVICE_HUB_ACTOR_PROOF_SECRET_FILE": str(state.actor_proof_secret),
        "DEVICE_HUB_EVIDENCE_KEY_FILE": str(state.evidence_key),
        "DEVICE_HUB_TOKEN_ISSUER": issuer(ports),
        "DEVICE_HUB_TOKEN_JWKS_URL": jwks_url(ports),
        "DEVICE_HUB_TOKEN_URL": token_url(ports),
        "DEVICE_HUB_CLIENT_ID": "device-hub",
        "DEVICE_HUB_CLIENT_SECRET_FILE": str(state.keycloak.secrets.client("device-hub")),
        "SMOC_SERVICE_TOKEN_ISSUER": issuer(ports),
        "SMOC_SERVICE_TOKEN_JWKS_URL": jwks_url(ports),
        "IEC_CONNECTOR_CONFIG": str(state.connector_configuration),
        "BFF_TOKEN_ISSUER": issuer(ports),
        "BFF_TOKEN_JWKS_URL": jwks_url(ports),
        "BFF_CLIENT_ID": BFF,
        "BFF_CLIENT_SECRET_FILE": str(state.keycloak.secrets.client(BFF)),
        "BFF_INTROSPECTION": "true",
        "BFF_PUBLIC_URL": bff_url(ports),
        "BFF_ROUTER_URL": router_url(ports),
        "BFF_PAGE_FOLDER": str(facts.runtime.page),
        **facts.environment,
        f"{prefix}{'HTTP' if app == BFF else 'GRPC'}_PORT": str(ports[app]),
        f"{prefix}METRICS_PORT": str(ports[metrics_of(app)]),
    }
    return {
        **{name: value for name, value in told.items() if name.startswith((prefix, *_TELEMETRY))},
        "DAPR_GRPC_PORT": str(ports[f"{app}-sidecar-grpc"]),
        "DAPR_HTTP_PORT": str(ports[f"{app}-sidecar-http"]),
        "PYTHONUNBUFFERED": "1",
    }


def _mongodb_login(service: str, facts: StackFacts) -> dict[str, str]:
    prefix = f"{service.upper()}_MONGODB"
    if f"{prefix}_URL" in facts.environment:
        return {}  # a database of the user's own, where our password is not valid
    url = facts.mongod.url(facts.ports["mongod"], service)
    if proxy := facts.settings.mongod_proxy_port:
        # Directly: else the client goes to where the replica set says that its member is.
        url = f"{facts.mongod.url(proxy, service)}&directConnection=true"
    return {
        f"{prefix}_URL": url,
        f"{prefix}_PASSWORD_FILE": str(facts.mongod.password_file(service)),
    }


def app_plan(name: str, facts: StackFacts) -> ProcessPlan:
    """Return the service behind the sidecar of that name."""
    after = (
        {"broker": After.HEALTHY}
        if name == "iec-connector"
        else {REPLICA_SET_STEP: After.SUCCEEDED}
    )
    return ProcessPlan(
        name=name,
        command=_command(name, facts),
        environment=app_environment(name, facts),
        after=after,
        probe=CommandProbe(
            command=(
                str(facts.runtime.grpc_health_probe),
                f"-addr=127.0.0.1:{facts.ports[name]}",
            )
        ),
        restart_when_hung=True,
        stop_seconds=20,
    )


def bff_plan(facts: StackFacts) -> ProcessPlan:
    """Waits for no other process: while the register or Keycloak is away, it says so to its callers."""
    return ProcessPlan(
        name=BFF,
        command=_command(BFF, facts),
        environment=app_environment(BFF, facts),
        probe=HttpProbe(port=facts.ports[BFF], path="/healthz"),
        restart_when_hung=True,
        stop_seconds=20,
    )


def _command(app: str, facts: StackFacts) -> tuple[str, ...]:
    return with_files(variables_of_app(app, facts.state), (sys.executable, "-m", _MODULES[app]))
