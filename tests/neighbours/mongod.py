"""A real mongod: a replica set of one, with fail points allowed."""

import os
from dataclasses import dataclass
from pathlib import Path

from deploy.local.mongod_process import (
    MongodNotReady,
    ensure_replica_set,
    mongod_command,
    mongodb_url,
)
from deploy.runtime.paths import installed_mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start


@dataclass(slots=True, kw_only=True)
class Mongod:
    """Its port and data stay the same over `stop`, `kill` and `start`."""

    port: int
    folder: Path
    process: Process

    @classmethod
    def started(cls, folder: Path) -> "Mongod":
        [port] = free_ports(1)
        mongod = cls(port=port, folder=folder, process=_start(folder, port))
        mongod._wait()
        return mongod

    @property
    def url(self) -> str:
        """A replica-set URL: transactions, change streams and majority writes work."""
        return mongodb_url(self.port)

    def start(self) -> None:
        """Start it again after `stop` or `kill`; return when it takes writes."""
        self.process = _start(self.folder, self.port)
        self._wait()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def _wait(self) -> None:
        try:
            self.process.wait_for_port(self.port)
            ensure_replica_set(self.port, timeout_seconds=60)
        except MongodNotReady as error:
            self.stop()
            raise self.process.failure(str(error)) from error


def _start(folder: Path, port: int) -> Process:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    command = mongod_command(
        mongod=installed_mongod(os.environ), data=data, port=port, test_commands=True
    )
    return start("mongod", command, folder=folder)
