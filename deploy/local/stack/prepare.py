"""Before the processes start: the state directory with its secrets, certificates and files."""

import datetime as dt
import shlex
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from deploy.local.certificates.mesh_authority import finish_rotation, issue_authority
from deploy.local.certificates.mesh_identity import issue_tokens
from deploy.local.facts.ports import APPS, BFF, CALLERS
from deploy.local.facts.secret_files import secret, write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.apps import app_environment
from deploy.local.processes.broker import prepare_broker
from deploy.local.processes.dapr import (
    flags_beyond_dapr_run,
    metrics_flags,
    sentry_configuration,
    sidecar_environment,
    sidecar_name,
)
from deploy.local.processes.dashboards import write_dashboards
from deploy.local.processes.file_variables import variables_of_app, variables_of_sidecar
from deploy.local.processes.keycloak import prepare_keycloak
from deploy.local.processes.mongod_access import prepare_mongod, service_users
from deploy.local.processes.prometheus import prometheus_configuration
from deploy.local.processes.simulator import write_connector_configuration


def prepare_state(facts: StackFacts, *, now: dt.datetime) -> None:
    """Make what is missing; secrets and the authority stay as the first start made them."""
    state, ports = facts.state, facts.ports
    for folder in (state.scheduler_data, state.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret(state.actor_proof_secret)
    prepare_evidence_key(state)
    for app in APPS:
        secret(state.app_api_token(app))
    for app in (*APPS, *CALLERS):
        secret(state.sidecar_api_token(app))
    finish_rotation(state.mesh, state.next_authority)
    issue_authority(state.mesh, now=now)
    issue_tokens(state.mesh, (*APPS, *CALLERS), now=now)
    write_private(
        state.sentry_configuration, sentry_configuration(facts.settings.certificate_minutes)
    )
    prepare_broker(state.broker, port=ports["broker"], tls_port=ports["broker-tls"], now=now)
    prepare_keycloak(state.keycloak, install=facts.runtime.keycloak, ports=ports)
    users = service_users(facts.environment)
    prepare_mongod(facts.mongod, users, port=ports["mongod"], now=now)
    write_connector_configuration(facts)
    if facts.settings.observability:
        write_private(state.prometheus_configuration, prometheus_configuration(facts))
        write_dashboards(state.prometheus_dashboards)
    for app in (*APPS, BFF):
        _write_environment(state, app, app_environment(app, facts), variables_of_app(app, state))
    for app in (*APPS, *CALLERS):
        metrics = metrics_flags(sidecar_name(app), facts)
        for_dapr_run = {
            "METERPARK_DAPRD": str(facts.runtime.daprd),
            "METERPARK_DAPRD_FLAGS": " ".join(flags_beyond_dapr_run(app, ports, metrics)),
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


def prepare_evidence_key(state: StateDirectory) -> None:
    """Make the key with which the hub signs its roots, if there is none yet; it stays for good."""
    if state.evidence_public_key.exists():
        return
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(state.evidence_key, private)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # Last, as it marks both as complete.
    write_private(state.evidence_public_key, public)


def _write_environment(
    state: StateDirectory, name: str, environment: Mapping[str, str], files: Mapping[str, Path]
) -> None:
    lines = [f"{key}={shlex.quote(value)}\n" for key, value in environment.items()]
    # The shell reads them when a program starts: they may change, and need not stand here.
    lines += [f'{key}="$(cat {shlex.quote(str(file))})"\n' for key, file in files.items()]
    write_private(state.environments / f"{name}.env", "".join(lines))
