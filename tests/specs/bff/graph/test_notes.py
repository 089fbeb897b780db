"""Notes on a device: a list in pages, and changes whose refusals are types."""

from typing import Any

import pytest
from meterpark.smoc.v1.note_service_pb2 import (
    CreateNoteRequest,
    CreateNoteResponse,
    DeleteNoteRequest,
    DeleteNoteResponse,
    ListNotesResponse,
    Note,
)

from tests.specs.bff.serving import running_bff, token
from tests.specs.bff.smoc_in_memory import Smoc, at, device, refused

METER = "north/1EMH0000000001"
REQUEST_ID = "3f0f8a9e-7d2a-4b9e-9a53-0d8f0f4c2b11"
NOTE = Note(
    device_id=METER,
    note_id="a" * 32,
    text="The key is with the caretaker,\nsecond floor.",
    username="anna",
    create_time=at("2026-11-21T08:00:00Z"),
)
CREATE = """mutation Write($device: ID!, $text: String!, $request: ID!) {
createNote(deviceId: $device, text: $text, requestId: $request) { __typename
... on NoteCreated { note { noteId } } ... on ArgumentInvalid { field }
... on Refusal { message } } }"""


async def test_notes_of_a_device_are_listed_and_say_what_the_viewer_may() -> None:
    smoc = Smoc()
    smoc.add(device(1))
    smoc.answers["ListNotes"] = lambda _: ListNotesResponse(notes=[NOTE])
    async with running_bff(smoc) as bff:
        for role, may in (("asset-manager", True), ("asset-viewer", False)):
            bff.token = token(role)
            answer = await bff.data(
                f"""{{ device(id: "{METER}") {{ viewerCan {{ note }} notes(first: 1) {{
                edges {{ node {{ noteId deviceId text username createdAt viewerCan {{ delete }}
                }} }} pageInfo {{ hasNextPage }} }} }} }}"""
            )
            node = {
                "noteId": NOTE.note_id,
                "deviceId": METER,
                "text": NOTE.text,
                "username": "anna",
                "createdAt": "2026-11-21T08:00:00+00:00",
                "viewerCan": {"delete": may},
            }
            assert answer["device"] == {
                "viewerCan": {"note": may},
                "notes": {"edges": [{"node": node}], "pageInfo": {"hasNextPage": False}},
            }
    for request in smoc.requests("ListNotes"):
        assert (request.device_id, request.page_size) == (METER, 1)


async def test_a_note_is_written_and_deleted_as_it_was_asked() -> None:
    smoc = Smoc()
    smoc.answers["CreateNote"] = lambda _: CreateNoteResponse(note=NOTE)
    smoc.answers["DeleteNote"] = lambda _: DeleteNoteResponse()
    async with running_bff(smoc) as bff:
        said = {"device": METER, "text": NOTE.text, "request": REQUEST_ID}
        answer = await bff.data(CREATE, said)
        assert answer["createNote"]["note"] == {"noteId": NOTE.note_id}
        answer = await bff.data(
            f"""mutation {{ deleteNote(deviceId: "{METER}", noteId: "{NOTE.note_id}") {{
            ... on NoteDeleted {{ noteId }} }} }}"""
        )
        assert answer["deleteNote"] == {"noteId": NOTE.note_id}
    assert [request for _, request in smoc.asked] == [
        CreateNoteRequest(device_id=METER, request_id=REQUEST_ID, text=NOTE.text),
        DeleteNoteRequest(device_id=METER, note_id=NOTE.note_id),
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("DEVICE_UNKNOWN", "DeviceUnknown"),
        ("REQUEST_ID_REUSED", "RequestIdReused"),
        ("TOO_MANY", "TooMany"),
    ],
)
async def test_why_a_note_is_not_written_is_a_type(reason: str, kind: str) -> None:
    def refuse(_: Any) -> Any:
        raise refused(reason, "so it is")

    smoc = Smoc()
    smoc.answers["CreateNote"] = refuse
    async with running_bff(smoc) as bff:
        said = {"device": METER, "text": "x", "request": REQUEST_ID}
        answer = await bff.data(CREATE, said)
        assert answer["createNote"] == {"__typename": kind, "message": "so it is"}
