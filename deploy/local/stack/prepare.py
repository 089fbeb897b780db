"""Before the processes start: the state directory with its secrets, certificates and files."""

import datetime as dt
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.certificates.mesh_authority import finish_rotation, issue_authority
from deploy.local.certificates.mesh_identity import issue_tokens
from deploy.local.facts.ports import APPS, BFF, CALLERS
from deploy.local.facts.secret_files import secret, write_private
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.broker import prepare_broker
from deploy.local.processes.dapr import (
    flags_beyond_dapr_run,
    sentry_configuration,
    sidecar_environment,
)
from deploy.local.processes.file_variables import variables_of_app, variables_of_sidecar
from deploy.local.processes.keycloak import (
    ADMIN,
    bff_url,
    device_authorization_url,
    issuer,
    jwks_url,
    keycloak_url,
    prepare_keycloak,
    token_url,
)
from deploy.local.processes.keycloak_realm import confidential_clients, people
from deploy.local.processes.mongod_access import prepare_mongod
from deploy.local.processes.router import router_url
from deploy.local.processes.simulator import write_connector_configuration
from deploy.local.stack.stack_plan import app_environment, mongodb_users
from deploy.runtime.paths import Runtime


def prepare_state(
    settings: StackSettings,
    state: StateDirectory,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
    *,
    runtime: Runtime,
    now: dt.datetime,
) -> None:
    """Make what is missing; secrets and the authority stay as the first start made them."""
    for folder in (state.scheduler_data, state.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret(state.actor_proof_secret)
    for app in APPS:
        secret(state.app_api_token(app))
    for app in (*APPS, *CALLERS):
        secret(state.sidecar_api_token(app))
    finish_rotation(state.mesh, state.next_authority)
    issue_authority(state.mesh, now=now)
    issue_tokens(state.mesh, (*APPS, *CALLERS), now=now)
    write_private(state.sentry_configuration, sentry_configuration(settings.certificate_minutes))
    prepare_broker(state.broker, port=ports["broker"], tls_port=ports["broker-tls"], now=now)
    prepare_keycloak(state.keycloak, install=runtime.keycloak, ports=ports)
    mongod = state.mongod(tls=settings.mongodb_tls)
    prepare_mongod(mongod, mongodb_users(environment), port=ports["mongod"], now=now)
    write_connector_configuration(state, ports)
    for app in (*APPS, BFF):
        told = app_environment(app, settings, state, ports, environment)
        _write_environment(state, app, told, variables_of_app(app, state))
    for app in (*APPS, *CALLERS):
        for_dapr_run = {
            "METERPARK_DAPRD": str(runtime.daprd),
            "METERPARK_DAPRD_FLAGS": " ".join(flags_beyond_dapr_run(app, ports)),
        }
        _write_environment(
            state,
            f"{app}-sidecar",
            {**sidecar_environment(app, state), **for_dapr_run},
            variables_of_sidecar(app, state),
        )
    # A sidecar that was killed leaves its address behind, which would be asked for a while.
    for leftover in state.root.glob("name-resolution.sqlite*"):
        leftover.unlink()


def describe_stack(
    settings: StackSettings, state: StateDirectory, ports: Mapping[str, int]
) -> dict[str, Any]:
    """Return what `stack.json` says: where everything of this stack listens. It holds no secret."""
    secrets = state.keycloak.secrets
    return {
        "stack": settings.stack,
        "state_directory": str(state.root),
        "supervisor_socket": str(state.supervisor_socket),
        "apps": {app: {"grpc": ports[app]} for app in APPS},
        "bff": {"url": bff_url(ports)},
        "router": {"url": router_url(ports)},
        "sidecars": {
            app: {
                **{kind: ports[f"{app}-sidecar-{kind}"] for kind in ("http", "grpc", "internal")},
                "api_token_file": str(state.sidecar_api_token(app)),
            }
            for app in (*APPS, *CALLERS)
        },
        "broker": {
            "url_amqp": f"amqp://127.0.0.1:{ports['broker']}",
            "url_openwire": f"tcp://127.0.0.1:{ports['broker']}",
            "url_amqps": f"amqps://localhost:{ports['broker-tls']}",
            "url_openwire_tls": f"ssl://localhost:{ports['broker-tls']}",
            **{
                entry: value
                for user in ("hes", "connector", "admin")
                for entry, value in (
                    (f"user_{user}", user),
                    (f"password_file_{user}", str(state.broker.password_file(user))),
                )
            },
        },
        "keycloak": {
            "url": keycloak_url(ports),
            "issuer": issuer(ports),
            "jwks_url": jwks_url(ports),
            "token_url": token_url(ports),
            "device_authorization_url": device_authorization_url(ports),
            "admin_user": ADMIN,
            "admin_password_file": str(secrets.admin),
            "client_secret_files": {
                client: str(secrets.client(client)) for client in confidential_clients()
            },
            "user_password_files": {
                person.name: str(secrets.user(person.name)) for person in people()
            },
        },
        # The file holds a URL with user and password.
        "mongodb": {"url_file": str(state.mongod(tls=settings.mongodb_tls).operator_url)},
        "ports": dict(ports),
    }


def write_description(state: StateDirectory, description: Mapping[str, Any]) -> None:
    write_private(state.description, json.dumps(description, indent=2))


def _write_environment(
    state: StateDirectory, name: str, environment: Mapping[str, str], files: Mapping[str, Path]
) -> None:
    lines = [f"{key}={shlex.quote(value)}\n" for key, value in environment.items()]
    # The shell reads them when a program starts: they may change, and need not stand here.
    lines += [f'{key}="$(cat {shlex.quote(str(file))})"\n' for key, file in files.items()]
    write_private(state.environments / f"{name}.env", "".join(lines))
