"""Two devices that are one meter are joined on a real mongod while reports come in, and parted again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from device_hub.device.joins.parts import with_parts
from device_hub.device.power import power_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.state import Device
from device_hub.identities.conflicts.joining import DeviceUnknown
from device_hub.wire.devices import to_device
from device_hub.wire.reports import device_id_of
from tests.neighbours.hub import NOON, Commands, Document, power_lost
from tests.neighbours.named_park import Replica, configuration, contact, named, replica_on

SERIAL, MRID, NAME = ("serial_number", "S1"), ("mrid", "8f1c-uuid"), ("", "DEV-1")
KEPT, JOINED = "north/S1", "north/8f1c-uuid"
WHO: dict[str, Any] = {"by": "anna", "reason": "the type plate says so"}


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[tuple[AsyncMongoClient[Document], Commands]]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands], appname="joins"
    ) as opened:
        await opened.drop_database("test_joins")
        yield opened, commands


@pytest.fixture
async def park(client: tuple[AsyncMongoClient[Document], Commands]) -> AsyncIterator[Replica]:
    """Two devices of one meter: S1 by configurations, 8f1c-uuid by events without power."""
    opened, commands = client
    async with replica_on(opened["test_joins"], commands) as replica:
        await replica.hears(configuration("c-1", SERIAL, NAME))
        await replica.hears(named(power_lost("e-1", "?", 2), MRID))
        yield replica


async def device(park: Replica, device_id: str) -> Device:
    return (await park.hub.journal.newest_of([device_id]))[device_id].device


async def test_a_joined_device_s_names_find_the_kept_one_which_is_what_both_say(
    park: Replica,
) -> None:
    assert await park.parts.joining.join(KEPT, JOINED, **WHO) == 2
    kept = await device(park, KEPT)
    assert power_of(kept).value == "OFF"
    assert kept.attributes["model"] == "E450"
    reports = [contact("r-1", MRID, minute=3), contact("r-2", NAME), configuration("c-2", SERIAL)]
    assert await park.hears(*reports) == [KEPT] * 3
    assert power_of(await device(park, KEPT)).value == "ON"
    assert (await device(park, JOINED)).joined_into == KEPT


async def test_a_configuration_with_names_of_both_is_no_conflict_any_more(park: Replica) -> None:
    await park.hears(configuration("c-2", SERIAL, MRID))
    conflicts = park.hub.commits.database["identity_conflicts"]
    assert [one["state"] async for one in conflicts.find()] == ["OPEN"]
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    assert [one["state"] async for one in conflicts.find()] == ["JOINED"]
    assert await park.hears(configuration("c-3", SERIAL, MRID)) == [KEPT]
    assert await conflicts.count_documents({}) == 1


async def test_an_undone_join_gives_the_names_back_and_leaves_what_came_in_between(
    park: Replica,
) -> None:
    before = await device(park, JOINED)
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    await park.hears(contact("r-1", MRID, minute=30))
    assert await park.parts.joining.undo(JOINED, **WHO) == (KEPT, 4)
    assert await device(park, JOINED) == before
    kept = await device(park, KEPT)
    assert kept.parts == {}
    assert kept.own is None
    assert kept.last_contact_at == NOON.replace(minute=30)
    assert await park.hears(contact("r-2", MRID, minute=40), contact("r-3", NAME)) == [
        JOINED,
        KEPT,
    ]


async def test_the_register_is_told_that_the_joined_device_is_gone(park: Replica) -> None:
    """Its facets are the kept one's to tell: no alarm is raised, and nothing is counted, twice."""
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    joined = to_device(await device(park, JOINED), 2, NOON)
    assert (joined.lifecycle.value, joined.lifecycle.cause) == ("REMOVED", "joined")
    assert (joined.power.value, joined.communication.value) == ("UNKNOWN", "UNKNOWN")
    kept = to_device(await device(park, KEPT), 2, NOON)
    assert kept.power.value == "OFF"
    assert (joined.joined_into, list(joined.joined)) == (KEPT, [])
    assert (kept.joined_into, list(kept.joined)) == ("", [JOINED])
    assert {(one.scheme, one.value) for one in kept.identifiers} == {SERIAL, NAME}


