"""What a weak name, a second strong one or a nil value shows is listed by the door, at no query once it is known."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from meterpark.device_hub.v1.report_pb2 import Identifier as WireIdentifier
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from device_hub.identities.conflicts.conflict_list import DISMISSED, OPEN
from device_hub.identities.conflicts.deciding import NamesNobody
from device_hub.identities.rules.claims import Kind
from service_chassis.scope import EVERYTHING
from tests.neighbours.hub import NOON, Commands, Document
from tests.neighbours.named_park import Replica, configuration, contact, replica_on

SERIAL, MRID = ("serial_number", "S1"), ("mrid", "M1")
OTHER_SERIAL, OTHER_MRID = ("serial_number", "S2"), ("mrid", "M2")
NAME, UTILITY = ("name/enddevice", "DEV-1"), ("utility_number", "U-7")


@pytest.fixture
async def database(
    mongod_url: str,
) -> AsyncIterator[tuple[AsyncDatabase[Document], Commands]]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as opened:
        await opened.drop_database("test_weak_names")
        yield opened["test_weak_names"], commands


@pytest.fixture
async def park(database: tuple[AsyncDatabase[Document], Commands]) -> AsyncIterator[Replica]:
    async with replica_on(*database) as replica:
        yield replica


async def listed(replica: Replica) -> list[tuple[Kind, str, str, str]]:
    page = await replica.parts.conflicts.page(EVERYTHING, state=OPEN, page_size=50, page_token="")
    return [
        (Kind(one["kind"]), one["value"], one["device_id"], one["other_device_id"])
        for one in page.conflicts
    ]


def asked(replica: Replica) -> list[str]:
    """The commands since the last look, but for those of the change stream."""
    names = [name for name in replica.commands.names if name != "getMore"]
    replica.commands.names.clear()
    return names


async def test_an_event_of_another_meter_with_a_weak_name_gets_a_device_of_its_own_and_a_line(
    park: Replica,
) -> None:
    await park.hears(configuration("c-1", SERIAL, NAME))
    assert await park.hears(contact("r-1", OTHER_MRID, NAME)) == ["north/M2"]
    assert set(await park.hub.commits.distinct("device_id")) == {"north/S1", "north/M2"}
    assert await listed(park) == [(Kind.WEAK_NAME_SHARED, "DEV-1", "north/M2", "north/S1")]


async def test_a_name_that_the_source_lists_finds_the_device_and_nothing_is_listed(
    park: Replica,
) -> None:
    await park.hears(configuration("c-1", SERIAL, NAME))
    report = contact("r-1", OTHER_MRID, NAME)
    report.identifiers[1].identifies = True
    assert await park.hears(report) == ["north/S1"]
    assert await listed(park) == []


async def test_a_conflict_of_events_is_listed_though_all_names_are_cached(park: Replica) -> None:
    """Found in the steady state, after each device was heard; and then it costs nothing."""
    place = park.parts.identities.place
    await place([configuration("c-1", SERIAL, NAME), configuration("c-2", OTHER_SERIAL)])
    await place([contact("r-1", OTHER_SERIAL), contact("r-2", NAME)])
    assert await listed(park) == []
    await place([contact("r-3", OTHER_SERIAL, NAME)])
    assert await listed(park) == [(Kind.WEAK_NAME_SHARED, "DEV-1", "north/S2", "north/S1")]
    asked(park)
    await place([contact(f"r-{number}", OTHER_SERIAL, NAME) for number in range(100)])
    assert asked(park) == []


async def test_a_second_strong_name_in_events_is_listed_and_then_costs_no_query(
    park: Replica,
) -> None:
    place = park.parts.identities.place
    await place([configuration("c-1", SERIAL, MRID)])
    for number in range(2):
        await place([contact(f"r-{number}", SERIAL, OTHER_MRID)])
    assert await listed(park) == [(Kind.SECOND_VALUE, "M2", "north/S1", "north/S1")]
    asked(park)
    await place([contact(f"r-{number}", SERIAL, OTHER_MRID) for number in range(100)])
    assert asked(park) == []


async def test_a_strong_name_that_nobody_has_costs_a_query_once_and_is_seen_when_it_contradicts(
    database: tuple[AsyncDatabase[Document], Commands],
) -> None:
    """Another replica teaches the device its mRID: what is kept here of its names is forgotten."""
    async with replica_on(*database) as one, replica_on(*database) as other:
        place = one.parts.identities.place
        await place([configuration("c-1", SERIAL)])
        await place([contact("r-1", SERIAL, OTHER_MRID)])
        asked(one)
        await place([contact("r-2", SERIAL, OTHER_MRID)])
        assert asked(one) == []
        forgotten = one.parts.identities.cache.forgotten
        await other.parts.identities.place([configuration("c-2", SERIAL, MRID)])
        await one.until_forgotten(forgotten)
        await place([contact("r-3", SERIAL, OTHER_MRID)])
        assert await listed(one) == [(Kind.SECOND_VALUE, "M2", "north/S1", "north/S1")]


async def test_a_start_does_not_list_again_what_is_listed_or_decided(
    database: tuple[AsyncDatabase[Document], Commands],
) -> None:
    said = contact("r-1", OTHER_MRID, NAME)
    async with replica_on(*database) as park:
        await park.hears(configuration("c-1", SERIAL, NAME))
        await park.hears(said)
        page = await park.parts.conflicts.page(EVERYTHING, state=None, page_size=9, page_token="")
        [conflict] = page.conflicts
        await park.parts.deciding.dismiss(conflict["_id"], EVERYTHING, by="anna", reason="two")
    async with replica_on(*database) as park:
        await park.hears(contact("r-2", OTHER_MRID, NAME))
        page = await park.parts.conflicts.page(EVERYTHING, state=None, page_size=9, page_token="")
        assert [one["state"] for one in page.conflicts] == [DISMISSED]


async def test_a_full_list_costs_no_query_per_report_and_is_tried_again(park: Replica) -> None:
    """What it did not take is met again: nothing stays unsaid when people have made room."""
    conflicts, place = park.parts.conflicts, park.parts.identities.place
    at = NOON
    conflicts._most_open, conflicts._now = 1, lambda: at
    spellings = [contact("r-1", ("mrid", each)) for each in ("ab1", "AB1", "ab2", "AB2")]
    await place(spellings[:2])
    await place(spellings[2:])
    await place(spellings)
    asked(park)
    for _ in range(3):
        await place(spellings)
    assert asked(park) == []
    conflicts._most_open, at = 10, NOON + timedelta(minutes=2)
    await place(spellings)
    assert [kind for kind, *_ in await listed(park)] == [Kind.LOOK_ALIKE] * 2


async def test_a_value_that_names_nobody_is_listed_once_and_belongs_to_no_device(
    park: Replica,
) -> None:
    for number in range(3):
        report = configuration(f"c-{number}", ("serial_number", f"S{number}"))
        report.nil_identifiers.append(WireIdentifier(scheme="mrid", value="null"))
        await park.hears(report)
    [(kind, value, *_)] = await listed(park)
    assert (kind, value) == (Kind.NIL_VALUE, "null")
    page = await park.parts.conflicts.page(EVERYTHING, state=OPEN, page_size=9, page_token="")
    with pytest.raises(NamesNobody):
        await park.parts.deciding.assign(
            page.conflicts[0]["_id"], EVERYTHING, device_id="north/S0", by="anna", reason="no"
        )
    asked(park)
    report = configuration("c-9", ("serial_number", "S1"))
    report.nil_identifiers.append(WireIdentifier(scheme="mrid", value="null"))
    await park.parts.identities.place([report])
    assert asked(park) == []
