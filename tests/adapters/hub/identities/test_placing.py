"""Devices are found by their names on a real mongod: by several replicas, without a query once they are known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson import ObjectId
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Configuration, Report
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from device_hub.device.values import Identifier
from device_hub.identities.conflicts.conflict_list import OPEN
from device_hub.identities.rules.claims import Kind
from device_hub.identities.rules.names import look_of
from device_hub.journal.heads import Heads
from device_hub.journal.journal import open_collection
from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import FixedNetwork, Source, load_event_codes, understand
from service_chassis.scope import EVERYTHING
from tests.neighbours.hub import Commands, Document, power_lost, said
from tests.neighbours.named_park import Replica, configuration, contact, named, replica_on

SERIAL, MRID = ("serial_number", "S1"), ("mrid", "8f1c-uuid")
UTILITY, NAME = ("utility_number", "U-7"), ("", "DEV-1")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
WHOLE = (SERIAL, MRID, UTILITY, NAME)
FIELD = Path(__file__).parents[3] / "specs" / "connector" / "understanding" / "messages"
HES = Source(name="hes", network=FixedNetwork(network="north"), codes=load_event_codes())


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[tuple[AsyncMongoClient[Document], Commands]]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as opened:
        await opened.drop_database("test_identities")
        yield opened, commands


@pytest.fixture
async def park(
    client: tuple[AsyncMongoClient[Document], Commands],
) -> AsyncIterator[Replica]:
    opened, commands = client
    async with replica_on(opened["test_identities"], commands) as replica:
        yield replica


async def listed(replica: Replica) -> list[Document]:
    page = await replica.parts.conflicts.page(EVERYTHING, state=OPEN, page_size=50, page_token="")
    assert page.open_count == len(page.conflicts)
    return page.conflicts


def sent(name: str) -> list[Report]:
    """What the connector makes of a message."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    understood = understand((FIELD / name).read_bytes(), HES, received_at=at)
    return [report_to_wire(report) for report in understood.reports]


async def devices(replica: Replica) -> set[str]:
    return set(await replica.hub.commits.distinct("device_id"))


@pytest.mark.parametrize("order", [("config", "event"), ("event", "config")])
async def test_a_configuration_and_an_event_that_name_a_meter_differently_are_of_one_device(
    park: Replica, order: tuple[str, str]
) -> None:
    """Situation 10 of the field, whatever comes first."""
    for each in order:
        await park.hears(*sent(f"one-meter-two-names-{each}.xml"))
    [device_id] = await devices(park)
    device = (await park.hub.journal.newest_of([device_id]))[device_id].device
    assert device.supply.value == "OFF"
    assert device.attributes["serial_number"] == "S1"
    assert Identifier("mrid", "8f1c-uuid") in device.identifiers
    assert await listed(park) == []


async def test_both_in_one_batch_in_either_order_are_of_one_device(park: Replica) -> None:
    assert (
        await park.hears(contact("r-1", MRID), configuration("r-2", *WHOLE), contact("r-3", NAME))
        == ["north/8f1c-uuid"] * 3
    )
    other = [(scheme, f"{value}-b") for scheme, value in WHOLE]
    assert (
        await park.hears(
            configuration("r-4", *other), contact("r-5", other[1]), contact("r-6", other[3])
        )
        == ["north/S1-b"] * 3
    )


async def test_the_journal_tells_which_names_were_learned_and_when(park: Replica) -> None:
    await park.hears(configuration("r-1", *WHOLE))
    [commit] = await park.hub.journal.commits("north/S1", after=0, limit=10)
    [learned] = [event for event in commit["events"] if event["name"] == "identified.1"]
    assert [(one["scheme"], one["value"]) for one in learned["identifiers"]] == list(WHOLE)
    assert learned["learned_at"] == commit["events"][0]["received_at"]