async def test_an_undone_join_puts_its_conflicts_back_on_the_list(park: Replica) -> None:
    await park.hears(configuration("c-2", SERIAL, MRID))
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    await park.parts.joining.undo(JOINED, **WHO)
    conflicts = park.hub.commits.database["identity_conflicts"]
    [conflict] = await conflicts.find().to_list()
    assert conflict["state"] == "OPEN"
    assert not {"decided_for", "decided_by", "decided_at", "reason"} & conflict.keys()
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    assert [one["state"] async for one in conflicts.find()] == ["JOINED"]


async def test_joining_again_joins_once(park: Replica) -> None:
    for _ in range(2):
        assert await park.parts.joining.join(KEPT, JOINED, **WHO) == 2
    assert len(await park.hub.history(KEPT)) == 2
    assert len(await park.hub.history(JOINED)) == 2


async def test_what_cannot_be_joined_is_refused_before_anything_is_written(park: Replica) -> None:
    joining = park.parts.joining
    await park.hears(contact("r-1", ("mrid", "M3")))
    await joining.join(KEPT, JOINED, **WHO)
    for kept, joined, reason in (
        (KEPT, KEPT, Reason.JOIN_REFUSED),
        ("south/S1", KEPT, Reason.JOIN_REFUSED),
        ("north/M3", KEPT, Reason.JOIN_REFUSED),
        ("north/M3", JOINED, Reason.DEVICE_JOINED),
        (JOINED, "north/M3", Reason.DEVICE_JOINED),
    ):
        with pytest.raises(Refused) as refused:
            await joining.join(kept, joined, **WHO)
        assert refused.value.reason is reason
    with pytest.raises(DeviceUnknown):
        await joining.join(KEPT, "north/nobody", **WHO)
    with pytest.raises(Refused):
        await joining.undo("north/M3", **WHO)
    assert len(await park.hub.history("north/M3")) == 1


async def test_a_replica_that_does_not_know_of_the_join_sends_reports_on(park: Replica) -> None:
    """Its actor has the joined device in memory, its door knows nothing: the journal says where it went."""
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    park.parts.identities.joined.forget(JOINED)
    report = named(power_lost("e-2", "?", 50), MRID)
    [verdict] = await park.door.record([report])
    assert (verdict.outcome, verdict.device_id) == (Verdict.OUTCOME_RECORDED, "")
    assert device_id_of(report) == KEPT
    assert "e-2" in await park.hub.history(KEPT)
    assert "e-2" not in await park.hub.history(JOINED)


async def test_a_report_that_the_joined_device_has_is_not_recorded_again(park: Replica) -> None:
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    park.parts.identities.joined.forget(JOINED)
    [verdict] = await park.door.record([named(power_lost("e-1", "?", 2), MRID)])
    assert (verdict.outcome, verdict.revision) == (Verdict.OUTCOME_RECORDED, 1)
    assert "e-1" not in await park.hub.history(KEPT)


async def test_no_report_is_lost_or_doubled_while_devices_are_joined_and_parted(
    park: Replica,
) -> None:
    """The journal arbitrates: each report is in one of both histories, once, and no history has a hole."""
    count = 120

    async def told() -> None:
        for number in range(count):
            report = named(power_lost(f"e-{number + 10}", "?", number % 60), MRID)
            report.event.event_mrid = str(number)
            [verdict] = await park.door.record([report])
            while verdict.outcome == Verdict.OUTCOME_POSTPONED:
                copy = Report.FromString(report.SerializeToString())
                named(copy, MRID)
                [verdict] = await park.door.record([copy])
            assert verdict.outcome == Verdict.OUTCOME_RECORDED

    async def joined() -> None:
        for _ in range(4):
            await park.parts.joining.join(KEPT, JOINED, **WHO)
            await asyncio.sleep(0.01)
            await park.parts.joining.undo(JOINED, **WHO)

    async with asyncio.timeout(60), asyncio.TaskGroup() as both:
        both.create_task(told())
        both.create_task(joined())
    histories = await park.hub.history(KEPT) + await park.hub.history(JOINED)
    events = [report_id for report_id in histories if report_id.startswith("e-")]
    assert len(events) == len(set(events))
    assert {f"e-{number + 10}" for number in range(count)} <= set(events)


