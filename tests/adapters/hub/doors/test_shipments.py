"""The shipments' door beside actors that remember, on a real mongod: nothing is lost, nothing counts twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import (
    Configuration,
    Contact,
    Lifecycle,
    Origin,
    Report,
    SwitchState,
)

from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.rules import Rules
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.journal.journal import BY_REVISION
from service_chassis.refusals import CallRefused, PeerUnavailable
from service_chassis.times import to_timestamp
from tests.neighbours.hub import NOON, Hub, hub_on, outcomes, power_lost, said

RECORDED, UNCHANGED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_UNCHANGED


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    async with hub_on(mongod_url, "test_shipments") as made:
        yield made


def shipped(row: int, device: str = "", *, source: str = "import:i-1", **said: Any) -> Report:
    serial = device or f"SN-{row}"
    return Report(
        report_id=f"i-1-{row}",
        network="north",
        device_identifier=serial,
        received_time=to_timestamp(NOON),
        origin=Origin(source=source, index=row),
        configuration=Configuration(**{"serial_number": serial, "model": "E450", **said}),
    )


async def test_a_batch_of_unknown_meters_is_one_query_and_few_inserts(hub: Hub) -> None:
    hub.commands.names.clear()
    verdicts = await hub.ship(*(shipped(row) for row in range(100)))
    assert outcomes(verdicts) == [RECORDED] * 100
    assert hub.commands.names.count("aggregate") == 1
    assert hub.commands.names.count("insert") <= 3
    assert hub.commands.names.count("find") == 0
    memory = (await hub.journal.newest_of(["north/SN-7"]))["north/SN-7"]
    assert lifecycle_of(memory.device).value == "INVENTORY"


async def test_a_batch_that_comes_again_is_recorded_once_and_told_so(hub: Hub) -> None:
    batch = [shipped(row) for row in range(50)]
    await hub.ship(*batch[:30])
    again = await hub.ship(*batch)
    assert outcomes(again) == [RECORDED] * 50
    assert [verdict.revision for verdict in again] == [1] * 50
    assert await hub.commits.count_documents({}) == 50


async def test_what_is_not_done_in_time_is_postponed_and_the_rest_is_answered(hub: Hub) -> None:
    door = ShipmentsDoor(
        journal=hub.journal, rules=Rules(), reports_first=ReportsFirst(), answer_within_seconds=0
    )
    waiting = [shipped(row) for row in range(250)]
    rounds = 0
    while waiting:
        verdicts = await door.record(waiting)
        done = [one.report_id for one in verdicts if one.outcome == RECORDED]
        assert len(done) == min(100, len(waiting))
        assert {one.detail for one in verdicts[100:]} <= {"not done in time, send it again"}
        waiting = waiting[len(done) :]
        rounds += 1
    assert rounds == 3
    assert await hub.commits.count_documents({}) == 250


async def test_another_file_with_the_same_meters_changes_nothing(hub: Hub) -> None:
    await hub.ship(shipped(1), shipped(2))
    other = [shipped(row) for row in (1, 2)]
    for report in other:
        report.report_id = f"i-2-{report.report_id}"
    assert outcomes(await hub.ship(*other)) == [UNCHANGED] * 2
    assert await hub.commits.count_documents({}) == 2


async def test_an_actor_that_remembers_a_device_meets_what_an_import_wrote_behind_its_back(
    hub: Hub,
) -> None:
    await hub.tell(said("r-1", "SN-1", 1, contact=Contact()))
    await hub.ship(shipped(1, lot_number="L-7"))
    [verdict] = await hub.tell(power_lost("r-2", "SN-1", 2))
    assert (verdict.outcome, verdict.revision) == (RECORDED, 3)
    assert await hub.history("north/SN-1") == ["r-1", "i-1-1", "r-2"]
    memory = (await hub.journal.newest_of(["north/SN-1"]))["north/SN-1"]
    assert memory.device.attributes["lot_number"] == "L-7"
    assert memory.device.supply.value == "OFF"


async def test_an_actor_does_not_call_unchanged_what_an_import_changed(hub: Hub) -> None:
    """It remembers no model; the file says one; the head-end system's other one must not go under, nor be doubled."""
    await hub.tell(said("r-1", "SN-1", 1, configuration=Configuration(area="North 4")))
    await hub.ship(shipped(1, area="South 1"))
    config = Configuration(model="E450", serial_number="SN-1")
    assert outcomes(await hub.tell(said("r-2", "SN-1", 2, configuration=config))) == [UNCHANGED]
    config = Configuration(model="E350")
    assert outcomes(await hub.tell(said("r-3", "SN-1", 3, configuration=config))) == [RECORDED]
    memory = (await hub.journal.newest_of(["north/SN-1"]))["north/SN-1"]
    assert memory.device.attributes["model"] == "E350"
    assert memory.device.attributes["area"] == "North 4"


async def test_an_import_meets_what_an_actor_wrote(hub: Hub) -> None:
    in_operation = Configuration(
        lifecycle=Lifecycle.LIFECYCLE_IN_OPERATION, model="E350", serial_number="SN-1"
    )
    await hub.tell(said("r-1", "SN-1", 1, configuration=in_operation))
    [verdict] = await hub.ship(shipped(1, lot_number="L-7"))
    assert (verdict.outcome, verdict.revision) == (RECORDED, 2)
    assert verdict.detail == "model stays 'E350', the file says 'E450'"
    memory = (await hub.journal.newest_of(["north/SN-1"]))["north/SN-1"]
    assert lifecycle_of(memory.device).value == "IN_OPERATION"


