"""Make the MongoDB of the demo profile a replica set of one with its users; run in the cluster, safe to repeat.

The rules are those of deploy/local/processes/mongod_access.py: a user per service, who can read and write the service's
own database and nothing else.
"""

import time
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

_SECRETS: Final = Path("/secrets")
_ADDRESS: Final = "mongodb-0.mongodb:27017"
_DATABASES: Final = {"device_hub": "device_hub", "smoc_service": "smoc"}
_ALREADY_INITIALIZED: Final = 23
_PATIENCE_SECONDS: Final = 120


def main() -> None:
    """Wait for the server, make it a set, wait until it takes writes, make its users."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    initiate(deadline)
    # A client that was connected before the initiate would have to reconnect.
    with opened() as client:
        while not client.admin.command("hello").get("isWritablePrimary"):
            if time.monotonic() > deadline:
                raise SystemExit("it has not become primary")
            time.sleep(0.2)
        make_users(client)


def initiate(deadline: float) -> None:
    members = [{"_id": 0, "host": member()}]
    while True:
        try:
            with opened() as client:
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        except OperationFailure as failure:
            if failure.code == _ALREADY_INITIALIZED:
                return
            if time.monotonic() > deadline:
                raise
        except AutoReconnect:
            # Not there yet, or it has no name yet.
            if time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(0.5)


def member() -> str:
    """Return the server's name as clients in other namespaces have it, too."""
    namespace = next(
        word.partition(".svc.")[0]
        for line in Path("/etc/resolv.conf").read_text().splitlines()
        if line.startswith("search ")
        for word in line.split()
        if ".svc." in word
    )
    host, _, port = _ADDRESS.partition(":")
    return f"{host}.{namespace}:{port}"


def make_users(client: MongoClient[dict[str, Any]]) -> None:
    """Make every user what its password file says now."""
    roles = {
        "operator": [{"role": "root", "db": "admin"}],
        **{user: [{"role": "readWrite", "db": database}] for user, database in _DATABASES.items()},
    }
    known = {user["user"] for user in client.admin.command("usersInfo")["users"]}
    for name, granted in roles.items():
        verb = "updateUser" if name in known else "createUser"
        password = (_SECRETS / f"{name}-password").read_text()
        client.admin.command(verb, name, pwd=password, roles=granted)


def opened() -> MongoClient[dict[str, Any]]:
    """Open a client with all rights, which needs no user: it has the replica set's own key."""
    host, _, port = _ADDRESS.partition(":")
    return MongoClient(
        host,
        int(port),
        directConnection=True,
        serverSelectionTimeoutMS=2000,
        username="__system",
        password=(_SECRETS / "key").read_text(),
        authSource="local",
    )


if __name__ == "__main__":
    main()
