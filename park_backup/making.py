"""Makes a backup while the park is at work."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from park_backup.changes_meanwhile import keep_changes_of
from park_backup.failures import BackupFailed
from park_backup.folder import DUMP, being_made, keep, seal, write_private
from park_backup.half_restored import is_marked
from park_backup.manifest import MANIFEST, Manifest
from park_backup.tools import Tell, Tool

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    backup: Path
    manifest: Manifest
    size: int
    removed: Sequence[Path]


def make_backup(
    client: MongoClient[Document],
    tool: Tool,
    databases: tuple[str, str],
    folder: Path,
    *,
    keep_at_most: int,
    tell: Tell,
) -> Made:
    """Return when the backup is whole and on the disk.

    Raises:
        BackupFailed: it is not, and nothing of it is left.
        PyMongoError: the database is in trouble.
    """
    begun_at = datetime.now(UTC)
    hub, register = databases
    for name in databases:
        if is_marked(client[name]):
            raise BackupFailed(
                f"the database {name} is half restored: there is no park to make a backup of"
            )
    version = str(client.server_info()["version"])
    name = f"{begun_at:%Y-%m-%dT%H-%M-%SZ}"
    with being_made(folder, name) as backup:
        dump = backup / DUMP
        # All at one point of time is had of the whole server only.
        tool.run(["--oplog", "--gzip", f"--out={dump}"], tell)
        for other in dump.iterdir():
            # Users and their passwords among them: the target has its own.
            if other.is_dir() and other.name not in databases:
                shutil.rmtree(other)
        end = keep_changes_of(databases, dump)
        manifest = Manifest(
            version=1,
            as_of=end.as_datetime(),
            point=(end.time, end.inc),
            begun_at=begun_at,
            ended_at=datetime.now(UTC),
            mongodb=version,
            tools=tool.version(),
            hub_database=hub,
            register_database=register,
        )
        write_private(backup / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        size = seal(backup)
    return Made(
        backup=folder / name,
        manifest=manifest,
        size=size,
        removed=keep(folder, keep_at_most),
    )
