"""How a mongod is started and made a replica set of one with its users; stack and tests do it alike."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from deploy.local.facts.mongod_files import REPLICA_SET, MongodFiles
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.mongod_access import (
    ServiceUser,
    open_as_server,
    refresh_users,
    service_users,
)
from deploy.local.processes.process_plan import After, ProcessPlan, listens

REPLICA_SET_STEP: Final = "mongod-replica-set"
_NOT_YET_INITIALIZED = 94


class MongodNotReady(Exception):
    """The replica set has no primary in the time given; the text says why."""


def mongod_plans(facts: StackFacts) -> list[ProcessPlan]:
    """Return mongod, and the step that makes it a replica set with its users."""
    port = facts.ports["mongod"]
    return [
        ProcessPlan(
            name="mongod",
            command=tuple(
                mongod_command(
                    mongod=facts.runtime.mongod,
                    files=facts.mongod,
                    port=port,
                    test_commands=facts.settings.mongod_fail_points,
                )
            ),
            probe=listens(port),
            probe_seconds=1,
            stop_seconds=30,
        ),
        ProcessPlan(
            name=REPLICA_SET_STEP,
            command=step_command(port, facts.mongod, service_users(facts.environment)),
            after={"mongod": After.HEALTHY},
            once=True,
        ),
    ]


def mongod_command(
    *, mongod: Path, files: MongodFiles, port: int, test_commands: bool
) -> list[str]:
    """Give the command of a mongod in the foreground, for this machine alone.

    `test_commands` allows fail points (`failCommand`), which only tests may have.
    """
    return [
        str(mongod),
        *("--replSet", REPLICA_SET, "--dbpath", str(files.data), "--port", str(port)),
        *("--bind_ip", "127.0.0.1", "--nounixsocket"),
        # No access without a user; the first client cannot create one, either.
        *("--keyFile", str(files.key), "--setParameter", "enableLocalhostAuthBypass=false"),
        *(_tls(files) if files.tls else ()),
        # Without limits it takes half of the machine's memory and 5 % of its disk.
        *("--wiredTigerCacheSizeGB", "0.5" if test_commands else "1", "--oplogSize", "1024"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *(("--setParameter", "enableTestCommands=1") if test_commands else ()),
    ]


def _tls(files: MongodFiles) -> tuple[str, ...]:
    return (
        *("--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(files.server_certificate)),
        # Clients prove themselves with a password, not with a certificate.
        *("--tlsCAFile", str(files.ca_certificate), "--tlsAllowConnectionsWithoutCertificates"),
    )


def ensure_replica_set(
    port: int, files: MongodFiles, users: Sequence[ServiceUser], *, timeout_seconds: float
) -> None:
    """Return when the mongod on `port` takes writes and knows its users; safe to repeat.

    A data directory that comes up on another port than last time is re-configured, as a set of
    one that cannot find itself would stay without a primary. One from before there were users
    gets them.

    Raises:
        MongodNotReady: not within `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    address = f"127.0.0.1:{port}"
    complaint = "no answer"
    while time.monotonic() < deadline:
        # A client that was connected before the initiate would have to reconnect anyway.
        client = open_as_server(files, port)
        try:
            _configure(client, address)
            if client.admin.command("hello").get("isWritablePrimary"):
                refresh_users(client, files, users)
                return
            complaint = "it has not become primary"
        except PyMongoError as error:
            complaint = str(error).split(",", maxsplit=1)[0]
        finally:
            client.close()
        time.sleep(0.1)
    raise MongodNotReady(f"mongod on port {port} is not ready: {complaint}")


def _configure(client: MongoClient[dict[str, Any]], address: str) -> None:
    members = [{"_id": 0, "host": address}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code != _NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if [member["host"] for member in config["members"]] != [address]:
        config["members"] = members
        config["version"] += 1
        try:
            client.admin.command("replSetReconfig", config, force=True)
        except AutoReconnect:
            return  # it drops its connections when it changes its role


def step_command(port: int, files: MongodFiles, users: Sequence[ServiceUser]) -> tuple[str, ...]:
    """Return the command of the step after the start of a stack's mongod; it names files, no secret."""
    return (
        *(sys.executable, "-m", "deploy.local.processes.mongod"),
        *("--port", str(port), "--data", str(files.data), "--secrets", str(files.secrets)),
        *(("--tls",) if files.tls else ()),
        *(f"{user.name}={user.database}" for user in users),
    )


def main() -> int:
    """Run what `step_command` returns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--secrets", type=Path, required=True)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("users", nargs="*", metavar="USER=DATABASE")
    said = parser.parse_args()
    files = MongodFiles(data=said.data, secrets=said.secrets, tls=said.tls)
    pairs = [user.split("=", maxsplit=1) for user in said.users]
    users = [ServiceUser(name=name, database=database) for name, database in pairs]
    try:
        ensure_replica_set(said.port, files, users, timeout_seconds=60)
    except MongodNotReady as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
