"""Restores a backup into a database that holds no park, and on which nobody works."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from park_backup.failures import BackupFailed
from park_backup.folder import DUMP, checked
from park_backup.half_restored import MARKS, is_marked, mark, unmark
from park_backup.manifest import Manifest, release_of
from park_backup.tools import Tell, Tool

Document = dict[str, Any]

RESTORING: Final = "park_backup restore"
# As they call themselves at the database. A tool whose caller was killed may still be at work.
_AT_WORK: Final = {
    "device_hub": "the hub",
    "smoc_service": "the register",
    RESTORING: "another restore",
    "mongorestore": "another restore",
}
_NOT_ALLOWED: Final = 13
# A service keeps there how far it has come. It does so before it knows a device, so this alone is no park.
_POSITIONS: Final = "positions"
# What a position says about the log of the database that it was taken in, and about who held it.
_OF_ANOTHER_LOG: Final = ("resume_token", "worker", "session", "lease_until")
# The follower of alarms reads the log, or else all of the register, when it has no position at all.
_ALARMS: Final = "alarms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The database of a park, and the tool that fills it."""

    client: MongoClient[Document]
    # By which the database knows this client, and no other.
    name: str
    tool: Tool
    hub: str
    register: str

    @property
    def databases(self) -> tuple[str, str]:
        return self.hub, self.register


def restore(backup: Path, target: Target, *, replace: bool, tell: Tell) -> Manifest:
    """Return when all of the backup is in the database, and services may start.

    ``replace``: what the database holds is deleted. What a broken-off restore left is deleted anyway.

    Raises:
        BackupFailed: nothing was changed; or, from mongorestore, the database stays marked as half restored.
        PyMongoError: the database is in trouble; it is marked if anything was changed.
    """
    tell(f"checking {backup}")
    manifest = checked(backup)
    _fits(manifest, target)
    _nobody_works(target)
    halves = [name for name in target.databases if is_marked(target.client[name])]
    if not replace and not halves and (held := _held(target)):
        raise BackupFailed(
            f"there is a park already ({held}): nothing was changed. To delete it and have the backup "
            "instead, say so: make restore FROM=... REPLACE=1, or --replace"
        )
    begun_at = datetime.now(UTC)
    for name in target.databases:
        mark(target.client[name], backup=backup.name, begun_at=begun_at)
    for name in target.databases:
        for collection in _collections(target, name):
            target.client[name].drop_collection(collection)
    target.tool.run(
        ["--oplogReplay", "--gzip", "--stopOnError", f"--dir={backup / DUMP}"],
        tell,
    )
    _void_positions(target)
    for name in target.databases:
        unmark(target.client[name])
    return manifest


def _fits(manifest: Manifest, target: Target) -> None:
    if (manifest.hub_database, manifest.register_database) != target.databases:
        raise BackupFailed(
            f"the backup is of the databases {manifest.hub_database} and {manifest.register_database}, "
            f"the settings name {target.hub} and {target.register}"
        )
    release = release_of(str(target.client.server_info()["version"]))
    if release != manifest.release:
        raise BackupFailed(
            f"the backup is of MongoDB {manifest.release}, this database is {release}: restore it into "
            f"{manifest.release}, and upgrade that"
        )


def _nobody_works(target: Target) -> None:
    """Go by who is connected."""
    everybody: list[Document] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": {"$exists": True, "$ne": target.name}}},
        {"$group": {"_id": "$appName"}},
    ]
    try:
        names = [one["_id"] for one in target.client.admin.aggregate(everybody)]
    except OperationFailure as error:
        if error.code != _NOT_ALLOWED:
            raise
        raise BackupFailed(
            "the user may not ask who is connected, so whether services run is not known: "
            "give it the role clusterMonitor"
        ) from None
    if at_work := sorted({told for name in names for told in _told(name)}):
        raise BackupFailed(
            f"connected to this database: {', '.join(at_work)}. Nothing was changed; stop what works "
            "there first (make down)"
        )


def _told(name: str) -> Iterator[str]:
    for begins, told in _AT_WORK.items():
        if name.startswith(begins):
            yield told


def _held(target: Target) -> str:
    """Return what is there already, in words; an empty text: no park."""
    held = [
        f"{name}.{collection}"
        for name in target.databases
        for collection in _collections(target, name)
        if collection != _POSITIONS and target.client[name][collection].find_one() is not None
    ]
    return ", ".join(held)


def _collections(target: Target, name: str) -> Sequence[str]:
    found = target.client[name].list_collection_names(filter={"type": "collection"})
    return sorted(one for one in found if one != MARKS and not one.startswith("system."))


def _void_positions(target: Target) -> None:
    """Have followers read what they follow: the log behind their positions is not this database's.

    Even the same database has another log now. Its old one would tell the hub's follower of commits that the restored
    journal does not hold.
    """
    target.client[target.hub][_POSITIONS].update_many(
        {}, {"$unset": dict.fromkeys(_OF_ANOTHER_LOG, "")}
    )
    target.client[target.register][_POSITIONS].delete_one({"_id": _ALARMS})
