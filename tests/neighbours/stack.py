"""A whole stack, through the very code of `make up`, on free ports and in a folder of its own."""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.facts.ports import WELL_KNOWN
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.stack.stack import Stack
from deploy.local.supervision.supervisor import ProcessState
from deploy.runtime.paths import installed_runtime
from service_chassis.sidecar import Metadata
from tests.neighbours.ports import free_ports
from tests.neighbours.process import NeighbourFailed

_READY_SECONDS = 180
_TAIL_LINES = 25
# The supervisor passes on what a process prints.
_LOG_SECONDS = 10
_PASSED_ON = ("HOME", "LANG", "PATH", "XDG_CACHE_HOME", "JAVA_HOME")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """Process names are those of `make status`: `device-hub`, `device-hub-sidecar`, `mongod`, ..."""

    stack: Stack
    # Lines of the hub's log (from, to) in which a test denied it something on purpose.
    denied_on_purpose: list[range] = field(default_factory=list)

    @classmethod
    def started(
        cls,
        folder: Path,
        environment: Mapping[str, str],
        *,
        settings: StackSettings | None = None,
        apps: Mapping[str, str] | None = None,
    ) -> "RunningStack":
        """Start a stack in `folder` and return when it is ready.

        `apps` are settings for the services (`DEVICE_HUB_...`); those of the person who runs the
        tests do not reach them.
        """
        settings = settings or StackSettings(
            stack="test",
            port_base=None,
            simulator=False,
            mongodb_tls=False,
            mongod_fail_points=True,
            # So sidecars get new ones twice a minute, whatever a test is about.
            certificate_minutes=1,
        )
        state = StateDirectory(root=folder / settings.stack)
        state.root.mkdir()
        # Where a start looks for the ports of last time.
        ports = dict(zip(WELL_KNOWN, free_ports(len(WELL_KNOWN)), strict=True))
        state.ports.write_text(json.dumps(ports))
        told = {name: environment[name] for name in _PASSED_ON if name in environment}
        running = cls(stack=Stack(settings=settings, state=state))
        running.stack.start(
            installed_runtime(environment), {**told, **(apps or {})}, dies_with_caller=True
        )
        try:
            running.wait_until_ready()
        except NeighbourFailed:
            running.stop()
            raise
        return running

    @property
    def description(self) -> dict[str, Any]:
        """Return `stack.json`: every port and address."""
        return self.stack.description()

    @property
    def mongodb_url(self) -> str:
        """The operator's; it holds a password."""
        return Path(self.description["mongodb"]["url_file"]).read_text()

    @property
    def broker(self) -> dict[str, str]:
        """`url_amqp`, `url_openwire`, `user_hes`, `password_file_hes` and so on."""
        return dict(self.description["broker"])

    def app_address(self, app: str) -> str:
        """HOST:PORT of the app's own gRPC server, past every sidecar."""
        return f"127.0.0.1:{self.description['apps'][app]['grpc']}"

    def sidecar_address(self, app: str) -> str:
        """HOST:PORT of the gRPC API of the app's sidecar: who calls there calls as that app."""
        return f"127.0.0.1:{self.description['sidecars'][app]['grpc']}"

    def sidecar_metadata(self, app: str) -> Metadata:
        """What a call to that sidecar has to carry, so that it hears it: the sidecar's API token."""
        file = Path(self.description["sidecars"][app]["api_token_file"])
        return (("dapr-api-token", file.read_text()),)

    def call_metadata(self, caller: str, callee: str) -> Metadata:
        """What a call through the caller's sidecar to another app has to carry."""
        return (("dapr-app-id", callee), *self.sidecar_metadata(caller))

    @property
    def processes(self) -> list[str]:
        """Names of all that runs for ever."""
        return [one.name for one in self.stack.supervisor.processes() if not one.is_step]

    def state_of(self, process: str) -> ProcessState:
        return next(one for one in self.stack.supervisor.processes() if one.name == process)

    def pid(self, process: str) -> int:
        return self.state_of(process).pid

    def log(self, process: str) -> Path:
        return self.stack.state.log(process)

    def logged(self, process: str, text: str) -> list[str]:
        """Return the lines of a process's log that hold `text`, once there are any.

        Raises:
            NeighbourFailed: there are none after ten seconds.
        """
        deadline = time.monotonic() + _LOG_SECONDS
        while time.monotonic() < deadline:
            lines = self.log(process).read_text(errors="replace").splitlines()
            if found := [line for line in lines if text in line]:
                return found
            time.sleep(0.02)
        raise NeighbourFailed(f"{process} logged nothing with {text!r}\n{self.end_of_logs()}")

    def stop_process(self, process: str) -> None:
        """Stop it the polite way; it stays away until `start_process`."""
        self.stack.supervisor.stop(process)

    def start_process(self, process: str) -> None:
        self.stack.supervisor.start(process)

    def restart_process(self, process: str) -> None:
        self.stack.supervisor.restart(process)

    def kill(self, process: str) -> int:
        """`kill -9`; the supervisor starts it again. Return the pid that died."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def frozen(self, process: str) -> Iterator[None]:
        """Let it be there, hold its connections, and do nothing (SIGSTOP)."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def wait_for_another_pid(self, process: str, pid: int) -> None:
        """Return when `process` runs again, not as `pid`, and everything is ready."""
        deadline = time.monotonic() + _READY_SECONDS
        while self.pid(process) == pid:
            if time.monotonic() > deadline:
                raise NeighbourFailed(f"{process} was not started again\n{self.end_of_logs()}")
            time.sleep(0.05)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when every process is ready.

        Raises:
            NeighbourFailed: not within three minutes; the text holds the end of the logs.
        """
        waiting = self.stack.wait_until_ready(
            _READY_SECONDS, tell=lambda _: None, remind=lambda _: None
        )
        if waiting:
            names = ", ".join(state.name for state in waiting)
            raise NeighbourFailed(f"not ready: {names}\n{self.end_of_logs()}")

    def end_of_logs(self) -> str:
        parts = []
        for log in sorted(self.stack.state.logs.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
            parts += [f"--- {log.stem}", *lines]
        return "\n".join(parts)

    def stop(self) -> list[str]:
        """End all of it; return what is still there (nothing, normally)."""
        return [f"{one.name()} ({one.pid})" for one in self.stack.stop()]
