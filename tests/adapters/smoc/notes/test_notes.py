"""NoteService through gRPC: a note is written once, read by who sees the device, and stays until it is deleted."""

import asyncio
from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import audit_service_pb2, audit_service_pb2_grpc, note_service_pb2_grpc
from meterpark.smoc.v1 import note_service_pb2 as contract

from contract_limits import NOTE_CHARACTERS, NOTES_PER_DEVICE
from service_chassis.refusals import reason_of
from smoc_service.notes.store import NOTES
from smoc_service.register.documents import DEVICES
from tests.neighbours.smoc.kept_alarms import Clock, reason, request_id
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision

METER, OTHER = "north/1EMH0012345678", "south/1EMH0087654321"
KEY = "The key is with the caretaker,\nsecond floor."


def asked_by(smoc: Smoc, name: str, **about: Any) -> Any:
    return smoc.asked_by(note_service_pb2_grpc.NoteServiceStub, name, **about)


def new(text: str, device_id: str = METER, asked: str = "") -> contract.CreateNoteRequest:
    return contract.CreateNoteRequest(
        device_id=device_id, request_id=asked or request_id(), text=text
    )


async def listed(notes: Any, device_id: str = METER, size: int = 0) -> list[contract.Note]:
    """Return the notes on a device, page by page."""
    found: list[contract.Note] = []
    token = ""
    while True:
        page = await notes.ListNotes(
            contract.ListNotesRequest(device_id=device_id, page_size=size, page_token=token)
        )
        found += page.notes
        token = page.next_page_token
        if not token:
            return found


async def texts(notes: Any, device_id: str = METER, size: int = 0) -> list[str]:
    return [each.text for each in await listed(notes, device_id, size)]


async def test_a_note_is_read_by_who_sees_the_device_newest_first_and_by_nobody_else(
    mongod_url: str,
) -> None:
    clock = Clock()
    async with running(mongod_url, now=clock.now) as smoc:
        await smoc.provision(provision(device(METER)), provision(device(OTHER)))
        anna, otto = asked_by(smoc, "anna"), asked_by(smoc, "otto", networks=("south",))
        await anna.CreateNote(new(f"  {KEY}\n"))
        clock.seconds += 60
        await anna.CreateNote(new("Dog in the yard"))
        await otto.CreateNote(new("elsewhere", OTHER))
        victor = asked_by(smoc, "victor", role="asset-viewer", networks=("north",))
        second, first = await listed(victor)
        assert (first.text, first.username, first.device_id) == (KEY, "anna", METER)
        assert second.text == "Dog in the yard"
        assert second.create_time.ToSeconds() == first.create_time.ToSeconds() + 60
        assert await reason(otto.ListNotes(contract.ListNotesRequest(device_id=METER))) == (
            "NETWORK_DENIED"
        )
        assert await reason(otto.CreateNote(new("forged", METER))) == "NETWORK_DENIED"
        forged = contract.DeleteNoteRequest(device_id=METER, note_id=first.note_id)
        assert await reason(otto.DeleteNote(forged)) == "NETWORK_DENIED"
        # Its number is found under its own device only.
        await otto.DeleteNote(contract.DeleteNoteRequest(device_id=OTHER, note_id=first.note_id))
        assert await texts(victor) == ["Dog in the yard", KEY]


async def test_only_an_asset_manager_writes_and_deletes(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)))
        anna = asked_by(smoc, "anna")
        note = (await anna.CreateNote(new(KEY))).note
        delete = contract.DeleteNoteRequest(device_id=METER, note_id=note.note_id)
        victor = asked_by(smoc, "victor", role="asset-viewer")
        assert await reason(victor.CreateNote(new("mine"))) == "ROLE_MISSING"
        assert await reason(victor.DeleteNote(delete)) == "ROLE_MISSING"
        assert await texts(victor) == [KEY]
        # Whoever wrote it: a colleague who left deletes nothing any more.
        maria = asked_by(smoc, "maria")
        await maria.DeleteNote(delete)
        await maria.DeleteNote(delete)
        assert await texts(victor) == []


async def test_the_same_request_again_writes_nothing_twice(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)), provision(device(OTHER)))
        anna = asked_by(smoc, "anna")
        asked = new(KEY)
        answers = await asyncio.gather(*(anna.CreateNote(asked) for _ in range(5)))
        assert len({each.note.note_id for each in answers}) == 1
        assert await listed(anna) == [answers[0].note]
        for other in (new("else", asked=asked.request_id), new(KEY, OTHER, asked.request_id)):
            assert await reason(anna.CreateNote(other)) == "REQUEST_ID_REUSED"
        # Somebody else's request may have the same number.
        await asked_by(smoc, "otto").CreateNote(asked)
        assert len(await listed(anna)) == 2


