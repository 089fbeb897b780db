"""Notes on a device: what people write down about it, for each other."""

from datetime import datetime
from typing import Annotated

import strawberry
from meterpark.smoc.v1 import note_service_pb2 as wire

from bff.graph.asking.asking import RegisterAsking
from bff.graph.asking.context import Info
from bff.graph.asking.pages import Connection, read_connection
from bff.graph.fields import RequestId, time_of
from bff.graph.refusals import ArgumentInvalid, DeviceUnknown, NotAllowed, RequestIdReused, TooMany
from bff.graph.viewer import may_change
from contract_limits import NOTE_CHARACTERS, NOTES_PER_DEVICE

NoteText = Annotated[
    str, strawberry.argument(description=f"1 to {NOTE_CHARACTERS} characters, lines among them.")
]


@strawberry.type(description="What the viewer may do with this note: a hint for pages.")
class NoteViewerCan:
    delete: bool


@strawberry.type(
    description="What somebody wrote down about a device. It is not changed afterwards."
)
class Note:
    note_id: strawberry.ID = strawberry.field(description="Unique together with deviceId.")
    device_id: strawberry.ID = strawberry.field(
        description="The device that it was written on: the requested one, or one that is joined into it."
    )
    text: str
    username: str = strawberry.field(description="Who wrote it.")
    created_at: datetime | None

    @strawberry.field
    def viewer_can(self, info: Info) -> NoteViewerCan:
        return NoteViewerCan(delete=may_change(info))


@strawberry.type(description="The note is there, written now or by the same request before.")
class NoteCreated:
    note: Note


@strawberry.type(description="The note is deleted, now or before.")
class NoteDeleted:
    note_id: strawberry.ID


CreateNoteResult = Annotated[
    NoteCreated | DeviceUnknown | RequestIdReused | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("CreateNoteResult"),
]
DeleteNoteResult = Annotated[
    NoteDeleted | DeviceUnknown | NotAllowed | ArgumentInvalid,
    strawberry.union("DeleteNoteResult"),
]


def note_of(told: wire.Note) -> Note:
    return Note(
        note_id=strawberry.ID(told.note_id),
        device_id=strawberry.ID(told.device_id),
        text=told.text,
        username=told.username,
        created_at=time_of(told, "create_time"),
    )


async def read_notes(
    asking: RegisterAsking, device_id: str, *, first: int, after: str | None
) -> Connection[Note]:
    return await read_connection(
        asking,
        asking.register.notes.ListNotes,
        wire.ListNotesRequest(device_id=device_id),
        "notes",
        note_of,
        first=first,
        after=after,
    )


async def create_note(
    info: Info, device_id: strawberry.ID, text: NoteText, request_id: RequestId
) -> CreateNoteResult:
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.notes.CreateNote,
        wire.CreateNoteRequest(device_id=device_id, request_id=request_id, text=text),
    )
    return NoteCreated(note=note_of(answer.note))


create_note.__doc__ = f"Writes a note on a device, which has at most {NOTES_PER_DEVICE}."


async def delete_note(
    info: Info, device_id: strawberry.ID, note_id: strawberry.ID
) -> DeleteNoteResult:
    """Deletes a note, whoever wrote it; deleting it again changes nothing."""
    asking = info.context.asking
    await asking.ask(
        asking.register.notes.DeleteNote,
        wire.DeleteNoteRequest(device_id=device_id, note_id=note_id),
    )
    return NoteDeleted(note_id=note_id)
