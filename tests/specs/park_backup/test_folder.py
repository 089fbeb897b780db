"""A backup has its name only when it is whole, and one that is not as it was is refused."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from park_backup.failures import BackupFailed
from park_backup.folder import (
    SUMS,
    backups,
    being_made,
    checked,
    found,
    keep,
    seal,
    write_private,
)
from park_backup.manifest import MANIFEST, Manifest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAYS = Manifest(
    version=1,
    as_of=NOON,
    point=(1772366400, 7),
    begun_at=NOON,
    ended_at=NOON,
    mongodb="6.0.5",
    tools="100.12.2",
    hub_database="device_hub",
    register_database="smoc",
)


def make(folder: Path, name: str) -> Path:
    with being_made(folder, name) as backup:
        (backup / "dump" / "smoc").mkdir(parents=True)
        (backup / "dump" / "smoc" / "notes.bson.gz").write_bytes(b"a note" * 1000)
        (backup / "dump" / "oplog.bson").write_bytes(b"changes")
        write_private(backup / MANIFEST, SAYS.model_dump_json())
        seal(backup)
    return folder / name


def test_a_whole_backup_says_what_it_holds(tmp_path: Path) -> None:
    assert checked(make(tmp_path, "one")) == SAYS
    assert SAYS.release == "6.0"
    assert found(tmp_path, "one") == found(tmp_path, str(tmp_path / "one")) == tmp_path / "one"


def test_its_sums_are_those_of_sha256sum(tmp_path: Path) -> None:
    backup = make(tmp_path, "one")
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=backup, check=True)


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    backup = make(tmp_path / "new", "one")
    for path in (backup.parent, backup, backup / MANIFEST, backup / SUMS):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_was_broken_off_is_no_backup_and_is_removed(tmp_path: Path) -> None:
    class BrokenOff(Exception):
        pass

    def break_off() -> None:
        with being_made(tmp_path, "half") as backup:
            (backup / "file").write_text("half of it")
            raise BrokenOff

    with pytest.raises(BrokenOff):
        break_off()
    assert backups(tmp_path) == []
    assert [one.name for one in tmp_path.iterdir()] == [".lock"]


def test_what_a_killed_one_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-1").mkdir()
    (tmp_path / ".unfinished-1" / MANIFEST).write_text(SAYS.model_dump_json())
    assert backups(tmp_path) == []
    make(tmp_path, "one")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".lock", "one"]


def test_two_are_not_made_at_once(tmp_path: Path) -> None:
    with being_made(tmp_path, "one"), pytest.raises(BackupFailed, match="another backup"):
        make(tmp_path, "two")


def test_one_does_not_replace_another(tmp_path: Path) -> None:
    make(tmp_path, "one")
    with pytest.raises(BackupFailed, match="there already"):
        make(tmp_path, "one")
    assert checked(tmp_path / "one") == SAYS


def _cut(backup: Path) -> None:
    file = backup / "dump" / "smoc" / "notes.bson.gz"
    os.truncate(file, file.stat().st_size // 2)


def _change_a_byte(backup: Path) -> None:
    file = backup / "dump" / "oplog.bson"
    file.write_bytes(b"Changes")


def _another_version(backup: Path) -> None:
    file = backup / MANIFEST
    file.write_text(file.read_text().replace('"version":1', '"version":2'))


def _another_time(backup: Path) -> None:
    file = backup / MANIFEST
    file.write_text(file.read_text().replace("2026-03-01", "2026-03-02"))


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (_cut, r"notes\.bson\.gz was changed, or is damaged"),
        (_change_a_byte, r"oplog\.bson was changed, or is damaged"),
        (_another_version, r"of another version, or damaged: version"),
        (_another_time, r"manifest\.json was changed"),
        (lambda backup: (backup / "dump" / "oplog.bson").unlink(), r"lacks dump/oplog\.bson"),
        (lambda backup: (backup / "dump" / "more").touch(), "holds dump/more, which does not"),
        (lambda backup: (backup / SUMS).unlink(), "SHA256SUMS cannot be read"),
        (lambda backup: (backup / MANIFEST).unlink(), "is no backup"),
        (lambda backup: (backup / MANIFEST).write_text("{"), "of another version, or damaged"),
    ],
)
def test_what_is_not_as_it_was_is_refused(
    tmp_path: Path, harm: Callable[[Path], object], why: str
) -> None:
    backup = make(tmp_path, "one")
    harm(backup)
    with pytest.raises(BackupFailed, match=why):
        checked(backup)


def test_the_newest_are_kept(tmp_path: Path) -> None:
    made = [make(tmp_path, f"2026-03-0{day}") for day in (3, 1, 2)]
    assert keep(tmp_path, 0) == []
    assert found(tmp_path, "latest") == made[0]
    assert keep(tmp_path, 2) == [made[1]]
    assert backups(tmp_path) == [made[2], made[0]]


def test_a_backup_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    for name in ("latest", "monday"):
        with pytest.raises(BackupFailed, match="there is no backup"):
            found(tmp_path / "nowhere", name)
