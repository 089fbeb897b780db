"""How a mongod is started and made a replica set of one; the stack and the tests do it alike."""

import sys
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

REPLICA_SET = "rs0"
_NOT_YET_INITIALIZED = 94


class MongodNotReady(Exception):
    """The replica set has no primary in the time given; the text says why."""


def mongodb_url(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def mongod_command(*, mongod: Path, data: Path, port: int, test_commands: bool) -> list[str]:
    """Give the command of a mongod in the foreground, for this machine alone.

    `test_commands` allows fail points (`failCommand`), which only tests may have.
    """
    return [
        str(mongod),
        *("--replSet", REPLICA_SET, "--dbpath", str(data), "--port", str(port)),
        *("--bind_ip", "127.0.0.1", "--nounixsocket"),
        # Without limits it takes half of the machine's memory and 5 % of its disk.
        *("--wiredTigerCacheSizeGB", "0.5" if test_commands else "1", "--oplogSize", "1024"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *(("--setParameter", "enableTestCommands=1") if test_commands else ()),
    ]


def ensure_replica_set(port: int, *, timeout_seconds: float) -> None:
    """Return when the mongod on `port` is a primary that takes writes; safe to repeat.

    A data directory that comes up on another port than last time is re-configured, as a set of
    one that cannot find itself would stay without a primary.

    Raises:
        MongodNotReady: not within `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    address = f"127.0.0.1:{port}"
    complaint = "no answer"
    while time.monotonic() < deadline:
        # A client that was connected before the initiate would have to reconnect anyway.
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000
        )
        try:
            _configure(client, address)
            if client.admin.command("hello").get("isWritablePrimary"):
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


def main() -> int:
    """`python -m deploy.local.mongod_process PORT`: the step after the start of a stack's mongod."""
    try:
        ensure_replica_set(int(sys.argv[1]), timeout_seconds=60)
    except MongodNotReady as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
