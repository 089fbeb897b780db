"""Process plans as a file for process-compose, which a user can read and run by hand."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.process_plan import HttpProbe, ProcessPlan

_RESTART_PAUSE_SECONDS = 1
_HUNG_SECONDS = 120
_NEVER = 1_000_000


def compose_file(plans: Iterable[ProcessPlan], state: StateDirectory) -> str:
    """Return the YAML of a process-compose project that runs `plans` in the state directory."""
    project = {
        "version": "0.5",
        # A dollar in a password or a path is a dollar.
        "disable_env_expansion": True,
        "is_tui_disabled": True,
        "ordered_shutdown": True,
        "processes": {plan.name: _process(plan, state) for plan in plans},
    }
    return "# Written by deploy/local at each start; changes here are lost.\n" + yaml.safe_dump(
        project, sort_keys=False, width=1000
    )


def _process(plan: ProcessPlan, state: StateDirectory) -> dict[str, Any]:
    process: dict[str, Any] = {
        # exec: the process itself gets the signals, and its pid is the one that is shown.
        "command": f"exec {shlex.join(plan.command)}",
        "working_dir": str(state.root),
        "log_location": str(state.log(plan.name)),
        "log_configuration": {
            # What the process printed and nothing else.
            "disable_json": True,
            "fields_order": ["message"],
            "no_metadata": True,
            "no_color": True,
            "flush_each_line": True,
            "rotation": {"max_size_mb": 20, "max_backups": 2},
        },
        "environment": [f"{name}={value}" for name, value in plan.environment.items()],
        "availability": {
            "restart": "on_failure" if plan.once else "always",
            "backoff_seconds": _RESTART_PAUSE_SECONDS,
        },
        # After this time the supervisor kills it.
        "shutdown": {"signal": 15, "timeout_seconds": plan.stop_seconds},
    }
    if plan.once:
        process["availability"]["max_restarts"] = 5
    if plan.after:
        process["depends_on"] = {
            name: {"condition": condition.value} for name, condition in plan.after.items()
        }
    if plan.probe is not None:
        threshold = _HUNG_SECONDS // plan.probe_seconds if plan.restart_when_hung else _NEVER
        process["readiness_probe"] = {
            **_probe(plan, state.root),
            "period_seconds": plan.probe_seconds,
            "timeout_seconds": 5,
            # process-compose ends a process at this threshold, and starts it again.
            "failure_threshold": threshold,
        }
    return process


def _probe(plan: ProcessPlan, working_directory: Path) -> dict[str, Any]:
    if isinstance(plan.probe, HttpProbe):
        return {
            "http_get": {
                "host": "127.0.0.1",
                "scheme": "http",
                "port": str(plan.probe.port),
                "path": plan.probe.path,
                "status_code": plan.probe.status,
            }
        }
    assert plan.probe is not None  # noqa: S101 - for the type checker
    return {
        "exec": {
            "command": shlex.join(plan.probe.command),
            "working_dir": str(working_directory),
        }
    }