async def test_a_device_that_is_known_costs_no_query(park: Replica) -> None:
    """Nothing but the journal is asked: not for events, and not for a configuration that says nothing new."""
    place = park.parts.identities.place
    many = [[(scheme, f"{value}-{number}") for scheme, value in WHOLE] for number in range(100)]
    for names in many:
        await place([configuration("r", *names)])
    park.commands.names.clear()
    batch = [
        report
        for names in many
        for report in (configuration("r", *names), contact("r", names[1]), contact("r", names[3]))
    ]
    assert await place(batch) is None
    assert [name for name in park.commands.names if name != "getMore"] == []


async def test_a_batch_of_unknown_devices_costs_two_queries_and_one_insert(park: Replica) -> None:
    batch = [configuration("r", ("mrid", f"M{number}"), NAME) for number in range(100)]
    await park.parts.identities.place([configuration("r", ("mrid", "M0"))])
    park.commands.names.clear()
    await park.parts.identities.place(batch[:50])
    asked = [name for name in park.commands.names if name != "getMore"]
    assert asked.count("find") == 2
    assert asked.count("insert") <= 2  # the claims, and the conflict about the name that all have


async def test_the_cache_is_bounded_and_what_it_forgot_is_asked_for(
    client: tuple[AsyncMongoClient[Document], Commands],
) -> None:
    opened, commands = client
    async with replica_on(opened["test_identities"], commands, cached=10) as park:
        for number in range(30):
            await park.parts.identities.place([configuration("r", ("mrid", f"M{number}"))])
        assert len(park.parts.identities.cache) == 10
        assert await park.hears(contact("r-1", ("", "M0"))) == ["north/M0"]


async def test_a_name_that_a_whole_model_has_makes_no_two_meters_one(park: Replica) -> None:
    model = ("name/model", "E450")
    assert await park.hears(configuration("c-1", SERIAL, model)) == ["north/S1"]
    other = configuration("c-2", ("mrid", "M2"), model)
    assert await park.hears(contact("r-1", ("mrid", "M2"), model), other) == ["north/M2"] * 2
    assert await listed(park) == []


async def test_conflicts_are_listed_once_and_never_merge_devices(park: Replica) -> None:
    await park.hears(contact("r-1", MRID))
    await park.hears(contact("r-2", SERIAL))
    for number in range(3):
        assert await park.hears(configuration(f"c-{number}", *WHOLE)) == ["north/S1"]
    assert await park.hears(contact("r-3", MRID)) == ["north/8f1c-uuid"]
    [conflict] = await listed(park)
    assert conflict["kind"] == Kind.CLAIMED_BY_ANOTHER
    assert (conflict["scheme"], conflict["value"]) == MRID
    assert conflict["devices"] == ["north/8f1c-uuid", "north/S1"]
    device = (await park.hub.journal.newest_of(["north/S1"]))["north/S1"].device
    assert Identifier(*MRID) not in device.identifiers


async def test_spellings_of_one_name_are_two_devices_and_listed(park: Replica) -> None:
    """Situation 27, as long as the source does not say that they are equal."""
    found = await park.hears(*sent("one-meter-two-spellings.xml"))
    assert found == ["north/21279C38", "north/21279c38", "north/012345", "north/12345"]
    conflicts = await listed(park)
    assert {one["kind"] for one in conflicts} == {Kind.LOOK_ALIKE}
    assert {(one["value"], one["other_value"]) for one in conflicts} == {
        ("21279c38", "21279C38"),
        ("12345", "012345"),
    }


async def test_a_full_list_takes_no_more_and_reports_go_on(park: Replica) -> None:
    park.parts.conflicts._most_open = 1
    for number in range(3):
        assert await park.hears(contact(f"r-{number}", ("mrid", f"ab{number}")))
        assert await park.hears(contact(f"R-{number}", ("mrid", f"AB{number}")))
    assert len(await listed(park)) == 1


