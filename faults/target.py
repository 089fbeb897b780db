"""A stack of the local machine as the run sees it: processes that can be killed, frozen, and waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.trouble import BenchFailed
from hes_simulator.sending.running import Broker
from jms_transport import Destination

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from deploy.local.stack.stack import Stack

QUEUE: Final = "IEC20_PUSH"
_READY_SECONDS: Final = 180.0
_GLANCE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Process names are those of `make status`; ``hes_port``: where a proxy stands before the broker."""

    stack: Stack
    hes_port: int | None = None

    @property
    def description(self) -> dict[str, Any]:
        return self.stack.description()

    @property
    def mongodb_url(self) -> str:
        """The operator's; it holds a password."""
        return Path(self.description["mongodb"]["url_file"]).read_text()

    @property
    def broker(self) -> Broker:
        """The broker as the head-end system sees it."""
        said = self.description["broker"]
        url = said["url_amqp"]
        if self.hes_port is not None:
            url = f"amqp://127.0.0.1:{self.hes_port}"
        return Broker(
            url=url,
            user=said["user_hes"],
            password=Path(said["password_file_hes"]).read_text().strip(),
            destination=Destination.parse(f"queue://{QUEUE}"),
        )

    def port(self, process: str) -> int | None:
        """Return the port on which the process listens, as far as it has one of its name."""
        ports = self.description["ports"]
        found = ports.get(process) or ports.get(f"{process}-grpc")
        return None if found is None else int(found)

    def pid(self, process: str) -> int:
        """Return its process id, 0 while it does not run."""
        states = self.stack.supervisor.processes()
        return next(
            (each.pid for each in states if each.name == process and each.status == "Running"), 0
        )

    def kill(self, *processes: str) -> list[int]:
        """`kill -9`, one right after the other; return the pids that died, 0 for one that did not run."""
        states = {each.name: each for each in self.stack.supervisor.processes()}
        pids = [states[name].pid if states[name].status == "Running" else 0 for name in processes]
        for pid in filter(None, pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pids

    @asynccontextmanager
    async def frozen(self, process: str) -> AsyncIterator[None]:
        """Let it be there, hold its connections, and do nothing."""
        pid = await asyncio.to_thread(self.pid, process)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            # Its supervisor may have given it up meanwhile.
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    async def until_listening(self, process: str, dead: int) -> float:
        """Return the moment (monotonic) when it runs again, not as ``dead``, and its port takes connections.

        Raises:
            BenchFailed: not within three minutes.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while (pid := await asyncio.to_thread(self.pid, process)) in (0, dead):
            self._not_later(deadline, process)
            await asyncio.sleep(_GLANCE_SECONDS)
        port = self.port(process)
        while port is not None and not _listens(port):
            self._not_later(deadline, f"{process} ({pid})")
            await asyncio.sleep(_GLANCE_SECONDS / 5)
        return time.monotonic()

    async def until_ready(self) -> None:
        """Return when every process is ready.

        Raises:
            BenchFailed: not within three minutes.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while waiting := [
            each.name
            for each in await asyncio.to_thread(self.stack.supervisor.processes)
            if not each.ready
        ]:
            self._not_later(deadline, ", ".join(waiting))
            await asyncio.sleep(_GLANCE_SECONDS)

    def _not_later(self, deadline: float, who: str) -> None:
        if time.monotonic() > deadline:
            raise BenchFailed(f"not back after three minutes: {who}; see {self.stack.state.logs}")


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
