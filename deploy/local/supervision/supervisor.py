"""Talking to the stack's process-compose over its socket, and finding what it started."""

import contextlib
import http.client
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

# Each process of a stack carries the stack's directory under this name in its environment. That
# finds them all, and nothing else, even after their supervisor was killed.
MARK = "METERPARK_STACK_DIRECTORY"


class SupervisorAway(Exception):
    """No supervisor answers on the socket: the stack is down, or its supervisor was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    name: str
    status: str
    health: str
    has_probe: bool
    restarts: int
    exit_code: int
    pid: int
    # It runs to its end and must succeed; every other process runs for ever.
    is_step: bool

    @property
    def ready(self) -> bool:
        if self.is_step:
            return self.status == "Completed" and self.exit_code == 0
        return self.status == "Running" and (not self.has_probe or self.health == "Ready")

    @property
    def trouble(self) -> str:
        """Why it is not ready, in a few words."""
        if self.status == "Running":
            return "is still at it" if self.is_step else "runs, but is not ready"
        if self.status == "Completed":
            return f"ended with exit code {self.exit_code}"
        return self.status.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """A stack's process-compose; `steps` names the processes that end."""

    socket_path: Path
    steps: frozenset[str]

    def processes(self) -> list[ProcessState]:
        """Return the state of every process, by name.

        Raises:
            SupervisorAway: the supervisor does not answer.
        """
        answer = self._ask("GET", "/processes")
        return sorted(
            (
                ProcessState(
                    name=one["name"],
                    status=one["status"],
                    health=one["is_ready"],
                    has_probe=one["has_ready_probe"],
                    restarts=one["restarts"],
                    exit_code=one["exit_code"],
                    pid=one["pid"],
                    is_step=one["name"] in self.steps,
                )
                for one in answer["data"]
            ),
            key=lambda state: state.name,
        )

    def stop(self, process: str) -> None:
        """Stop one process; it stays stopped until `start`."""
        self._ask("PATCH", f"/process/stop/{process}")

    def start(self, process: str) -> None:
        self._ask("POST", f"/process/start/{process}")

    def restart(self, process: str) -> None:
        self._ask("POST", f"/process/restart/{process}")

    def stop_everything(self) -> None:
        """Stop every process, those first that others need last, and the supervisor itself.

        Raises:
            SupervisorAway: there was none, or it was gone before it had answered.
        """
        self._ask("POST", "/project/stop", timeout_seconds=90)

    def _ask(self, method: str, path: str, timeout_seconds: float = 30) -> Any:
        connection = _UnixConnection(self.socket_path, timeout_seconds)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise SupervisorAway(str(error)) from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise SupervisorAway(f"{method} {path}: {response.status} {body.decode()[:200]}")
        return json.loads(body)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def processes_of_stack(root: Path) -> list[psutil.Process]:
    """Every living process that the stack in `root` started, its supervisor included."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(root) and process.status() != "zombie":
                found.append(process)
    return found


def end_processes(processes: Sequence[psutil.Process], *, patience_seconds: float) -> None:
    """Send TERM, then KILL to processes that do not end; return when all are gone."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, deaf = psutil.wait_procs(processes, timeout=patience_seconds)
    for process in deaf:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, timeout=10)