async def test_replicas_at_once_make_one_device_of_a_meter(
    client: tuple[AsyncMongoClient[Document], Commands],
) -> None:
    """The unique key arbitrates: whoever comes second finds what the first has claimed."""
    opened, commands = client
    database = opened["test_identities"]
    async with replica_on(database, commands) as one, replica_on(database, commands) as other:
        meters = [
            [(scheme, f"{value}-{number}") for scheme, value in WHOLE] for number in range(60)
        ]

        async def configured(replica: Replica) -> None:
            for number, names in enumerate(meters):
                await replica.parts.identities.place([configuration(f"c-{number}", *names)])

        async def heard(replica: Replica) -> None:
            for number, names in enumerate(meters):
                await replica.parts.identities.place([contact(f"r-{number}", names[1])])

        await asyncio.gather(configured(one), heard(other))
        for names in meters:
            found: set[str] = set()
            for replica in (one, other):
                for name in names[:3]:
                    report = contact("r", name)
                    await replica.parts.identities.place([report])
                    found.add(report.device_identifier)
            assert len(found) == 1, names
    assert await database["identity_conflicts"].count_documents({}) == 0


async def test_what_another_replica_learns_is_heard(
    client: tuple[AsyncMongoClient[Document], Commands],
) -> None:
    opened, commands = client
    database = opened["test_identities"]
    async with replica_on(database, commands) as one, replica_on(database, commands) as other:
        # This one knows, and keeps, that nobody is called so.
        await one.parts.identities.place([contact("r-1", SERIAL, NAME)])
        await other.parts.identities.place([configuration("c-1", *WHOLE)])
        cache, look = one.parts.identities.cache, ("north", "dev-1")
        async with asyncio.timeout(20):
            while cache.get(look) is not None:  # noqa: ASYNC110 - the stream tells nobody when it was heard
                await asyncio.sleep(0.01)
        assert await one.hears(contact("r-2", NAME)) == ["north/S1"]


async def test_what_a_person_assigns_is_heard_by_the_replica_that_was_asked(park: Replica) -> None:
    second = ("mrid", "M2")
    await park.hears(configuration("c-1", SERIAL, MRID), configuration("c-2", SERIAL, second))
    [conflict] = await listed(park)
    cache = park.parts.identities.cache
    look = ("north", look_of("M2"))
    assert cache.get(look) == {}
    await park.parts.deciding.assign(
        conflict["_id"], EVERYTHING, device_id="north/S1", by="anna", reason="a new module"
    )
    async with asyncio.timeout(20):
        while cache.get(look) is not None:  # noqa: ASYNC110 - the stream tells nobody when it was heard
            await asyncio.sleep(0.01)
    assert await park.hears(contact("r-1", ("", "NEW"), second)) == ["north/S1"]


async def test_trouble_with_the_database_postpones_those_reports_alone(park: Replica) -> None:
    await park.hears(configuration("c-1", *WHOLE))
    fail_point = {
        "configureFailPoint": "failCommand",
        "mode": "alwaysOn",
        "data": {
            "failCommands": ["find", "insert"],
            "errorCode": 8000,
            "namespace": "test_identities.identities",
        },
    }
    admin = park.hub.commits.database.client.admin
    await admin.command(fail_point)
    try:
        verdicts = await park.door.record([contact("r-1", MRID), contact("r-2", ("mrid", "M2"))])
    finally:
        await admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert [verdict.outcome for verdict in verdicts] == [
        Verdict.OUTCOME_RECORDED,
        Verdict.OUTCOME_POSTPONED,
    ]
    assert await park.hears(contact("r-2", ("mrid", "M2"))) == ["north/M2"]


async def test_a_crash_between_claim_and_commit_costs_nothing(park: Replica) -> None:
    report = configuration("c-1", *WHOLE)
    await park.parts.identities.place([report])
    assert await devices(park) == set()
    assert await park.hears(configuration("c-1", *WHOLE), contact("r-1", NAME)) == [
        "north/S1",
        "north/S1",
    ]
    device = (await park.hub.journal.newest_of(["north/S1"]))["north/S1"].device
    assert {Identifier(*name) for name in WHOLE} == device.identifiers