async def test_a_bad_note_is_told_what_is_wrong_and_where(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)))
        anna = asked_by(smoc, "anna")
        delete = contract.DeleteNoteRequest
        bad: list[tuple[Any, Any, str]] = [
            (anna.CreateNote, new(" \n "), "text"),
            (anna.CreateNote, new("x" * (NOTE_CHARACTERS + 1)), "text"),
            (anna.CreateNote, new("a\x00b"), "text"),
            (anna.CreateNote, new("a\x1b[2Jb"), "text"),
            (anna.CreateNote, new(KEY, asked="7"), "request_id"),
            (anna.CreateNote, new(KEY, "no-slash"), "device_id"),
            (anna.DeleteNote, delete(device_id=METER, note_id="1"), "note_id"),
            (anna.DeleteNote, delete(device_id="north/", note_id="0" * 32), "device_id"),
            (anna.ListNotes, contract.ListNotesRequest(page_size=501), "page_size"),
        ]
        for call, request, field in bad:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call(request)
            assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID, request
            assert (raised.value.details() or "").startswith(f"{field}: "), raised.value.details()
        for call, request in (
            (anna.CreateNote, new(KEY, "north/nobody")),
            (anna.DeleteNote, delete(device_id="north/nobody", note_id="0" * 32)),
            (anna.ListNotes, contract.ListNotesRequest(device_id="north/nobody")),
        ):
            assert await reason(call(request)) == "DEVICE_UNKNOWN"
        # As long as a note may be, of the widest characters.
        await anna.CreateNote(new("😀" * NOTE_CHARACTERS))
        assert await texts(anna) == ["😀" * NOTE_CHARACTERS]


async def test_notes_come_page_by_page_along_an_index_also_those_of_one_moment(
    mongod_url: str,
) -> None:
    clock = Clock()
    async with running(mongod_url, now=clock.now) as smoc:
        await smoc.provision(provision(device(METER)), provision(device(OTHER)))
        anna = asked_by(smoc, "anna")
        for moment in range(3):
            clock.seconds += 1
            await asyncio.gather(*(anna.CreateNote(new(f"{moment}")) for _ in range(3)))
        await smoc.profiling()
        assert await texts(anna, size=2) == [*"222", *"111", *"000"]
        asked = [each for each in await smoc.profiled() if each["ns"].endswith(f".{NOTES}")]
        assert len(asked) == 5
        assert all(each["planSummary"].startswith("IXSCAN") for each in asked)
        assert not [each for each in asked if each.get("hasSortStage")]
        token = (
            await anna.ListNotes(contract.ListNotesRequest(device_id=METER, page_size=2))
        ).next_page_token
        of_other = contract.ListNotesRequest(device_id=OTHER, page_token=token)
        assert await reason(anna.ListNotes(of_other)) == "PAGE_TOKEN_INVALID"


async def test_a_device_has_a_bounded_number_of_notes_whoever_writes_at_once(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)), provision(device(OTHER)))
        anna = asked_by(smoc, "anna")
        made = await asyncio.gather(
            *(anna.CreateNote(new(f"{number}")) for number in range(NOTES_PER_DEVICE + 2)),
            return_exceptions=True,
        )
        refused = [each for each in made if isinstance(each, grpc.aio.AioRpcError)]
        assert [reason_of(each) for each in refused] == [ErrorReason.ERROR_REASON_TOO_MANY] * 2
        assert len(await listed(anna, size=30)) == NOTES_PER_DEVICE
        await anna.CreateNote(new("elsewhere", OTHER))
        [newest, *_] = await listed(anna)
        await anna.DeleteNote(contract.DeleteNoteRequest(device_id=METER, note_id=newest.note_id))
        await anna.CreateNote(new("room again"))


async def test_notes_stay_when_the_hub_tells_the_device_anew(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)))
        anna = asked_by(smoc, "anna")
        await anna.CreateNote(new(KEY))
        await smoc.provision(provision(device(METER, 2, power="OFF")))
        assert await texts(anna) == [KEY]
        # As a register that is filled again from the hub.
        await smoc.database[DEVICES].delete_many({})
        await smoc.provision(provision(device(METER, 3)))
        assert await texts(anna) == [KEY]


async def test_notes_on_a_joined_device_are_shown_with_the_kept_one_until_the_join_is_undone(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)), provision(device("north/8f1c")))
        anna = asked_by(smoc, "anna")
        await anna.CreateNote(new("of the one", METER))
        note = (await anna.CreateNote(new("of the other", "north/8f1c"))).note
        await smoc.provision(
            provision(device(METER, 2, joined=["north/8f1c"])),
            provision(device("north/8f1c", 2, joined_into=METER)),
        )
        assert await texts(anna) == ["of the other", "of the one"]
        assert (await listed(anna))[0] == note
        assert await texts(anna, "north/8f1c") == ["of the other"]
        await smoc.provision(provision(device(METER, 3)), provision(device("north/8f1c", 3)))
        assert await texts(anna) == ["of the one"]


async def test_an_auditor_finds_who_wrote_and_who_deleted_a_note_and_what_it_said(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device(METER)), provision(device(OTHER)))
        anna = asked_by(smoc, "anna")
        asked = new("x" * NOTE_CHARACTERS)
        note = (await anna.CreateNote(asked)).note
        await anna.CreateNote(asked)
        await anna.CreateNote(new("elsewhere", OTHER))
        delete = contract.DeleteNoteRequest(device_id=METER, note_id=note.note_id)
        await asked_by(smoc, "maria").DeleteNote(delete)
        audrey = smoc.asked_by(
            audit_service_pb2_grpc.AuditServiceStub, "audrey", "auditor", ("north",)
        )
        wanted = audit_service_pb2.DeedFilter(device_id=METER, about=note.note_id)
        for filter_ in (None, wanted):
            answer = await audrey.ListDeeds(audit_service_pb2.ListDeedsRequest(filter=filter_))
            deleted, written = answer.deeds
            assert (deleted.username, deleted.kind) == ("maria", "delete-note")
            assert (written.username, written.kind) == ("anna", "create-note")
            assert dict(written.said) == {"text": "x" * NOTE_CHARACTERS}
            for deed in (deleted, written):
                assert (deed.about, list(deed.device_ids)) == (note.note_id, [METER])
                assert deed.outcome == audit_service_pb2.DEED_OUTCOME_DONE
