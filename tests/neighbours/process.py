"""A started program that is stopped for sure, and whose log is shown when it fails."""

import contextlib
import http.client
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

_Answer = TypeVar("_Answer")
_TAIL = 4000


class NeighbourFailed(Exception):
    """A neighbour did not start; the text holds the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.popen.pid

    def stop(self, timeout_seconds: float = 20) -> None:
        """End it the polite way, and the other way if it does not listen."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """`kill -9`: what a crash looks like."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    def wait_for_port(self, port: int, timeout_seconds: float = 60) -> None:
        """Return when `port` takes connections.

        Raises:
            NeighbourFailed: the process ended, or the time is over.
        """
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise self.failure(f"ended with {self.popen.returncode}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        raise self.failure(f"does not listen on {port} after {timeout_seconds:.0f} s")

    def wait_for_page(self, port: int, path: str, timeout_seconds: float = 90) -> None:
        """Return when GET `path` on `port` answers 200.

        Raises:
            NeighbourFailed: the process ended, or the time is over.
        """
        self.wait_for_port(port, timeout_seconds)
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise self.failure(f"ended with {self.popen.returncode}")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.request("GET", path)
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            time.sleep(0.1)
        raise self.failure(f"does not serve {path} after {timeout_seconds:.0f} s")

    def failure(self, what: str) -> NeighbourFailed:
        return NeighbourFailed(f"{self.name} {what}; {self.log}:\n{self.log.read_text()[-_TAIL:]}")


def while_alive(
    processes: Iterable[psutil.Process], ask: Callable[[psutil.Process], _Answer]
) -> Iterator[tuple[str, _Answer]]:
    """Yield name and answer of each process that is still there when it is asked.

    A stack's processes are listed first and asked one by one: a readiness probe ends in between.
    """
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            answer = (process.name(), ask(process))
            yield answer


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    folder: Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start `command` in `cwd`, else in `folder`, with its output in `folder/NAME.log`.

    Without `environment` it has that of this process. It dies when this process does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("ab") as sink:
        popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *map(str, command)],
            cwd=cwd or folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    return Process(name=name, log=log, popen=popen)
