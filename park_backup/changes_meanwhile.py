"""The changes that came while a dump was made, as mongodump keeps them: the database's own log, from begin to end.

mongodump keeps the log of the whole server. What is not the park's is left out here: a restore would apply it, to
databases that it has not restored and to users of another server.

The first entry is the last one before the dump, which holds what it did. Of documents it may be applied again; a
command may not: a collection that was dropped is not there a second time.
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp

from park_backup.failures import BackupFailed

LOG: Final = "oplog.bson"
_LENGTH_BYTES: Final = 4
# What a restore can apply. Services need no other; somebody who drops a collection does so by hand.
_COMMANDS: Final = frozenset(
    {
        *("create", "collMod", "dropIndexes", "createIndexes"),
        *("startIndexBuild", "commitIndexBuild", "abortIndexBuild"),
    }
)
_TRANSACTION: Final = frozenset({"applyOps", "commitTransaction", "abortTransaction"})
_RAW: Final = CodecOptions(document_class=RawBSONDocument)


def keep_changes_of(databases: Sequence[str], dump: Path) -> Timestamp:
    """Leave the changes of ``databases`` alone in the log; return the point of time at its end.

    Raises:
        BackupFailed: it is no whole log, holds nothing, or something that no restore could apply.
    """
    file = dump / LOG
    kept = dump / f".{LOG}"
    end: Timestamp | None = None
    try:
        with gzip.open(file, "rb") as source, gzip.open(kept, "wb") as sink:
            for raw in _documents(source):
                entry = RawBSONDocument(raw, _RAW)
                if (ours := _of(databases, entry, is_first=end is None)) is not None:
                    sink.write(ours)
                end = entry["ts"]
    except EOFError:
        raise BackupFailed(f"{file} ends within an entry") from None
    if end is None:
        raise BackupFailed(f"{file} holds no entry: of when the dump is, is not known")
    kept.replace(file)
    return end


def _documents(source: Any) -> Iterator[bytes]:
    while head := source.read(_LENGTH_BYTES):
        length = int.from_bytes(head, "little")
        document: bytes = head + source.read(length - _LENGTH_BYTES)
        if len(document) != length:
            raise EOFError
        yield document


def _of(databases: Sequence[str], entry: RawBSONDocument, *, is_first: bool) -> bytes | None:
    """Return what is to be kept of an entry of the log; None: nothing."""
    if entry["op"] != "c":
        return bytes(entry.raw) if _is_of(databases, entry) else None
    change = entry["o"]
    command = next(iter(change))
    if command not in _TRANSACTION:
        if is_first or not _is_of(databases, entry):
            return None
        if command not in _COMMANDS:
            raise BackupFailed(
                f"{entry['ns'].partition('.')[0]} was changed by hand meanwhile ({command}): make it again"
            )
        return bytes(entry.raw)
    # Over any number of databases. Without operations of ours it stays: later parts may refer to it.
    all_of_it = list(change.get("applyOps", ()))
    ours = [one for one in all_of_it if _is_of(databases, one)]
    if len(ours) == len(all_of_it):
        return bytes(entry.raw)
    return bson.encode({**entry, "o": {**change, "applyOps": ours}})


def _is_of(databases: Sequence[str], entry: Mapping[str, Any]) -> bool:
    return str(entry["ns"]).partition(".")[0] in databases
