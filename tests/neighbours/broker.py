"""A real ActiveMQ Classic: one port for AMQP 1.0 and OpenWire, one with TLS and client certificate."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.facts.broker_files import BrokerFiles
from deploy.local.processes.broker import broker_command, prepare_broker
from deploy.runtime.java import java
from deploy.runtime.paths import installed_activemq
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start


@dataclass(slots=True, kw_only=True)
class Broker:
    """Users are `hes` (writes), `connector` (reads, and writes answers) and `admin` (everything).

    Ports, users and stored messages stay the same over `stop`, `kill` and `start`.
    """

    port: int
    tls_port: int
    files: BrokerFiles
    process: Process

    @classmethod
    def started(cls, folder: Path) -> Self:
        port, tls_port = free_ports(2)
        files = BrokerFiles(folder=folder)
        broker = cls(
            port=port, tls_port=tls_port, files=files, process=cls.launch(files, port, tls_port)
        )
        broker._wait()
        return broker

    @staticmethod
    def launch(files: BrokerFiles, port: int, tls_port: int) -> Process:
        """Start the program; return before its ports take connections."""
        prepare_broker(files, port=port, tls_port=tls_port, now=dt.datetime.now(dt.UTC))
        command = broker_command(
            java=java(os.environ), jars=installed_activemq(os.environ), files=files
        )
        return start("broker", command, folder=files.folder)

    @property
    def amqp_port(self) -> int:
        """The same port as OpenWire's: the broker sees by itself what a client speaks."""
        return self.port

    @property
    def url_amqp(self) -> str:
        return f"amqp://127.0.0.1:{self.port}"

    @property
    def url_openwire(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def url_amqps(self) -> str:
        return f"amqps://localhost:{self.tls_port}"

    @property
    def url_openwire_tls(self) -> str:
        return f"ssl://localhost:{self.tls_port}"

    def password(self, user: str) -> str:
        return self.files.password(user)

    def password_file(self, user: str) -> Path:
        return self.files.password_file(user)

    @property
    def ca_file(self) -> Path:
        return self.files.tls / "ca.pem"

    @property
    def client_certificate(self) -> Path:
        return self.files.tls / "connector.pem"

    @property
    def client_key(self) -> Path:
        return self.files.tls / "connector.key"

    @property
    def jars(self) -> Path:
        """A folder of jars: the broker's, and the Java client for OpenWire."""
        return installed_activemq(os.environ)

    def start(self) -> None:
        """Start it again after `stop` or `kill`; return when both ports take connections."""
        self.process = self.launch(self.files, self.port, self.tls_port)
        self._wait()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def _wait(self) -> None:
        self.process.wait_for_port(self.port)
        self.process.wait_for_port(self.tls_port)