async def test_actors_and_two_doors_at_once_lose_nothing_and_double_nothing(hub: Hub) -> None:
    devices = [f"SN-{number}" for number in range(40)]
    other_door = hub.another_door()

    async def reports_of(device: str) -> None:
        for minute in range(8):
            [verdict] = await hub.tell(power_lost(f"r-{minute}", device, minute))
            assert verdict.outcome == RECORDED

    async def import_by(door: ShipmentsDoor) -> None:
        for lot in range(4):
            batch = [
                shipped(number * 10 + lot, device, lot_number=f"L-{lot}")
                for number, device in enumerate(devices)
            ]
            answer = outcomes(await door.record(batch))
            while Verdict.OUTCOME_POSTPONED in answer:
                answer = outcomes(await door.record(batch))
            assert set(answer) <= {RECORDED, UNCHANGED}

    await asyncio.gather(*map(reports_of, devices), import_by(hub.door), import_by(other_door))
    for number, device in enumerate(devices):
        history = await hub.history(f"north/{device}")
        assert len(history) == len(set(history)), "nothing twice"
        assert {f"r-{minute}" for minute in range(8)} <= set(history)
        assert f"i-1-{number * 10}" in history


async def test_reports_of_one_device_in_one_batch_are_taken_in_order(hub: Hub) -> None:
    verdicts = await hub.ship(
        shipped(1, "SN-1", lot_number="L-1"),
        shipped(2, "SN-2"),
        shipped(3, "SN-1", lot_number="L-2"),
    )
    assert [verdict.revision for verdict in verdicts] == [1, 1, 2]
    assert await hub.history("north/SN-1") == ["i-1-1", "i-1-3"]


@pytest.mark.parametrize(
    ("report", "detail"),
    [
        (power_lost("r-1", "SN-1", 1), "content: a shipment is a configuration"),
        (shipped(1, lifecycle=Lifecycle.LIFECYCLE_REMOVED), "configuration.lifecycle: no shipment"),
        (shipped(1, removal=True), "configuration.removal: no shipment"),
        (shipped(1, switch_state=SwitchState.SWITCH_STATE_CONNECTED), "configuration.switch_state"),
        (shipped(1, usage_point="UP-7"), "configuration.usage_point"),
        (shipped(1, names={"Other": "x"}), "configuration.names"),
        (shipped(1, source="hes-north"), "origin.source"),
        (shipped(1, "a/b"), "device_identifier"),
    ],
)
async def test_what_no_shipment_file_can_say_is_refused_and_its_neighbours_are_not(
    hub: Hub, report: Report, detail: str
) -> None:
    refused, taken = await hub.ship(report, shipped(2))
    assert refused.outcome == Verdict.OUTCOME_REFUSED
    assert detail in refused.detail
    assert taken.outcome == RECORDED
    assert await hub.commits.count_documents({}) == 1


async def test_a_journal_in_trouble_postpones_and_the_same_batch_again_counts_once(
    hub: Hub,
) -> None:
    admin = hub.commits.database.client.admin
    batch = [shipped(row) for row in range(20)]
    for command, options in (
        ("aggregate", {"errorCode": 96}),
        ("insert", {"errorCode": 96}),
        ("insert", {"writeConcernError": {"code": 64, "errmsg": "no majority"}}),
    ):
        await admin.command(
            "configureFailPoint",
            "failCommand",
            mode={"times": 1},
            data={"failCommands": [command], **options},
        )
        assert outcomes(await hub.ship(*batch)) == [Verdict.OUTCOME_POSTPONED] * 20
    await admin.command("configureFailPoint", "failCommand", mode="off")
    assert outcomes(await hub.ship(*batch)) == [RECORDED] * 20
    assert await hub.commits.count_documents({}) == 20


async def test_recalling_many_jumps_from_device_to_device_however_long_their_histories_are(
    hub: Hub,
) -> None:
    for minute in range(30):
        await hub.tell(power_lost(f"r-{minute}", "SN-1", minute))
    await hub.ship(*(shipped(row) for row in range(2, 12)))
    pipeline = [
        {"$match": {"device_id": {"$in": [f"north/SN-{number}" for number in range(1, 12)]}}},
        {"$sort": {"device_id": -1, "revision": -1}},
        {"$group": {"_id": "$device_id", "newest": {"$first": "$$ROOT"}}},
    ]
    explained = await hub.commits.database.command(
        "explain",
        {"aggregate": "commits", "pipeline": pipeline, "cursor": {}, "hint": BY_REVISION},
        verbosity="executionStats",
    )
    assert "DISTINCT_SCAN" in str(explained)
    stats = explained.get("executionStats") or explained["stages"][0]["$cursor"]["executionStats"]
    assert stats["totalKeysExamined"] < 40
    assert (await hub.journal.newest_of(["north/SN-1"]))["north/SN-1"].revision == 30


async def test_too_many_batches_at_once_are_told_to_come_again(hub: Hub) -> None:
    calls = [hub.ship(shipped(row)) for row in range(8)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers].count(PeerUnavailable) == 3
    assert outcomes(await hub.ship(shipped(99))) == [RECORDED]


async def test_an_empty_batch_and_one_that_is_too_large_are_refused_as_a_whole(hub: Hub) -> None:
    for batch in ([], [shipped(1)] * 501):
        with pytest.raises(CallRefused):
            await hub.ship(*batch)
