"""What the journal says of a device, as the register would store it; and the digest by which both are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import bson

from device_hub.journal.journal import Journal
from device_hub.wire.devices import to_device, to_entries
from smoc_service.mongodb import Document
from smoc_service.register.device import Device, TimelineEntry
from smoc_service.register.documents import OF_THE_CHANGE, device_document, entry_document
from smoc_service.register.wire import read_device, read_entry

_COMMITS_AT_ONCE: Final = 200
# What people say of a device, what was gathered of its past, and what a document says of one change.
_NOT_OF_THE_JOURNAL: Final = frozenset(
    {"work", "milestones", "contact_days", "state", *OF_THE_CHANGE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A device at one revision, with its whole timeline until then."""

    device: Device
    entries: Sequence[TimelineEntry]
    # An entry shows the serial number that the device had at its revision.
    serial_numbers: Mapping[int, str]

    @property
    def digest(self) -> bytes:
        return digest(device_document(self.device, None), self.entry_documents())

    def entry_documents(self) -> list[Document]:
        """Return the entries as they are stored, in order."""
        documents = []
        for entry in self.entries:
            document = entry_document(self.device, entry)
            document["serial_number"] = self.serial_numbers[entry.revision]
            documents.append(document)
        return documents


async def said_by(journal: Journal, device_id: str, *, until: int | None) -> Said | None:
    """Return what the journal says of the device at revision ``until``, None: at the newest one.

    None when the journal has no such revision.
    """
    entries: list[TimelineEntry] = []
    serial_numbers: dict[int, str] = {}
    last: Document | None = None
    after = 0
    while until is None or after < until:
        commits = await journal.commits(device_id, after=after, limit=_COMMITS_AT_ONCE)
        for commit in commits:
            after = commit["revision"]
            if until is not None and after > until:
                break
            last = commit
            device = await journal.device_after(commit)
            serial_numbers[after] = device.attributes.get("serial_number", "")
            entries += [read_entry(entry, "entry") for entry in to_entries(commit)]
        if len(commits) < _COMMITS_AT_ONCE:
            break
    if last is None or (until is not None and last["revision"] != until):
        return None
    told = to_device(await journal.device_after(last), last["revision"], last["committed_at"])
    return Said(device=read_device(told, "device"), entries=entries, serial_numbers=serial_numbers)


def digest(device: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the digest of a stored device and its stored entries; what is not of the journal does not count.

    The serial number beside an entry is a copy for lists: a register that came later may have another one.
    """
    hashed = sha256(bson.encode(_sorted(device, _NOT_OF_THE_JOURNAL)))
    for entry in entries:
        hashed.update(bson.encode(_sorted(entry, frozenset({"serial_number"}))))
    return hashed.digest()


def _sorted(document: Mapping[str, Any], without: frozenset[str]) -> Document:
    return {name: document[name] for name in sorted(document) if name not in without}
