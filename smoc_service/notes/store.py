"""Notes, one document each, beside the devices: a register that is filled anew keeps them.

``_id`` is made of its author and the id of the request that made it, so the same request again meets itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel

from contract_limits import NOTES_PER_DEVICE
from service_chassis.pages import Page, PageTokenInvalid, resumed, seal
from smoc_service.errors import RequestReused, TooMany
from smoc_service.mongodb import Document
from smoc_service.who import Who

NOTES: Final = "notes"
NOTE_INDEXES: Final = [
    IndexModel(
        [("device_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
        name="of_device",
    ),
]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MOST_DIGITS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    note_id: str
    device_id: str
    text: str
    author: Who
    created_at: datetime


class NoteStore:
    """Keeps notes; whether a device is known, and seen by the caller, is asked before.

    MongoDB in trouble is a ``PyMongoError``.
    """

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._notes = client[database][NOTES]
        # Counting and adding one must not be done by two at once.
        self._adding = asyncio.Lock()

    async def page(self, device_ids: Sequence[str], size: int, token: str) -> Page[Note]:
        """Return up to ``size`` notes on any of the devices, newest first; raise ``PageTokenInvalid``."""
        question = f"notes {' '.join(device_ids)}"
        query: Document = {"device_id": {"$in": list(device_ids)}}
        if after := resumed(question, token):
            at, note_id = _place(after)
            query["$or"] = [
                {"created_at": {"$lt": at}},
                {"created_at": at, "_id": {"$lt": note_id}},
            ]
        found = await (
            self._notes.find(query, hint="of_device")
            .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
            .limit(size + 1)
            .to_list()
        )
        notes = [_note_from(document) for document in found[:size]]
        more = len(found) > size
        return Page(items=notes, next_token=seal(question, _told(notes[-1])) if more else "")

    async def create(
        self, who: Who, device_id: str, request_id: str, text: str, now: datetime
    ) -> Note:
        """Add a note, once, however often the request arrives.

        Raises:
            TooMany: the device has as many as it may have.
            RequestReused: the request id was used for another note.
        """
        note_id = uuid5(NAMESPACE_OID, f"{who.subject} {request_id}").hex
        note = Note(note_id=note_id, device_id=device_id, text=text, author=who, created_at=now)
        async with self._adding:
            made = await self._notes.find_one({"_id": note_id})
            if made is not None:
                if (made["device_id"], made["text"]) != (device_id, text):
                    raise RequestReused
                return _note_from(made)
            count = await self._notes.count_documents({"device_id": device_id}, hint="of_device")
            if count >= NOTES_PER_DEVICE:
                raise TooMany(f"the device has {count} notes, no more are kept: delete one")
            await self._notes.insert_one(_note_document(note))
        return note

    async def delete(self, device_id: str, note_id: str) -> None:
        """Delete a note of the device; one that is not there is no error."""
        await self._notes.delete_one({"_id": note_id, "device_id": device_id})


def _told(note: Note) -> str:
    return f"{(note.created_at - _EPOCH) // _MILLISECOND} {note.note_id}"


def _place(text: str) -> tuple[datetime, str]:
    milliseconds, _, note_id = text.partition(" ")
    if not milliseconds.isdecimal() or len(milliseconds) > _MOST_DIGITS:
        raise PageTokenInvalid
    try:
        return _EPOCH + int(milliseconds) * _MILLISECOND, note_id
    except OverflowError:
        raise PageTokenInvalid from None


def _note_document(note: Note) -> Document:
    return {
        "_id": note.note_id,
        "device_id": note.device_id,
        "text": note.text,
        "author": note.author.subject,
        "username": note.author.username,
        "created_at": note.created_at,
    }


def _note_from(document: Mapping[str, Any]) -> Note:
    return Note(
        note_id=document["_id"],
        device_id=document["device_id"],
        text=document["text"],
        author=Who(subject=document["author"], username=document["username"]),
        created_at=document["created_at"],
    )
