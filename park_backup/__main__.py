"""``python -m park_backup``: make a backup of a park, look at backups, restore one."""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from park_backup.failures import BackupFailed
from park_backup.folder import LATEST, backups, checked, found
from park_backup.making import make_backup
from park_backup.manifest import read_manifest
from park_backup.restoring import RESTORING, Target, restore
from park_backup.settings import BackupSettings, FolderSettings
from park_backup.tools import Tool
from service_chassis.settings import load_settings

_FAILED: Final = 1
_INTERRUPTED: Final = 130
_WRONG_LOGIN: Final = 18
_MEGABYTE: Final = 1_000_000
_SETTINGS: Final = """settings, from the environment:
  PARK_BACKUP_FOLDER                 where the backups lie
  PARK_BACKUP_KEEP                   after a backup, remove older ones until so many are there (0: none)
  PARK_BACKUP_MONGODB_URL            the database, with a user who has the role backup, or restore
  PARK_BACKUP_MONGODB_PASSWORD_FILE  the password, if the URL has none
  PARK_BACKUP_HUB_DATABASE           device_hub
  PARK_BACKUP_REGISTER_DATABASE      smoc
  PARK_BACKUP_MONGODUMP, PARK_BACKUP_MONGORESTORE  MongoDB's tools, if they are not on the PATH
"""

Document = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    said = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    # Whatever is written: for its owner alone.
    os.umask(0o077)
    try:
        match said.verb:
            case "make":
                _make()
            case "restore":
                _restore(said.backup, replace=said.replace)
            case "check":
                _check(said.backup)
            case _:
                _list()
    except BackupFailed as failed:
        return _fail(str(failed))
    except OperationFailure as error:
        if error.code == _WRONG_LOGIN:
            return _fail(
                "the database does not know this user with this password; a stack of `make up` that is "
                "older than its backups gets the users at the next start"
            )
        return _fail(f"the database refuses: {error.details or error}"[:500])
    except PyMongoError as error:
        return _fail(f"the database is in trouble: {error}"[:500])
    except OSError as error:
        return _fail(f"{error.filename or 'backup'}: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m park_backup",
        description="Backups of a park: journal and register as they are at one point of time.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("make", help="make a backup while the park is at work; may be interrupted")
    back = verbs.add_parser(
        "restore",
        help="restore one into a database without a park; services must be stopped",
        description="Restores a backup. Until it has come to its end no service starts on the database; an "
        "interrupted one is started again by the same command.",
    )
    back.add_argument("backup", help=f"a path, the name of one in the folder, or {LATEST}")
    back.add_argument("--replace", action="store_true", help="delete the park that is there")
    check = verbs.add_parser("check", help="say whether a backup is whole and unchanged")
    check.add_argument("backup", help=f"a path, the name of one in the folder, or {LATEST}")
    verbs.add_parser("list", help="list the backups, oldest first")
    return parser


def _make() -> None:
    settings = load_settings(BackupSettings)
    started = time.monotonic()
    with _opened(settings, "park_backup") as client:
        made = make_backup(
            client,
            Tool(settings.mongodump, settings.whole_url),
            settings.databases,
            settings.folder,
            keep_at_most=settings.keep,
            tell=_tell,
        )
    for gone in made.removed:
        _tell(f"removed {gone.name}: {settings.keep} are kept")
    _say(
        f"{made.backup}: the park as of {made.manifest.as_of:%F %T} UTC, {made.size / _MEGABYTE:,.1f} MB, "
        f"{time.monotonic() - started:.1f} s"
    )


def _restore(named: str, *, replace: bool) -> None:
    settings = load_settings(BackupSettings)
    backup = found(settings.folder, named)
    started = time.monotonic()
    name = f"{RESTORING} {secrets.token_hex(4)}"
    with _opened(settings, name) as client:
        target = Target(
            client=client,
            name=name,
            tool=Tool(settings.mongorestore, settings.whole_url),
            hub=settings.hub_database,
            register=settings.register_database,
        )
        manifest = restore(backup, target, replace=replace, tell=_tell)
    _say(
        f"restored {backup}: the park as of {manifest.as_of:%F %T} UTC, "
        f"{time.monotonic() - started:.1f} s. What came later is not in it"
    )


def _check(named: str) -> None:
    backup = found(load_settings(FolderSettings).folder, named)
    manifest = checked(backup)
    _say(f"{backup} is whole and unchanged: the park as of {manifest.as_of:%F %T} UTC")


def _list() -> None:
    settings = load_settings(FolderSettings)
    now = datetime.now(UTC)
    for backup in (there := backups(settings.folder)):
        try:
            manifest = read_manifest(backup)
        except BackupFailed as unreadable:
            _say(f"{backup.name}  {unreadable}")
            continue
        size = sum(file.stat().st_size for file in backup.rglob("*") if file.is_file())
        hours = (now - manifest.as_of).total_seconds() / 3600
        _say(
            f"{backup.name}  {size / _MEGABYTE:10,.1f} MB  MongoDB {manifest.release}  {hours:,.1f} h old"
        )
    if not there:
        sys.stderr.write(f"no backup in {settings.folder}\n")


@contextmanager
def _opened(settings: BackupSettings, name: str) -> Iterator[MongoClient[Document]]:
    with MongoClient[Document](
        settings.whole_url,
        appname=name,
        tz_aware=True,
        w="majority",
        serverSelectionTimeoutMS=10_000,
    ) as client:
        yield client


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return _FAILED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
