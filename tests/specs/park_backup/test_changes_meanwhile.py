"""Of the database's log of changes a backup keeps what is the park's, and all of that."""

import gzip
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.timestamp import Timestamp

from park_backup.changes_meanwhile import LOG, keep_changes_of
from park_backup.failures import BackupFailed

PARK = ("device_hub", "smoc")
Entry = dict[str, Any]


def entry(second: int, operation: str, namespace: str, change: Entry | None = None) -> Entry:
    at = Timestamp(second, 1)
    return {"ts": at, "op": operation, "ns": namespace, "o": change or {"_id": second}}


def log_of(folder: Path, *entries: Entry) -> Path:
    with gzip.open(folder / LOG, "wb") as file:
        file.write(b"".join(bson.encode(one) for one in entries))
    return folder


def kept(folder: Path) -> list[Entry]:
    return bson.decode_all(gzip.decompress((folder / LOG).read_bytes()))


def test_changes_of_other_databases_are_left_out(tmp_path: Path) -> None:
    ours = [
        entry(1, "i", "device_hub.commits"),
        entry(3, "u", "smoc.devices"),
        entry(5, "c", "smoc.$cmd", {"create": "notes"}),
        entry(6, "d", "smoc.notes"),
    ]
    others = [
        entry(2, "u", "admin.system.users"),
        entry(4, "i", "smoc_of_others.devices"),
        entry(7, "n", ""),
    ]
    every = sorted([*ours, *others], key=lambda one: one["ts"])
    # The end is that of the log, whatever was the last change there.
    assert keep_changes_of(PARK, log_of(tmp_path, *every)) == Timestamp(7, 1)
    assert kept(tmp_path) == ours


def test_of_a_transaction_the_parks_changes_are_kept(tmp_path: Path) -> None:
    mine = {"op": "u", "ns": "smoc.jobs", "o": {"_id": 1}}
    foreign = {"op": "i", "ns": "other.things", "o": {"_id": 2}}
    pure = entry(1, "c", "admin.$cmd", {"applyOps": [mine, mine]})
    mixed = entry(2, "c", "admin.$cmd", {"applyOps": [mine, foreign], "count": 2})
    committed = entry(3, "c", "admin.$cmd", {"commitTransaction": 1})
    keep_changes_of(PARK, log_of(tmp_path, pure, mixed, committed))
    cut = entry(2, "c", "admin.$cmd", {"applyOps": [mine], "count": 2})
    assert kept(tmp_path) == [pure, cut, committed]


def test_a_command_before_the_dump_is_left_out_and_a_change_of_documents_stays(
    tmp_path: Path,
) -> None:
    """The log begins with the last entry before the dump: to drop a collection again would fail, or drop it."""
    dropped = entry(1, "c", "smoc.$cmd", {"drop": "restore_under_way"})
    created = entry(2, "c", "smoc.$cmd", {"create": "notes"})
    assert keep_changes_of(PARK, log_of(tmp_path, dropped, created)) == Timestamp(2, 1)
    assert kept(tmp_path) == [created]
    inserted = entry(1, "i", "smoc.notes")
    keep_changes_of(PARK, log_of(tmp_path, inserted))
    assert kept(tmp_path) == [inserted]


@pytest.mark.parametrize("command", ["drop", "dropDatabase", "renameCollection"])
def test_what_no_restore_could_apply_fails_the_backup_and_not_the_restore(
    tmp_path: Path, command: str
) -> None:
    first = entry(1, "i", "smoc.notes")
    by_hand = entry(2, "c", "smoc.$cmd", {command: "notes"})
    of_others = entry(2, "c", "other.$cmd", {command: "things"})
    keep_changes_of(PARK, log_of(tmp_path, first, of_others))
    with pytest.raises(BackupFailed, match=f"smoc was changed by hand meanwhile .{command}."):
        keep_changes_of(PARK, log_of(tmp_path, first, by_hand))


def test_a_log_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    whole = bson.encode(entry(1, "i", "smoc.notes"))
    packed = gzip.compress(whole)
    for broken in (gzip.compress(whole[:-3]), gzip.compress(b""), packed[:-9]):
        (tmp_path / LOG).write_bytes(broken)
        with pytest.raises(BackupFailed, match=r"ends within an entry|holds no entry"):
            keep_changes_of(PARK, tmp_path)
