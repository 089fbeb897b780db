"""Prometheus beside a stack (`make up WITH=observability`): what it reads, and its process."""

from pathlib import Path
from typing import Any, Final

import yaml

from deploy.local.facts.ports import APPS, BFF, CALLERS, PROMETHEUS, metrics_of
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.process_plan import HttpProbe, ProcessPlan
from deploy.runtime.paths import RuntimeMissing

RULES: Final = Path(__file__).resolve().parents[2] / "observability" / "rules.yaml"
# Programs of Dapr beside the sidecars.
CONTROL_PLANE: Final = ("sentry", "placement", "scheduler")
_LOCAL = "127.0.0.1"
_EVERY = "5s"
_KEPT = "30d"


def prometheus_configuration(facts: StackFacts) -> str:
    """Return what Prometheus reads every few seconds, and the rules that it judges by."""
    ports = facts.ports

    def targets(label: str, listeners: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"targets": [f"{_LOCAL}:{ports[listener]}"], "labels": {label: name}}
            for name, listener in listeners.items()
        ]

    services = {app: metrics_of(app) for app in (*APPS, BFF)}
    sidecars = {app: metrics_of(f"{app}-sidecar") for app in (*APPS, *CALLERS)}
    control_plane = {name: metrics_of(name) for name in CONTROL_PLANE}
    jobs: dict[str, list[dict[str, Any]]] = {
        "meterpark": targets("service", services),
        "dapr-control-plane": targets("program", control_plane),
        "dapr-sidecar": targets("app", sidecars),
        "prometheus": targets("program", {PROMETHEUS: PROMETHEUS}),
    }
    configuration = {
        "global": {"scrape_interval": _EVERY, "evaluation_interval": _EVERY},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": job, "static_configs": configs} for job, configs in jobs.items()
        ],
    }
    text: str = yaml.safe_dump(configuration, sort_keys=False)
    return f"# Written by deploy/local at each start.\n{text}"


def prometheus_plan(facts: StackFacts) -> list[ProcessPlan]:
    """Return its process, if the stack is to have it. Raises RuntimeMissing: it was not brought."""
    if not facts.settings.observability:
        return []
    installed, port = facts.runtime.prometheus, facts.ports[PROMETHEUS]
    if installed is None:
        raise RuntimeMissing("Prometheus is not installed: run `make runtime WITH=observability`")
    programs = installed / "usr"
    command = (
        str(programs / "bin" / "prometheus"),
        f"--config.file={facts.state.prometheus_configuration}",
        f"--storage.tsdb.path={facts.state.prometheus_data}",
        f"--storage.tsdb.retention.time={_KEPT}",
        f"--web.listen-address={_LOCAL}:{port}",
        f"--web.external-url=http://localhost:{port}/",
        f"--web.local-assets={programs / 'share' / 'prometheus' / 'web'}/",
        f"--web.console.templates={facts.state.prometheus_dashboards}",
        f"--web.console.libraries={facts.state.prometheus_dashboards}",
        # No other page in the same browser may ask it.
        "--web.cors.origin=^$",
        "--log.level=warn",
    )
    return [
        ProcessPlan(
            name=PROMETHEUS,
            command=command,
            probe=HttpProbe(port=port, path="/-/ready"),
            restart_when_hung=True,
        )
    ]
