"""Dapr's control plane and the sidecars: how each is started, with mTLS everywhere.

Names, flags and certificates are the same with `dapr run` (see deploy/local/dapr.yaml).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from deploy.local.certificates.mesh_authority import trust_anchors_file
from deploy.local.certificates.mesh_identity import (
    CONTROL_PLANE_TRUST_DOMAIN,
    NAMESPACE,
    token_file,
)
from deploy.local.facts.ports import APPS, metrics_of
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.file_variables import trusting, variables_of_sidecar, with_files
from deploy.local.processes.process_plan import After, HttpProbe, ProcessPlan

COMPONENTS = Path(__file__).resolve().parents[3] / "components"
# Batches of reports travel in one message; the hub's and the register's limits are below it.
MAX_BODY = "16Mi"
# The only app that hosts actors. An access policy does not guard actors (design, decision 5): what
# keeps the others from calling them is that their sidecars know no placement service.
ACTOR_HOST = "device-hub"

NO_METRICS: Final = ("--enable-metrics=false",)
_LOCAL = "127.0.0.1"
# Given for a later Dapr: 1.18.2 ignores it, and its health ports listen on every address.
_HEALTH_LISTENER = ("--healthz-listen-address", _LOCAL)


def control_plane(facts: StackFacts) -> list[ProcessPlan]:
    """Sentry signs certificates, placement knows where actors live, scheduler keeps reminders."""
    runtime, state, ports = facts.runtime, facts.state, facts.ports
    sentry = ProcessPlan(
        name="sentry",
        command=trusting(
            state,
            str(runtime.sentry),
            *("--config", str(state.sentry_configuration)),
            *("--issuer-credentials", str(state.mesh)),
            *("--trust-domain", CONTROL_PLANE_TRUST_DOMAIN),
            *("--listen-address", _LOCAL, "--port", str(ports["sentry"])),
            *_HEALTH_LISTENER,
            *("--healthz-port", str(ports["sentry-health"])),
            *metrics_flags("sentry", facts),
        ),
        environment={"NAMESPACE": NAMESPACE},
        probe=HttpProbe(port=ports["sentry-health"], path="/healthz"),
        probe_seconds=1,
    )
    placement = ProcessPlan(
        name="placement",
        command=trusting(
            state,
            str(runtime.placement),
            *("--listen-address", _LOCAL, "--port", str(ports["placement"])),
            *_HEALTH_LISTENER,
            *("--healthz-port", str(ports["placement-health"])),
            *("--initial-cluster", f"dapr-placement-0={_LOCAL}:{ports['placement-raft']}"),
            *_control_plane_tls(state, ports),
            *metrics_flags("placement", facts),
        ),
        environment=_identity(state, "dapr-placement"),
        after={"sentry": After.HEALTHY},
        probe=HttpProbe(port=ports["placement-health"], path="/healthz"),
        probe_seconds=1,
    )
    scheduler = ProcessPlan(
        name="scheduler",
        command=trusting(
            state,
            str(runtime.scheduler),
            *("--listen-address", _LOCAL, "--port", str(ports["scheduler"])),
            *("--override-broadcast-host-port", f"{_LOCAL}:{ports['scheduler']}"),
            *_HEALTH_LISTENER,
            *("--healthz-port", str(ports["scheduler-health"])),
            *("--etcd-data-dir", str(state.scheduler_data)),
            *("--etcd-client-listen-address", _LOCAL),
            *("--etcd-client-port", str(ports["scheduler-etcd"])),
            "--etcd-initial-cluster",
            f"dapr-scheduler-server-0=http://{_LOCAL}:{ports['scheduler-etcd-peer']}",
            *_control_plane_tls(state, ports),
            *metrics_flags("scheduler", facts),
        ),
        environment=_identity(state, "dapr-scheduler"),
        after={"sentry": After.HEALTHY},
        probe=HttpProbe(port=ports["scheduler-health"], path="/healthz"),
        probe_seconds=1,
    )
    return [sentry, placement, scheduler]


def metrics_flags(name: str, facts: StackFacts) -> tuple[str, ...]:
    """Flags by which a program of Dapr tells its metrics to this machine, or nobody."""
    if not facts.settings.observability:
        return NO_METRICS
    port = str(facts.ports[metrics_of(name)])
    return ("--enable-metrics=true", "--metrics-listen-address", _LOCAL, "--metrics-port", port)


def sidecar_name(app: str) -> str:
    return f"{app}-sidecar"


def sidecar(app: str, facts: StackFacts) -> ProcessPlan:
    """Return daprd for `app`; behind that of a caller there is no app."""
    state, ports = facts.state, facts.ports
    http, grpc, internal = (
        str(ports[f"{app}-sidecar-{kind}"]) for kind in ("http", "grpc", "internal")
    )
    daprd = (
        str(facts.runtime.daprd),
        *("--app-id", app),
        *(("--app-port", str(ports[app]), "--app-protocol", "grpc") if app in APPS else ()),
        *("--dapr-http-port", http, "--dapr-grpc-port", grpc),
        *("--dapr-internal-grpc-port", internal),
        *("--dapr-listen-addresses", _LOCAL),
        *("--config", str(COMPONENTS / "configurations" / f"{app}.yaml")),
        *("--resources-path", str(COMPONENTS / "resources")),
        *("--max-body-size", MAX_BODY),
        *flags_beyond_dapr_run(app, ports, metrics_flags(sidecar_name(app), facts)),
    )
    return ProcessPlan(
        name=sidecar_name(app),
        command=with_files(variables_of_sidecar(app, state), daprd),
        environment=sidecar_environment(app, state),
        after={"sentry": After.HEALTHY},
        probe=HttpProbe(port=int(http), path="/v1.0/healthz", status=204),
        probe_seconds=1,
        # With actors on a stream of its app daprd does not end by itself while the app is there, and serves nothing.
        stop_seconds=6,
    )


def flags_beyond_dapr_run(
    app: str, ports: Mapping[str, int], metrics: Sequence[str] = NO_METRICS
) -> tuple[str, ...]:
    """Flags that a `dapr run` file has no words for, or that must win over what it says.

    They tie a sidecar to this stack's control plane or keep it from parts of it, and all of its
    listeners to this machine.
    """
    hosts_actors = app == ACTOR_HOST
    return (
        *("--dapr-internal-grpc-listen-address", _LOCAL),
        *metrics,
        *("--dapr-graceful-shutdown-seconds", "5"),
        "--enable-mtls",
        *("--sentry-address", f"{_LOCAL}:{ports['sentry']}"),
        *("--control-plane-trust-domain", CONTROL_PLANE_TRUST_DOMAIN),
        *("--control-plane-namespace", NAMESPACE),
        # Empty on purpose, not absent: the environment could name one.
        "--placement-host-address=" + (f"{_LOCAL}:{ports['placement']}" if hosts_actors else ""),
        *(("--scheduler-host-address", f"{_LOCAL}:{ports['scheduler']}") if hosts_actors else ()),
    )


def sentry_configuration(certificate_minutes: int) -> str:
    """Return components/sentry.yaml with this lifetime of certificates."""
    configuration = yaml.safe_load((COMPONENTS / "sentry.yaml").read_text())
    mtls = configuration["spec"]["mtls"]
    mtls["workloadCertTTL"] = f"{certificate_minutes}m"
    # It is added to a certificate's past, and half of past and future together is when it is renewed.
    mtls["allowedClockSkew"] = f"{min(15 * 60, certificate_minutes * 6)}s"
    text: str = yaml.safe_dump(configuration, sort_keys=False)
    return f"# Written by deploy/local at each start, from components/sentry.yaml.\n{text}"


def sidecar_environment(app: str, state: StateDirectory) -> dict[str, str]:
    """What daprd reads from its environment beside `variables_of_sidecar`; holds no secret itself."""
    return {
        **_identity(state, app),
        # Under this address the others find it; the listener is on this machine only.
        "DAPR_HOST_IP": _LOCAL,
    }


def _identity(state: StateDirectory, identity: str) -> dict[str, str]:
    return {
        "NAMESPACE": NAMESPACE,
        "DAPR_SENTRY_TOKEN_FILE": str(token_file(state.mesh, identity)),
    }


def _control_plane_tls(state: StateDirectory, ports: Mapping[str, int]) -> tuple[str, ...]:
    return (
        "--tls-enabled",
        *("--sentry-address", f"{_LOCAL}:{ports['sentry']}"),
        *("--trust-anchors-file", str(trust_anchors_file(state.mesh))),
        *("--trust-domain", CONTROL_PLANE_TRUST_DOMAIN),
    )