async def test_claims_are_made_anew_from_the_journal(park: Replica) -> None:
    await park.hears(configuration("c-1", *WHOLE), contact("r-1", ("mrid", "M2")))
    collection = park.hub.commits.database["identities"]

    async def claims() -> set[tuple[str, str, str]]:
        return {
            (one["_id"]["scheme"], one["_id"]["value"], one["devices"][0])
            async for one in collection.find()
        }

    before = await claims()
    await collection.delete_many({})
    assert await park.parts.rebuild.run(datetime(2026, 3, 2, tzinfo=UTC)) == 2
    # By which kind of name a device was called that no configuration named, the journal does not know.
    assert await claims() == (before - {("mrid", "M2", "north/M2")}) | {("", "M2", "north/M2")}
    assert await park.parts.rebuild.run(datetime(2026, 3, 2, tzinfo=UTC)) == 2


async def test_a_journal_from_before_identifiers_is_known_by_what_its_configurations_said(
    park: Replica,
) -> None:
    """At the first start of such a hub: devices keep their reports, two of one meter are listed."""
    old = configuration("c-1", SERIAL, MRID, UTILITY)
    old.ClearField("identifiers")
    orphan = power_lost("r-1", "8f1c-uuid", 2)
    await park.hub.tell(old)
    await park.hub.tell(orphan)
    await park.parts.rebuild.once(datetime(2026, 3, 2, tzinfo=UTC))
    assert await park.hears(contact("r-2", UTILITY)) == ["north/S1"]
    assert await park.hears(contact("r-3", MRID)) == ["north/8f1c-uuid"]
    assert [one["devices"] for one in await listed(park)] == [["north/8f1c-uuid", "north/S1"]]
    asked = len(park.commands.names)
    await park.parts.rebuild.once(datetime(2026, 3, 2, tzinfo=UTC))
    assert park.commands.names[asked:] == ["find"], "it is done once"


async def test_claims_that_a_start_had_no_time_for_are_made_by_the_next_one(park: Replica) -> None:
    """A supervisor ends a hub that does not serve within minutes; a large journal takes longer."""
    database = park.hub.commits.database
    heads = Heads(open_collection(database, "heads"))
    await heads.prepare()
    for number in range(1, 6):
        old = said(f"c-{number}", f"S{number}", 1, configuration=Configuration(usage_point="UP1"))
        await park.hub.tell(old)
    await database["heads"].insert_many(
        [{"_id": f"north/S{number}", "revision": 1} for number in range(1, 6)]
    )
    assert await heads.at({"north/UP1"}) == {}
    rebuild = replace(park.parts.rebuild, group=2)
    fail_point = {
        "configureFailPoint": "failCommand",
        "mode": {"skip": 1},
        "data": {
            "failCommands": ["insert"],
            "errorCode": 8000,
            "namespace": "test_identities.identities",
        },
    }
    await database.client.admin.command(fail_point)
    try:
        with pytest.raises(PyMongoError):
            await rebuild.once(LATER)
    finally:
        await database.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert await claimed(park) == {"north/S1", "north/S2"}
    await database["identities"].delete_many({})
    # No commit is younger than the beginning, else it would be looked at in any case.
    position = {"_id": "register", "last_id": ObjectId.from_datetime(LATER)}
    await database["positions"].insert_one(position)
    await rebuild.once(LATER + timedelta(minutes=2))
    assert await claimed(park) == {"north/S3", "north/S4", "north/S5"}
    assert len((await heads.at({"north/UP1"}))["north/UP1"]) == 5


async def claimed(park: Replica) -> set[str]:
    return {one["devices"][0] async for one in park.hub.commits.database["identities"].find()}


async def test_a_shipment_names_the_device_that_its_columns_tell(park: Replica) -> None:
    await park.hears(contact("r-1", MRID))
    report = configuration("i-1-1", SERIAL, MRID)
    report.ClearField("identifiers")
    report.origin.source = "import:1"
    park.hub.door.identities = park.parts.identities
    [verdict] = await park.hub.ship(report)
    assert verdict.outcome == Verdict.OUTCOME_RECORDED
    assert verdict.detail == "is device north/8f1c-uuid"
    assert await devices(park) == {"north/8f1c-uuid"}
    assert await park.hears(named(power_lost("r-2", "?", 3), SERIAL)) == ["north/8f1c-uuid"]
