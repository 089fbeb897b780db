"""The state of a stack, for operators: every process, and what stands still although it runs."""

import os
import sys
from collections.abc import Sequence

from deploy.local.facts.state_directory import StateDirectory
from deploy.local.stack.stack import Stack
from deploy.local.stack.standstills import NotLooked, standstills
from deploy.local.supervision.supervisor import ProcessState, SupervisorAway

_TAIL_LINES = 8
# The command asks through it.
_SIDECAR = "meterpark-cli-sidecar"


def tell_health(stack: Stack) -> int:
    """Print the state of every process and what stands still; return the exit code."""
    try:
        states = stack.supervisor.processes()
    except SupervisorAway:
        return _unhealthy(f"stack {stack.settings.stack} is down (make up starts it)")
    for state in states:
        mark = "ok " if state.ready else "BAD"
        what = ("done" if state.is_step else "running") if state.ready else state.trouble
        restarts = f", restarted {state.restarts} times" if state.restarts else ""
        pid = f", pid {state.pid}" if state.status == "Running" else ""
        print(f"{mark} {state.name:24} {what}{pid}{restarts}")
    unhealthy = [state for state in states if not state.ready]
    for state in unhealthy:
        explain(state, stack.state)
    standing = _tell_standstills(stack, states)
    if unhealthy or standing:
        names = [*(state.name for state in unhealthy), *standing]
        return _unhealthy(f"not healthy: {', '.join(names)}")
    print(f"stack {stack.settings.stack} is healthy")
    return 0


def _tell_standstills(stack: Stack, states: Sequence[ProcessState]) -> list[str]:
    """Print a line per hop that stands still, and return their names; all processes may run nevertheless."""
    ready = {state.name for state in states if state.ready}
    needed = {_SIDECAR, "keycloak"}
    if all(state.name != _SIDECAR for state in states):
        return []  # neighbours alone
    if away := sorted(needed - ready):
        print(f"??  standstills are not checked without {', '.join(away)}")
        return []
    try:
        wrong, unknown = standstills(stack.description(), os.environ)
    except NotLooked as error:
        print(f"??  standstills are not checked: {error}")
        return []
    for one in unknown:
        print(f"??  {one}")
    for one in wrong:
        print(f"BAD {one}")
    return [one.hop for one in wrong]


def explain(process: ProcessState, state: StateDirectory) -> None:
    log = state.log(process.name)
    print(f"\n{process.name} {process.trouble}; the end of {log}:")
    try:
        lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    except OSError:
        lines = ["(nothing logged yet: it waits for what it depends on)"]
    for line in lines:
        print(f"  | {line}")


def _unhealthy(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
