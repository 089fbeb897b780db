"""Backups as tests make them: the program itself, for a mongod, and what a database holds, in one word."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
from bson.json_util import dumps
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp
from pymongo import MongoClient

from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.processes.mongod_access import BACKUP, RESTORE
from deploy.runtime.paths import installed_database_tools

ROOT = Path(__file__).parents[2]
# What a restore does not keep: how far somebody had come in the log of another database.
_NOT_COMPARED = {"positions"}
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """The program `python -m park_backup` for one database, with its backups in `folder`."""

    port: int
    files: MongodFiles
    folder: Path
    hub: str = "device_hub"
    register: str = "smoc"

    def settings(self, user: str) -> dict[str, str]:
        tools = installed_database_tools(os.environ)
        return {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PARK_BACKUP_FOLDER": str(self.folder),
            "PARK_BACKUP_MONGODB_URL": self.files.url(self.port, user),
            "PARK_BACKUP_MONGODB_PASSWORD_FILE": str(self.files.password_file(user)),
            "PARK_BACKUP_HUB_DATABASE": self.hub,
            "PARK_BACKUP_REGISTER_DATABASE": self.register,
        }

    def start(
        self, *words: str, before: Sequence[str] = (), **changed: str
    ) -> subprocess.Popen[str]:
        """Start it with these words; `changed` are settings that are others."""
        user = RESTORE if words[0] == "restore" else BACKUP
        return subprocess.Popen(
            [*before, sys.executable, "-m", "park_backup", *words],
            env={**self.settings(user), **changed},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, before: Sequence[str] = (), **changed: str) -> "Ran":
        with self.start(*words, before=before, **changed) as process:
            out, err = process.communicate(timeout=120)
        return Ran(code=process.returncode, out=out, err=err)

    def made(self) -> Path:
        """Make a backup; return its folder."""
        ran = self.run("make")
        assert ran.code == 0, ran.err
        return max(self.folder.glob("20*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str


def point_of(backup: Path) -> Timestamp:
    """Return of when a backup is, as the database counts."""
    return Timestamp(*json.loads((backup / "manifest.json").read_text())["point"])


def contents(
    client: MongoClient[Document], name: str, at: Timestamp | None = None
) -> Mapping[str, str]:
    """Return a digest of each collection: all documents, and the indexes. ``at``: as they were then."""
    database = client[name]
    found = {}
    for collection in sorted(database.list_collection_names(filter={"type": "collection"})):
        if collection in _NOT_COMPARED:
            continue
        digest = hashlib.sha256()
        count = 0
        for document in _documents(client, name, collection, at):
            digest.update(document.raw)
            count += 1
        indexes = sorted(dumps(one, sort_keys=True) for one in database[collection].list_indexes())
        digest.update("".join(indexes).encode())
        found[collection] = f"{count} {digest.hexdigest()[:16]}"
    return found


def _documents(
    client: MongoClient[Document], name: str, collection: str, at: Timestamp | None
) -> Iterator[RawBSONDocument]:
    database = client[name]
    options = bson.CodecOptions(document_class=RawBSONDocument)
    concern = {"level": "snapshot", "atClusterTime": at} if at else {"level": "majority"}
    asked: Document = {"find": collection, "sort": {"_id": 1}, "readConcern": concern}
    cursor = database.command(asked, codec_options=options)["cursor"]
    yield from cursor["firstBatch"]
    while cursor["id"]:
        asked = {"getMore": bson.Int64(cursor["id"]), "collection": collection}
        cursor = database.command(asked, codec_options=options)["cursor"]
        yield from cursor["nextBatch"]
