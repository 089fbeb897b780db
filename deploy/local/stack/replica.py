"""Another process of an app beside the stack's own, with a sidecar of its own: what a second replica is elsewhere.

`make up` starts none. Tests and benchmarks do, where something is said of several.
"""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

from deploy.local.facts.ports import WELL_KNOWN, metrics_of
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.apps import app_plan
from deploy.local.processes.dapr import sidecar, sidecar_name
from deploy.local.processes.process_plan import CommandProbe, HttpProbe, ProcessPlan
from deploy.local.supervision.supervisor import MARK

_GLANCE_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 5.0
_PASSED_ON: Final = ("HOME", "LANG", "PATH", "TMPDIR")


class ReplicaFailed(Exception):
    """It does not start; the text names what, and the folder of the logs."""


def ports_needed(app: str) -> tuple[str, ...]:
    """Return the names of the ports that a replica cannot share with the app's own process."""
    needed = (app, metrics_of(app), *_of_sidecar(app), metrics_of(sidecar_name(app)))
    return tuple(name for name in WELL_KNOWN if name in needed)


def _of_sidecar(app: str) -> tuple[str, ...]:
    return tuple(f"{sidecar_name(app)}-{kind}" for kind in ("http", "grpc", "internal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """Its processes end with the thread that started them, and with the stack. Nobody starts them again but `start`.

    `number` is part of the names of processes and logs: device-hub-2, device-hub-sidecar-2.
    """

    app: str
    number: int
    # Those of the stack, but for the replica's own.
    facts: StackFacts
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def beside(cls, facts: StackFacts, app: str, *, number: int, ports: Sequence[int]) -> "Replica":
        """Return a replica that has not started; `ports` are as many free ones as `ports_needed` names."""
        own = dict(zip(ports_needed(app), ports, strict=True))
        return cls(app=app, number=number, facts=replace(facts, ports={**facts.ports, **own}))

    @property
    def process(self) -> str:
        return f"{self.app}-{self.number}"

    @property
    def sidecar(self) -> str:
        return f"{sidecar_name(self.app)}-{self.number}"

    @property
    def pids(self) -> dict[str, int]:
        """Return the process id of what runs, by name."""
        return {name: one.pid for name, one in self._running.items() if one.poll() is None}

    def start(self) -> None:
        """Start what does not run. Call it in a thread that stays."""
        for name, plan in self._plans().items():
            if name not in self.pids:
                self._running[name] = self._started(name, plan)

    def wait_until_ready(self, seconds: float) -> None:
        """Return when both answer their probes; raises ReplicaFailed: one ended, or the time is over."""
        deadline = time.monotonic() + seconds
        while waiting := [name for name, plan in self._plans().items() if not _answers(plan)]:
            ended = self._plans().keys() - self.pids.keys()
            if ended or time.monotonic() > deadline:
                what = f"ended: {sorted(ended)}" if ended else f"no answer: {waiting}"
                raise ReplicaFailed(f"{self.process}: {what}; see {self.facts.state.logs}")
            time.sleep(_GLANCE_SECONDS)

    def kill(self, *names: str) -> None:
        """`kill -9`, of all at once."""
        for name in names:
            self._running[name].send_signal(signal.SIGKILL)
        for name in names:
            self._running[name].wait()

    def stop(self) -> None:
        """End what runs, the sidecar first, the polite way; and what does not listen the other way."""
        for one in self._running.values():
            one.terminate()
        for name, plan in self._plans().items():
            if name not in self._running:
                continue
            try:
                self._running[name].wait(plan.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill(name)

    def _plans(self) -> dict[str, ProcessPlan]:
        return {
            self.sidecar: sidecar(self.app, self.facts),
            self.process: app_plan(self.app, self.facts),
        }

    def _started(self, name: str, plan: ProcessPlan) -> subprocess.Popen[bytes]:
        state = self.facts.state
        told = {one: os.environ[one] for one in _PASSED_ON if one in os.environ}
        with state.log(name).open("ab") as log:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *plan.command],
                env={**told, **plan.environment, MARK: str(state.root)},
                cwd=state.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _answers(plan: ProcessPlan) -> bool:
    match plan.probe:
        case HttpProbe() as probe:
            return _status(probe.port, probe.path) == probe.status
        case CommandProbe(command=command):
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        case None:
            return True


def _status(port: int, path: str) -> int | None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PROBE_SECONDS)) as asked:
        try:
            asked.request("GET", path)
            return asked.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
