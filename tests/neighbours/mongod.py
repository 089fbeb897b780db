"""A real mongod: a replica set of one, with users, and with fail points allowed."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.processes.mongod import MongodNotReady, ensure_replica_set, mongod_command
from deploy.local.processes.mongod_access import ServiceUser, prepare_mongod
from deploy.runtime.paths import installed_mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start


@dataclass(slots=True, kw_only=True)
class Mongod:
    """Its port, data and users stay the same over `stop`, `kill` and `start`."""

    port: int
    files: MongodFiles
    users: Sequence[ServiceUser]
    process: Process

    @classmethod
    def started(
        cls, folder: Path, *, users: Sequence[ServiceUser] = (), tls: bool = False
    ) -> "Mongod":
        """Start one with its data in `folder/data`, which may hold some already."""
        [port] = free_ports(1)
        files = MongodFiles(data=folder / "data", secrets=folder / "secrets", tls=tls)
        mongod = cls(port=port, files=files, users=users, process=_start(port, files, users))
        mongod._wait()
        return mongod

    @property
    def url(self) -> str:
        """The operator's, who may do everything: transactions, change streams, majority writes work."""
        return self.files.operator_url.read_text()

    def start(self) -> None:
        """Start it again after `stop` or `kill`; return when it takes writes."""
        self.process = _start(self.port, self.files, self.users)
        self._wait()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def _wait(self) -> None:
        try:
            self.process.wait_for_port(self.port)
            ensure_replica_set(self.port, self.files, self.users, timeout_seconds=60)
        except MongodNotReady as error:
            self.stop()
            raise self.process.failure(str(error)) from error


def _start(port: int, files: MongodFiles, users: Sequence[ServiceUser]) -> Process:
    prepare_mongod(files, users, port=port, now=dt.datetime.now(dt.UTC))
    command = mongod_command(
        mongod=installed_mongod(os.environ), files=files, port=port, test_commands=True
    )
    return start("mongod", command, folder=files.secrets.parent)
