"""Taking one of the two locks away, and putting it back."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from deploy.local.processes.dapr import sidecar_name
from tests.denied.table import HUB, REGISTER
from tests.neighbours.process import Process, start
from tests.neighbours.stack import RunningStack

_GUARDED = (HUB, REGISTER)
_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def policy_off(stack: RunningStack, folder: Path) -> Iterator[None]:
    """Run the sidecars of both services with a policy that allows everything."""
    with ExitStack() as replaced:
        for app in _GUARDED:
            plan = _plan(stack, sidecar_name(app))
            command = shlex.split(plan["command"])[1:]  # without "exec"
            place = command.index("--config") + 1
            configuration = yaml.safe_load(Path(command[place]).read_text())
            configuration["spec"]["accessControl"] = {
                "defaultAction": "allow",
                "trustDomain": "public",
            }
            opened = folder / f"{app}-open.yaml"
            opened.write_text(yaml.safe_dump(configuration))
            command[place] = str(opened)
            port = stack.description["sidecars"][app]["grpc"]
            replaced.enter_context(_instead_of(stack, sidecar_name(app), command, plan, port))
        yield
    stack.wait_until_ready()


@contextmanager
def token_check_off(stack: RunningStack) -> Iterator[None]:
    """Run an app without any lock in the place of both services; their sidecars stay."""
    with ExitStack() as replaced:
        for app in _GUARDED:
            port = stack.description["apps"][app]["grpc"]
            command = [sys.executable, "-m", "tests.denied.open_app", str(port)]
            plan = {"working_dir": str(_ROOT), "environment": []}
            replaced.enter_context(_instead_of(stack, app, command, plan, port))
        yield
    stack.wait_until_ready()


@contextmanager
def _instead_of(
    stack: RunningStack, process: str, command: list[str], plan: dict[str, Any], port: int
) -> Iterator[Process]:
    stack.stop_process(process)
    other = start(
        f"instead-of-{process}",
        command,
        folder=stack.stack.state.logs,
        cwd=Path(plan["working_dir"]),
        environment={**os.environ, **dict(line.split("=", 1) for line in plan["environment"])},
    )
    try:
        other.wait_for_port(port)
        yield other
    finally:
        other.stop()
        stack.start_process(process)


def _plan(stack: RunningStack, process: str) -> dict[str, Any]:
    plans = yaml.safe_load(stack.stack.state.compose_file.read_text())
    plan: dict[str, Any] = plans["processes"][process]
    return plan
