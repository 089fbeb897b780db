"""The runtime picture of one machine: every process of a stack, and what it is told.

Read it from the bottom: `stack_plan` is the whole, the functions above are its parts.
"""

import sys
from collections.abc import Mapping

from deploy.local.facts.ports import APPS, BFF, CALLERS
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.broker import broker_command
from deploy.local.processes.dapr import control_plane, sidecar
from deploy.local.processes.file_variables import variables_of_app, with_files
from deploy.local.processes.keycloak import bff_url, issuer, jwks_url, keycloak_command, token_url
from deploy.local.processes.mongod import mongod_command, step_command
from deploy.local.processes.mongod_access import ServiceUser
from deploy.local.processes.process_plan import After, CommandProbe, HttpProbe, ProcessPlan, listens
from deploy.local.processes.router import router_plan, router_url
from deploy.local.processes.simulator import simulator_plan
from deploy.runtime.paths import Runtime

REPLICA_SET_STEP = "mongod-replica-set"
REALM_STEP = "keycloak-realm"
# Processes that end; the others run for ever.
STEPS = frozenset({REPLICA_SET_STEP, REALM_STEP})

# A Java program cannot open a file whose name has letters that its locale lacks.
_ANY_PATH = {"LC_ALL": "C.UTF-8"}

_MODULES = {
    "device-hub": "device_hub",
    "smoc-service": "smoc_service",
    "iec-connector": "iec_connector",
    BFF: "bff",
}


def mongodb_users(environment: Mapping[str, str]) -> list[ServiceUser]:
    """Return each service's user; a database that the person's environment names is its own, too."""
    return [
        ServiceUser(
            name="device_hub",
            database=environment.get("DEVICE_HUB_MONGODB_DATABASE", "device_hub"),
        ),
        ServiceUser(
            name="smoc_service", database=environment.get("SMOC_SERVICE_MONGODB_DATABASE", "smoc")
        ),
    ]


def neighbours(
    settings: StackSettings,
    runtime: Runtime,
    state: StateDirectory,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
) -> list[ProcessPlan]:
    """The broker, the database, the login: things that a utility has already."""
    mongod = state.mongod(tls=settings.mongodb_tls)
    return [
        ProcessPlan(
            name="mongod",
            command=tuple(
                mongod_command(
                    mongod=runtime.mongod,
                    files=mongod,
                    port=ports["mongod"],
                    test_commands=False,
                )
            ),
            probe=listens(ports["mongod"]),
            probe_seconds=1,
            stop_seconds=30,
        ),
        ProcessPlan(
            name=REPLICA_SET_STEP,
            command=step_command(ports["mongod"], mongod, mongodb_users(environment)),
            after={"mongod": After.HEALTHY},
            once=True,
        ),
        ProcessPlan(
            name="broker",
            command=tuple(
                broker_command(java=runtime.java, jars=runtime.activemq_jars, files=state.broker)
            ),
            environment=_ANY_PATH,
            probe=listens(ports["broker"]),
            probe_seconds=1,
            stop_seconds=30,
        ),
        # Nothing waits for it: services ask for keys and tokens until they get them.
        ProcessPlan(
            name="keycloak",
            command=tuple(
                keycloak_command(java=runtime.java, install=runtime.keycloak, files=state.keycloak)
            ),
            environment=_ANY_PATH,
            probe=HttpProbe(port=ports["keycloak-management"], path="/health/ready"),
            probe_seconds=1,
            stop_seconds=20,
        ),
        # The realm is imported by now: its file with all the secrets goes, and its absence says
        # that the first start came to its end.
        ProcessPlan(
            name=REALM_STEP,
            command=("rm", "-f", str(state.keycloak.realm_to_import)),
            after={"keycloak": After.HEALTHY},
            once=True,
        ),
    ]


def app_environment(
    app: str,
    settings: StackSettings,
    state: StateDirectory,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
) -> dict[str, str]:
    """Return the settings of `app` in this stack; secrets are named by their files.

    What the person's `environment` says about the app wins (a database elsewhere, another
    configuration file), but for the port, which its sidecar has to know.
    """
    prefix = f"{_MODULES[app].upper()}_"
    told = {
        **_mongodb_login("device_hub", settings, state, ports, environment),
        **_mongodb_login("smoc_service", settings, state, ports, environment),
        "DEVICE_HUB_ACTOR_PROOF_SECRET_FILE": str(state.actor_proof_secret),
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
        **environment,
        f"{prefix}{'HTTP' if app == BFF else 'GRPC'}_PORT": str(ports[app]),
    }
    return {
        **{name: value for name, value in told.items() if name.startswith(prefix)},
        "DAPR_GRPC_PORT": str(ports[f"{app}-sidecar-grpc"]),
        "DAPR_HTTP_PORT": str(ports[f"{app}-sidecar-http"]),
        "PYTHONUNBUFFERED": "1",
    }


def _mongodb_login(
    service: str,
    settings: StackSettings,
    state: StateDirectory,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
) -> dict[str, str]:
    prefix = f"{service.upper()}_MONGODB"
    if f"{prefix}_URL" in environment:
        return {}  # a database of the person's own, where our password is none
    files = state.mongod(tls=settings.mongodb_tls)
    return {
        f"{prefix}_URL": files.url(ports["mongod"], service),
        f"{prefix}_PASSWORD_FILE": str(files.password_file(service)),
    }


def app(
    name: str,
    settings: StackSettings,
    runtime: Runtime,
    state: StateDirectory,
    ports: Mapping[str, int],
    *,
    environment: Mapping[str, str],
) -> ProcessPlan:
    after = (
        {"broker": After.HEALTHY}
        if name == "iec-connector"
        else {REPLICA_SET_STEP: After.SUCCEEDED}
    )
    return ProcessPlan(
        name=name,
        command=with_files(variables_of_app(name, state), (sys.executable, "-m", _MODULES[name])),
        environment=app_environment(name, settings, state, ports, environment),
        after=after,
        probe=CommandProbe(
            command=(str(runtime.grpc_health_probe), f"-addr=127.0.0.1:{ports[name]}")
        ),
        restart_when_hung=True,
        stop_seconds=20,
    )


def bff(
    state: StateDirectory,
    settings: StackSettings,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
) -> ProcessPlan:
    """Waits for nobody: while the register or Keycloak are away it says so to who asks."""
    return ProcessPlan(
        name=BFF,
        command=with_files(variables_of_app(BFF, state), (sys.executable, "-m", _MODULES[BFF])),
        environment=app_environment(BFF, settings, state, ports, environment),
        probe=HttpProbe(port=ports[BFF], path="/healthz"),
        restart_when_hung=True,
        stop_seconds=20,
    )


def stack_plan(
    settings: StackSettings,
    runtime: Runtime,
    state: StateDirectory,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
) -> list[ProcessPlan]:
    """Every process of the stack; what waits for what stands in each plan's `after`."""
    plans = [
        *neighbours(settings, runtime, state, ports, environment),
        *control_plane(runtime, state, ports),
    ]
    if settings.only == "neighbours":
        return plans
    for name in APPS:
        plans.append(sidecar(name, runtime, state, ports, app_port=ports[name]))
        plans.append(app(name, settings, runtime, state, ports, environment=environment))
    plans += [sidecar(name, runtime, state, ports, app_port=None) for name in CALLERS]
    plans.append(bff(state, settings, ports, environment))
    plans.append(router_plan(runtime, ports, environment))
    simulator = simulator_plan(settings, state, ports, environment)
    return [*plans, *([simulator] if simulator else [])]
