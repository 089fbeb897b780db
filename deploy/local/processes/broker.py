"""How an ActiveMQ broker is prepared and started; the stack and the tests start it alike."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from deploy.local.certificates.broker_certificates import issue_broker_certificates
from deploy.local.facts.broker_files import BrokerFiles
from deploy.local.facts.secret_files import write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.process_plan import ANY_PATH, ProcessPlan, listens

_HERE = Path(__file__).parent / "activemq"
CONFIGURATION = _HERE / "activemq.xml"
LOGGING = _HERE / "log4j2.properties"
USERS = ("admin", "connector", "hes")


def prepare_broker(files: BrokerFiles, *, port: int, tls_port: int, now: dt.datetime) -> None:
    """Make passwords and certificates if there are none, and write what this start needs."""
    (files.data / "tmp").mkdir(parents=True, exist_ok=True)
    stores = files.password("stores")
    issue_broker_certificates(files.tls, store_password=stores, now=now)
    lines = {
        "data": files.data,
        "tls": files.tls,
        "port": port,
        "tls_port": tls_port,
        "password.stores": stores,
        **{f"password.{user}": files.password(user) for user in USERS},
    }
    write_private(
        files.properties, "".join(f"{key}={_escaped(str(value))}\n" for key, value in lines.items())
    )


def broker_command(*, java: Path, jars: Path, files: BrokerFiles) -> list[str]:
    """The broker in the foreground; SIGTERM stops it cleanly."""
    return [
        str(java),
        # Measured for a stack of one machine: small and calm beats fast here.
        *("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        "-Djava.awt.headless=true",
        f"-Dmeterpark.broker=file:{quote(str(files.properties))}",
        f"-Djava.io.tmpdir={files.data / 'tmp'}",
        f"-Dlog4j2.configurationFile=file:{quote(str(LOGGING))}",
        *("-cp", f"{jars}/*"),
        "org.apache.activemq.console.command.ShellCommand",
        "start",
        # Decoded once, and taken for a path; behind "file:" it would be decoded twice.
        f"xbean:{quote(str(CONFIGURATION))}",
    ]


def broker_plan(facts: StackFacts) -> ProcessPlan:
    """Return the plan of the stack's broker."""
    runtime = facts.runtime
    return ProcessPlan(
        name="broker",
        command=tuple(
            broker_command(java=runtime.java, jars=runtime.activemq_jars, files=facts.state.broker)
        ),
        environment=ANY_PATH,
        probe=listens(facts.ports["broker"]),
        probe_seconds=1,
        stop_seconds=30,
    )


def _escaped(value: str) -> str:
    """Return the value in the form of Java properties files: ASCII, with backslashes escaped."""
    return "".join(
        sign if sign.isascii() else f"\\u{unit:04x}"
        for sign in value.replace("\\", "\\\\")
        for unit in _utf16(sign)
    )


def _utf16(sign: str) -> Iterator[int]:
    encoded = sign.encode("utf-16-be", "surrogatepass")
    for start in range(0, len(encoded), 2):
        yield int.from_bytes(encoded[start : start + 2], "big")
