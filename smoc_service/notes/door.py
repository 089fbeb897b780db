"""NoteService: notes on devices that the caller sees."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from unicodedata import category

import grpc.aio
from meterpark.smoc.v1 import note_service_pb2 as contract
from meterpark.smoc.v1 import note_service_pb2_grpc

from contract_limits import NOTE_CHARACTERS
from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from service_chassis.refusals import argument_invalid
from service_chassis.times import write_time
from smoc_service.door.caller import who_calls
from smoc_service.door.reading import read_device_id, read_request_id
from smoc_service.mongodb import as_stored
from smoc_service.notes.store import Note, NoteStore
from smoc_service.park.search import Search
from smoc_service.register.device import Device

_NOTE_ID: Final = re.compile(r"[0-9a-f]{32}")
_BETWEEN_LINES: Final = "\n\t"

Context = grpc.aio.ServicerContext[Any, Any]


class NoteDoor(note_service_pb2_grpc.NoteServiceServicer):
    def __init__(self, store: NoteStore, search: Search, now: Callable[[], datetime]) -> None:
        self._store = store
        self._search = search
        self._now = now

    async def ListNotes(
        self, request: contract.ListNotesRequest, context: Context
    ) -> contract.ListNotesResponse:
        size = read_page_size(request.page_size)
        device = await self._device(request.device_id)
        page = await self._store.page((device.device_id, *device.joined), size, request.page_token)
        return contract.ListNotesResponse(
            notes=map(_write_note, page.items), next_page_token=page.next_token
        )

    async def CreateNote(
        self, request: contract.CreateNoteRequest, context: Context
    ) -> contract.CreateNoteResponse:
        request_id = read_request_id(request.request_id)
        text = _read_text(request.text)
        device = await self._device(request.device_id)
        note = await self._store.create(
            who_calls(), device.device_id, request_id, text, as_stored(self._now())
        )
        return contract.CreateNoteResponse(note=_write_note(note))

    async def DeleteNote(
        self, request: contract.DeleteNoteRequest, context: Context
    ) -> contract.DeleteNoteResponse:
        if not _NOTE_ID.fullmatch(request.note_id):
            raise argument_invalid("note_id", f"{request.note_id[:60]!r} is not a note's number")
        device = await self._device(request.device_id)
        await self._store.delete(device.device_id, request.note_id)
        return contract.DeleteNoteResponse()

    async def _device(self, device_id: str) -> Device:
        """Return the device; raise ``DeviceUnknown``, or ``NetworkDenied``."""
        read_device_id(device_id, "device_id")
        return await self._search.device(device_id, current_caller().scope)


def _read_text(given: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= NOTE_CHARACTERS:
        raise argument_invalid("text", f"not 1 to {NOTE_CHARACTERS} characters")
    if any(category(each) == "Cc" and each not in _BETWEEN_LINES for each in text):
        raise argument_invalid("text", "has control characters")
    return text


def _write_note(note: Note) -> contract.Note:
    return contract.Note(
        device_id=note.device_id,
        note_id=note.note_id,
        text=note.text,
        username=note.author.username,
        create_time=write_time(note.created_at),
    )
