"""A park goes back to a backup: reports, alarms and the work of people are as they were, and it works on."""

import asyncio
import json
import os
import uuid
from pathlib import Path
from typing import Any

import grpc.aio
from meterpark.smoc.v1 import alarm_service_pb2, note_service_pb2
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub
from meterpark.smoc.v1.note_service_pb2_grpc import NoteServiceStub
from pymongo import MongoClient

from bearer_tokens.token_calls import bearer
from deploy.local.stack.standstills import settings_for_command
from service_chassis.sidecar import Metadata
from tests.neighbours.backups import Document, contents, point_of
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON, events, meter_config
from tests.system.park import Ended, Park, run_program, until

METERS = [f"BACK-{number}" for number in range(20)]
TAMPERED, CLEARED = "3.12.43.257", "3.12.43.291"
SERVICES = ("iec-connector", "device-hub", "smoc-service")
DATABASES = ("device_hub", "smoc")


async def test_what_came_and_was_done_after_a_backup_is_gone_after_its_restore_and_can_come_again(
    park: Park, keycloak: Keycloak, tmp_path: Path
) -> None:
    token = bearer(await keycloak.person_token("anna"))
    anna = (*park.to_register, *token)
    async with grpc.aio.insecure_channel(park.stack.sidecar_address("bff")) as page:
        # Notes are written in the page alone.
        notes = Notes(page, (*park.stack.call_metadata("bff", "smoc-service"), *token))
        await _go_back(park, anna, notes, tmp_path)


async def _go_back(park: Park, anna: Metadata, notes: "Notes", tmp_path: Path) -> None:
    tampered = events(("BACK-1", TAMPERED, NOON))
    cleared = events(("BACK-1", CLEARED, NOON.replace(hour=13)))
    await park.publish(*(meter_config(meter, "Installed") for meter in METERS), tampered)
    await until(lambda: park.all_devices("BACK-"), lambda seen: len(seen) == len(METERS))
    alarm = await _alarm(park, anna)
    await _acknowledge(park, alarm.alarm_id, anna)
    await notes.write("before the backup")

    await _verb(park.stack, tmp_path, "backup")
    expected = await asyncio.to_thread(_held_then, park.stack, tmp_path)

    await notes.write("after the backup")
    await park.publish(cleared, meter_config("BACK-LATER", "Installed"))
    await until(lambda: _state(park, alarm.alarm_id, anna), _is("RESOLVED"))
    await until(lambda: park.device("north/BACK-LATER"), bool)

    refused = await _ask_for(park.stack, tmp_path, "restore", "latest", "--replace")
    assert refused.code == 1
    assert "connected to this database" in refused.err, "nobody restores below those who work"
    for service in SERVICES:
        await asyncio.to_thread(park.stack.stop_process, service)
    refused = await _ask_for(park.stack, tmp_path, "restore", "latest")
    assert refused.code == 1
    assert "there is a park already" in refused.err
    await _verb(park.stack, tmp_path, "restore", "latest", "--replace")
    assert await asyncio.to_thread(_held_now, park.stack) == expected
    for service in SERVICES:
        await asyncio.to_thread(park.stack.start_process, service)
    await asyncio.to_thread(park.stack.wait_until_ready)

    await until(lambda: _state(park, alarm.alarm_id, anna), _is("ACKNOWLEDGED"))
    assert await notes.texts() == ["before the backup"]
    assert sorted(await park.all_devices("BACK-")) == sorted(f"north/{meter}" for meter in METERS)
    await _register_is_as_far_as_the_journal(park.stack)

    # What the backup has counts once; what came after it is published again, and is there again.
    known = len(await park.journal("north/BACK-1"))
    await park.publish(tampered, cleared, meter_config("BACK-LATER", "Installed"))
    await until(lambda: _state(park, alarm.alarm_id, anna), _is("RESOLVED"))
    await until(lambda: park.device("north/BACK-LATER"), bool)
    assert len(await park.journal("north/BACK-1")) == known + 1
    await _register_is_as_far_as_the_journal(park.stack)


async def _ask_for(stack: RunningStack, folder: Path, *words: str) -> Ended:
    """Run a verb of `make` for this stack, with its backups in `folder`."""
    root = stack.stack.state.root
    settings = {
        "XDG_STATE_HOME": str(root.parents[1]),
        "METERPARK_STACK": root.name,
        "PARK_BACKUP_FOLDER": str(folder),
    }
    if cache := os.environ.get("XDG_CACHE_HOME"):
        settings["XDG_CACHE_HOME"] = cache
    return await run_program("deploy.local", *words, settings=settings)


async def _verb(stack: RunningStack, folder: Path, *words: str) -> None:
    ended = await _ask_for(stack, folder, *words)
    assert ended.code == 0, ended


def _held_then(stack: RunningStack, backups: Path) -> list[Any]:
    """Return what both databases held at the moment of the only backup."""
    [backup] = backups.glob("20*")
    with MongoClient[Document](stack.mongodb_url) as client:
        return [contents(client, name, point_of(backup)) for name in DATABASES]


def _held_now(stack: RunningStack) -> list[Any]:
    with MongoClient[Document](stack.mongodb_url) as client:
        return [contents(client, name) for name in DATABASES]


async def _alarm(park: Park, person: Metadata) -> alarm_service_pb2.Alarm:
    stub: Any = AlarmServiceStub(park.channel)
    mine = alarm_service_pb2.AlarmFilter(device_id="north/BACK-1")
    request = alarm_service_pb2.ListAlarmsRequest(filter=mine)

    async def listed() -> list[alarm_service_pb2.Alarm]:
        return list((await stub.ListAlarms(request, metadata=person)).alarms)

    [alarm] = await until(listed, bool)
    return alarm


async def _acknowledge(park: Park, alarm_id: str, person: Metadata) -> None:
    stub: Any = AlarmServiceStub(park.channel)
    request = alarm_service_pb2.AcknowledgeAlarmRequest(
        alarm_id=alarm_id, request_id=str(uuid.uuid4()), comment="on my way"
    )
    await stub.AcknowledgeAlarm(request, metadata=person)


async def _state(park: Park, alarm_id: str, person: Metadata) -> str:
    stub: Any = AlarmServiceStub(park.channel)
    request = alarm_service_pb2.GetAlarmRequest(alarm_id=alarm_id)
    alarm = (await stub.GetAlarm(request, metadata=person)).alarm
    return alarm_service_pb2.AlarmState.Name(alarm.state).removeprefix("ALARM_STATE_")


def _is(state: str) -> Any:
    return lambda seen: seen == state


class Notes:
    """Of one device, by one person."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Metadata) -> None:
        self._stub: Any = NoteServiceStub(channel)
        self._metadata = metadata

    async def write(self, text: str) -> None:
        request = note_service_pb2.CreateNoteRequest(
            device_id="north/BACK-1", request_id=str(uuid.uuid4()), text=text
        )
        await self._stub.CreateNote(request, metadata=self._metadata)

    async def texts(self) -> list[str]:
        request = note_service_pb2.ListNotesRequest(device_id="north/BACK-1")
        listed = await self._stub.ListNotes(request, metadata=self._metadata)
        return [note.text for note in listed.notes]


async def _register_is_as_far_as_the_journal(stack: RunningStack) -> None:
    async def checked() -> Ended:
        return await run_program(
            *("meterpark_cli", "register", "check", "--json", "--serial", "BACK-"),
            settings=settings_for_command(stack.description),
        )

    ended = await until(checked, lambda seen: seen.code == 0)
    assert json.loads(ended.out)
