"""A folder of backups: one folder each, whole or absent."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from park_backup.failures import BackupFailed
from park_backup.manifest import MANIFEST, Manifest, read_manifest

# In the form of sha256sum: `sha256sum --check SHA256SUMS` says the same as `check`.
SUMS: Final = "SHA256SUMS"
DUMP: Final = "dump"
LATEST: Final = "latest"
_UNFINISHED: Final = ".unfinished-"
_SUM_LENGTH: Final = 64


@contextmanager
def being_made(folder: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder, which becomes the backup ``name`` when the block ends, and is removed when it fails.

    What a killed one left behind is removed, too.

    Raises:
        BackupFailed: another backup is being made there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - it has no name
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"another backup is being made in {folder}: wait for it") from None
        for leftover in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover)
        # Readable by its owner alone, as is all that the tools write into it.
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        try:
            yield unfinished
            if (folder / name).exists():
                raise BackupFailed(f"{folder / name} is there already")
            unfinished.rename(folder / name)
            _to_disk(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def seal(backup: Path) -> int:
    """Write the sums of all files, when all of it is on the disk; return how many bytes they have."""
    size = 0
    lines = []
    for file in sorted(_files(backup)):
        lines.append(f"{_sum_of(file, to_disk=True)}  {file.relative_to(backup)}\n")
        size += file.stat().st_size
    write_private(backup / SUMS, "".join(lines))
    return size


def checked(backup: Path) -> Manifest:
    """Return what the backup says of itself, when all its files are there and are as they were.

    Raises:
        BackupFailed: it is none, it is of a version that is not known, or a file is missing, too much or changed.
    """
    manifest = read_manifest(backup)
    try:
        lines = (backup / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupFailed(f"{backup / SUMS} cannot be read: {error}") from None
    sums = {line[_SUM_LENGTH + 2 :]: line[:_SUM_LENGTH] for line in lines}
    there = {str(file.relative_to(backup)) for file in _files(backup)} - {SUMS}
    if missing := sorted(sums.keys() - there):
        raise BackupFailed(f"{backup} lacks {missing[0]}: it is not whole")
    if unknown := sorted(there - sums.keys()):
        raise BackupFailed(f"{backup} holds {unknown[0]}, which does not belong to it")
    for name, sum_then in sums.items():
        if _sum_of(backup / name) != sum_then:
            raise BackupFailed(f"{backup / name} was changed, or is damaged: its sum is another")
    return manifest


def backups(folder: Path) -> list[Path]:
    """Return those that are whole, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(
        (
            file.parent
            for file in folder.glob(f"*/{MANIFEST}")
            if not file.parent.name.startswith(_UNFINISHED)
        ),
        key=lambda backup: backup.name,
    )


def found(folder: Path, named: str) -> Path:
    """Return the backup of this name, at this path, or the ``latest``.

    Raises:
        BackupFailed: there is none.
    """
    if named == LATEST:
        if not (all_of_them := backups(folder)):
            raise BackupFailed(f"there is no backup in {folder}")
        return all_of_them[-1]
    for candidate in (Path(named), folder / named):
        if candidate.is_dir():
            return candidate
    raise BackupFailed(f"there is no backup {named}, and none of that name in {folder}")


def keep(folder: Path, at_most: int) -> list[Path]:
    """Remove the oldest until ``at_most`` are left (0: all stay); return those that are gone."""
    gone = backups(folder)[:-at_most] if at_most else []
    for backup in gone:
        # Whatever interrupts this: what is half removed is no backup any more.
        (backup / MANIFEST).unlink()
        shutil.rmtree(backup)
    return gone


def write_private(file: Path, content: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(content)
        sink.flush()
        os.fsync(sink.fileno())


def _files(backup: Path) -> list[Path]:
    return [path for path in backup.rglob("*") if path.is_symlink() or not path.is_dir()]


def _sum_of(file: Path, *, to_disk: bool = False) -> str:
    try:
        with file.open("rb") as opened:
            if to_disk:
                os.fsync(opened.fileno())
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BackupFailed(f"{file} cannot be read: {error.strerror}") from None


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
