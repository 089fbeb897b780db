"""Who may do what in a stack's MongoDB: its users, their passwords, its certificates.

One user per service, who can read and write the service's own database and nothing else, two for
backups, and one for the operator. Why the users are made with the server's own key: docs/decisions/0019.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cryptography.x509.oid import ExtendedKeyUsageOID
from pymongo import MongoClient

from deploy.local.certificates.authority import Authority, key_pem, pem
from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.facts.secret_files import write_private

OPERATOR = "operator"
# Reads everything, for `make backup`; the other one fills the services' databases, for `make restore`.
BACKUP = "backup"
RESTORE = "restore"
# The database in which all users are kept; what a client takes when its URL names none.
_USERS = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUser:
    """Reads and writes `database`: documents, indexes, change streams; no other database, no users."""

    name: str
    database: str


def service_users(environment: Mapping[str, str]) -> list[ServiceUser]:
    """Return each service's user, also in a database that the user's environment names."""
    return [
        ServiceUser(
            name="device_hub",
            database=environment.get("DEVICE_HUB_MONGODB_DATABASE", "device_hub"),
        ),
        ServiceUser(
            name="smoc_service", database=environment.get("SMOC_SERVICE_MONGODB_DATABASE", "smoc")
        ),
    ]


def prepare_mongod(
    files: MongodFiles, users: Sequence[ServiceUser], *, port: int, now: dt.datetime
) -> None:
    """Make key, passwords and certificates if there are none; a password that is there stays."""
    files.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not files.key.exists():
        # mongod takes the letters of base64 only.
        write_private(files.key, secrets.token_hex(32))
    for name in (*(user.name for user in users), BACKUP, RESTORE):
        files.password(name)
    login = f"{OPERATOR}:{quote(files.password(OPERATOR), safe='')}"
    write_private(files.operator_url, files.url_of_login(port, login))
    if files.tls and not files.server_certificate.exists():
        authority = Authority.new("meterpark mongod CA", now=now)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        key, certificate = authority.issue("meterpark mongod", usages, now=now)
        write_private(files.ca_certificate, pem(authority.certificate))
        # Last, as it marks the folder as complete.
        write_private(files.server_certificate, pem(certificate) + key_pem(key))


def open_as_server(files: MongodFiles, port: int) -> MongoClient[dict[str, Any]]:
    """Open a client with all rights, which needs no user: it has the replica set's own key."""
    tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(files.ca_certificate)} if files.tls else {}
    return MongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        serverSelectionTimeoutMS=1000,
        username="__system",
        password=files.key.read_text(),
        authSource="local",
        **tls,
    )


def refresh_users(
    client: MongoClient[dict[str, Any]], files: MongodFiles, users: Sequence[ServiceUser]
) -> None:
    """Make every user what the files say now; safe to repeat.

    A password file that was changed since the last start is thereby brought in.
    """
    roles = {
        OPERATOR: [{"role": "root", "db": _USERS}],
        BACKUP: [{"role": "backup", "db": _USERS}],
        RESTORE: [
            {"role": "restore", "db": _USERS},
            # To ask who is connected: nobody else may be, while a restore is under way.
            {"role": "clusterMonitor", "db": _USERS},
            # To apply the changes that came while the backup was made.
            *({"role": "readWrite", "db": user.database} for user in users),
        ],
        **{user.name: [{"role": "readWrite", "db": user.database}] for user in users},
    }
    database = client[_USERS]
    known = {user["user"] for user in database.command("usersInfo")["users"]}
    for name, granted in roles.items():
        verb = "updateUser" if name in known else "createUser"
        database.command(verb, name, pwd=files.password(name), roles=granted)
