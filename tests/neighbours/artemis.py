"""A real ActiveMQ Artemis: one port for AMQP 1.0 and OpenWire, one with TLS and client certificate."""

import datetime as dt
import os
from pathlib import Path
from string import Template

from deploy.local.certificates.broker_certificates import issue_broker_certificates
from deploy.local.facts.broker_files import BrokerFiles
from deploy.local.facts.secret_files import write_private
from deploy.local.processes.broker import LOGGING, USERS
from deploy.runtime.java import java
from deploy.runtime.paths import installed_artemis
from tests.neighbours.broker import Broker
from tests.neighbours.process import Process, start

_CONFIGURATION = Path(__file__).with_suffix(".xml")
_ROLES = {"admins": "admin", "consumers": "connector", "producers": "hes"}
_BOOTSTRAP = """<broker xmlns="http://activemq.apache.org/schema">
  <jaas-security domain="activemq"/>
  <server configuration="file:{etc}/broker.xml"/>
</broker>
"""
_MANAGEMENT = '<management-context xmlns="http://activemq.apache.org/schema"/>\n'
_LOGIN = """activemq {
  org.apache.activemq.artemis.spi.core.security.jaas.PropertiesLoginModule required
    org.apache.activemq.jaas.properties.user="users.properties"
    org.apache.activemq.jaas.properties.role="roles.properties";
};
"""


class Artemis(Broker):
    """The same users, certificates and promises as Classic's."""

    @staticmethod
    def launch(files: BrokerFiles, port: int, tls_port: int) -> Process:
        etc = files.folder / "etc"
        _configure(files, etc, port, tls_port)
        command: list[str | Path] = [
            java(os.environ),
            *("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            f"-Dartemis.instance={files.folder}",
            f"-Djava.security.auth.login.config={etc / 'login.config'}",
            f"-Dlog4j2.configurationFile={LOGGING}",
            *("-cp", f"{installed_artemis(os.environ)}/*"),
            "org.apache.activemq.artemis.cli.Artemis",
            *("run", f"xml:{etc / 'bootstrap.xml'}"),
        ]
        return start("artemis", command, folder=files.folder)


def _configure(files: BrokerFiles, etc: Path, port: int, tls_port: int) -> None:
    stores = files.password("stores")
    issue_broker_certificates(files.tls, store_password=stores, now=dt.datetime.now(dt.UTC))
    configuration = Template(_CONFIGURATION.read_text()).substitute(
        data=files.data, tls=files.tls, stores=stores, port=port, tls_port=tls_port
    )
    written = {
        "broker.xml": configuration,
        "bootstrap.xml": _BOOTSTRAP.format(etc=etc),
        "management.xml": _MANAGEMENT,
        "login.config": _LOGIN,
        "users.properties": "".join(f"{user}={files.password(user)}\n" for user in USERS),
        "roles.properties": "".join(f"{role}={user}\n" for role, user in _ROLES.items()),
    }
    for name, text in written.items():
        write_private(etc / name, text)