async def test_a_join_that_was_broken_off_is_finished(park: Replica) -> None:
    joining = park.parts.joining
    await joining.joins.insert_one(
        {
            "_id": JOINED,
            "into": KEPT,
            "at": NOON - timedelta(minutes=2),
            "begun": True,
            "by": "anna",
            "reason": "?",
        }
    )
    await joining.finish()
    kept = await device(park, KEPT)
    assert kept.own is not None
    assert kept == with_parts(kept.own, kept.parts)
    assert await park.hears(contact("r-1", MRID)) == [KEPT]


@pytest.mark.parametrize(("kept", "joined"), [("north/nobody", JOINED), (KEPT, "north/nobody")])
async def test_a_join_of_a_device_that_nobody_knows_is_taken_back_and_holds_up_no_other(
    park: Replica, kept: str, joined: str
) -> None:
    joining = park.parts.joining
    await park.hears(contact("r-1", ("mrid", "M9")))
    begun = {"begun": True, "by": "anna", "reason": "?"}
    long_ago = NOON - timedelta(hours=1)
    await joining.joins.insert_one({"_id": joined, "into": kept, "at": long_ago, **begun})
    other = {"_id": "north/M9", "into": KEPT, "at": NOON - timedelta(minutes=2), **begun}
    await joining.joins.insert_one(other)
    await joining.finish()
    assert [(one["_id"], one["into"]) async for one in joining.joins.find()] == [("north/M9", KEPT)]
    assert (await device(park, JOINED)).joined_into == ""


async def test_joins_are_made_anew_from_the_journal(park: Replica) -> None:
    await park.parts.joining.join(KEPT, JOINED, **WHO)
    database = park.hub.commits.database
    await database["joins"].delete_many({})
    await database["identities"].delete_many({})
    park.parts.identities.joined.replace({})
    await park.parts.rebuild.run(datetime(2026, 3, 2, tzinfo=UTC))
    assert [(one["_id"], one["into"]) async for one in database["joins"].find()] == [(JOINED, KEPT)]
    assert await park.hears(contact("r-1", MRID), contact("r-2", NAME)) == [KEPT, KEPT]
    assert await database["identity_conflicts"].count_documents({}) == 0


async def test_an_undo_that_was_broken_off_leaves_no_direction_and_is_finished_by_asking_again(
    park: Replica,
) -> None:
    joining = park.parts.joining
    for command, left in (("delete", 1), ("insert", 0)):
        await joining.join(KEPT, JOINED, **WHO)
        await _fail_once(park, command)
        with pytest.raises(PyMongoError):
            await joining.undo(JOINED, **WHO)
        assert (await device(park, JOINED)).joined_into == KEPT
        assert await joining.joins.count_documents({}) == left
        await joining.undo(JOINED, **WHO)
        assert (await device(park, JOINED)).joined_into == ""
        assert await joining.joins.count_documents({}) == 0


async def _fail_once(park: Replica, command: str) -> None:
    """The next such command of this client ends in an error that nobody tries again."""
    await park.hub.commits.database.client.admin.command(
        "configureFailPoint",
        "failCommand",
        mode={"times": 1},
        data={"failCommands": [command], "errorCode": 8000, "appName": "joins"},
    )


async def test_a_join_that_another_one_came_before_directs_nothing(park: Replica) -> None:
    """Begun and broken off; meanwhile the device was joined elsewhere, by whoever asked first."""
    joining = park.parts.joining
    await park.hears(contact("r-1", ("mrid", "M3")))
    document = {
        "_id": JOINED,
        "into": "north/M3",
        "at": NOON - timedelta(minutes=2),
        "begun": True,
        "by": "anna",
        "reason": "?",
    }
    await joining.joins.insert_one(document)
    with pytest.raises(Refused) as refused:
        await joining.join(KEPT, JOINED, **WHO)
    assert refused.value.reason is Reason.DEVICE_JOINED
    await joining.joins.delete_many({})
    await joining.join(KEPT, JOINED, **WHO)
    await joining.joins.replace_one({"_id": JOINED}, document)
    await joining.finish()
    assert await joining.joins.count_documents({}) == 0
    assert await park.hears(named(power_lost("e-2", "?", 50), MRID)) == [KEPT]
