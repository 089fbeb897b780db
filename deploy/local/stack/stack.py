"""One stack: starting it, asking how it is, ending it. What the verbs and the tests share."""

import contextlib
import datetime as dt
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from deploy.local.facts.ports import choose_ports
from deploy.local.facts.secret_files import write_private
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.stack.description import describe_stack, write_description
from deploy.local.stack.prepare import prepare_state
from deploy.local.stack.stack_plan import STEPS, stack_plan
from deploy.local.supervision.compose_file import compose_file
from deploy.local.supervision.supervisor import (
    MARK,
    ProcessState,
    Supervisor,
    SupervisorAway,
    end_processes,
    processes_of_stack,
)
from deploy.runtime.paths import Runtime

_SUPERVISOR_START_SECONDS = 20
_REMINDER_SECONDS = 15
# The variables of the user's shell that the processes get; they do not get the others.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER")


class StackFailed(Exception):
    """The stack cannot be started; the text is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    settings: StackSettings
    state: StateDirectory

    @classmethod
    def named(cls, settings: StackSettings, environment: Mapping[str, str]) -> "Stack":
        return cls(settings=settings, state=StateDirectory.of_stack(settings.stack, environment))

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(socket_path=self.state.supervisor_socket, steps=STEPS)

    def description(self) -> dict[str, Any]:
        """Return `stack.json`.

        Raises:
            FileNotFoundError: the stack is down.
        """
        described: dict[str, Any] = json.loads(self.state.description.read_text())
        return described

    def is_up(self) -> bool:
        try:
            self.supervisor.processes()
        except SupervisorAway:
            return False
        return True

    def start(
        self, runtime: Runtime, environment: Mapping[str, str], *, dies_with_caller: bool = False
    ) -> None:
        """Prepare everything and start the supervisor; return before the processes are ready.

        Leftovers of a supervisor that was killed are ended first. With `dies_with_caller` the
        stack ends when the calling process does, however that ends (for tests).

        Raises:
            StackFailed: the supervisor does not start; its log says why.
            PortTaken: a requested port is not free.
        """
        state = self.state
        end_processes(processes_of_stack(state.root), patience_seconds=20)
        facts = StackFacts(
            settings=self.settings,
            runtime=runtime,
            state=state,
            ports=choose_ports(state.ports, self.settings.port_base),
            environment=environment,
        )
        prepare_state(facts, now=dt.datetime.now(dt.UTC))
        write_private(state.compose_file, compose_file(stack_plan(facts), state))
        write_description(state, describe_stack(facts))
        state.supervisor_socket.unlink(missing_ok=True)
        guard = ("setpriv", "--pdeathsig", "TERM") if dies_with_caller else ()
        supervisor = self._start_supervisor(runtime, environment, guard)
        deadline = time.monotonic() + _SUPERVISOR_START_SECONDS
        while not self.is_up():
            if supervisor.poll() is not None or time.monotonic() > deadline:
                raise StackFailed(f"the supervisor does not start; see {state.supervisor_log}")
            time.sleep(0.05)

    def wait_until_ready(
        self,
        timeout_seconds: float,
        tell: Callable[[ProcessState], None],
        remind: Callable[[list[ProcessState]], None],
    ) -> list[ProcessState]:
        """Return those processes that are not ready after the time.

        `tell` is called for each one when it is ready, `remind` regularly for those that are not.

        Raises:
            SupervisorAway: the supervisor ended meanwhile.
        """
        told: set[str] = set()
        deadline = time.monotonic() + timeout_seconds
        next_reminder = time.monotonic() + _REMINDER_SECONDS
        while True:
            states = self.supervisor.processes()
            for state in states:
                if state.ready and state.name not in told:
                    told.add(state.name)
                    tell(state)
            waiting = [state for state in states if not state.ready]
            if not waiting or time.monotonic() > deadline:
                return waiting
            if time.monotonic() > next_reminder:
                remind(waiting)
                next_reminder += _REMINDER_SECONDS
            time.sleep(0.2)

    def stop(self) -> list[psutil.Process]:
        """End everything that this stack started; return what is still there (nothing, normally).

        Works for a stack that is half started, and for one whose supervisor was killed.
        """
        with contextlib.suppress(SupervisorAway):
            self.supervisor.stop_everything()
            # The supervisor answers before the last one is gone.
            psutil.wait_procs(processes_of_stack(self.state.root), timeout=40)
        end_processes(processes_of_stack(self.state.root), patience_seconds=30)
        self.state.description.unlink(missing_ok=True)
        self.state.supervisor_socket.unlink(missing_ok=True)
        return processes_of_stack(self.state.root)

    def erase(self) -> None:
        """Forget all data, secrets and logs of a stack that is down."""
        shutil.rmtree(self.state.root)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the stack alone while it is started or ended: two `make up` would collide."""
        self.state.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.state.lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _start_supervisor(
        self, runtime: Runtime, environment: Mapping[str, str], guard: tuple[str, ...]
    ) -> subprocess.Popen[bytes]:
        state = self.state
        with (state.logs / "supervisor.out").open("wb") as output:
            return subprocess.Popen(
                [
                    *guard,
                    runtime.process_compose,
                    *("up", "--config", state.compose_file),
                    *("--use-uds", "--unix-socket", state.supervisor_socket),
                    *("--log-file", state.supervisor_log),
                    *("--disable-dotenv", "--keep-project", "--ordered-shutdown", "--tui=false"),
                ],
                env=_environment_of_processes(environment, self),
                cwd=state.root,
                stdin=subprocess.DEVNULL,
                # It repeats there what the processes print, which their logs hold already.
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )


def _environment_of_processes(environment: Mapping[str, str], stack: Stack) -> dict[str, str]:
    passed_on = {name: value for name, value in environment.items() if name in _PASSED_ON}
    return {**passed_on, MARK: str(stack.state.root), "PATH": environment.get("PATH", os.defpath)}
