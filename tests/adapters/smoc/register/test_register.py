"""The register's write side, against a real MongoDB."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import provisioning_service_pb2
from meterpark.smoc.v1.device_pb2 import PlannedChange

from service_chassis.refusals import reason_of
from smoc_service.register.device import Work
from smoc_service.register.documents import work_changed
from smoc_service.register.milestones import day_of
from tests.neighbours.smoc.running import ProvisionResult, Smoc, failing, running
from tests.specs.smoc.messages import STARTED_AT, device, entry, provision

STORED = ProvisionResult.OUTCOME_STORED
CURRENT = ProvisionResult.OUTCOME_CURRENT


async def test_a_new_device_is_stored_with_all_that_was_said_about_it(mongod_url: str) -> None:
    given_device = device(
        "north/4711",
        3,
        lifecycle="IN_OPERATION",
        power="ON",
        serial_number="ZPA-4711",
        model="E450",
        names={"Meter.Unique$ID": "x.y"},
        life_dates={"installationDate": "2026-03-01T10:00:00Z"},
        status="dlc.default.inStock",
        parent="GATEWAY-1",
        latitude="47.3769",
        planned=[
            PlannedChange(
                effective_time=Timestamp(seconds=1_800_000_000),
                kind="configuration",
                changes={"lifecycle": "REMOVED"},
            )
        ],
    )
    async with running(mongod_url) as smoc:
        [result] = await smoc.provision(provision(given_device))
        assert (result.device_id, result.outcome, result.revision) == ("north/4711", STORED, 3)
        shown = await smoc.device("north/4711")
        assert shown.switch.value == "UNKNOWN"
        for name in ("switch", "communication", "tamper", "firmware"):
            shown.ClearField(name)
        assert shown == given_device


async def test_the_same_again_changes_nothing(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        same = provision(device("north/1", 2, power="OFF"), [entry(1), entry(2)])
        await smoc.provision(same)
        stored = await smoc.database["devices"].find_one({"_id": "north/1"})
        [result] = await smoc.provision(same)
        assert (result.outcome, result.revision) == (CURRENT, 2)
        assert await smoc.database["devices"].find_one({"_id": "north/1"}) == stored
        assert await smoc.entry_ids("north/1") == ["2.0", "1.0"]


async def test_an_older_revision_is_ignored_but_its_missing_entries_are_added(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 5, power="ON"), [entry(5)]))
        [result] = await smoc.provision(
            provision(device("north/1", 4, power="OFF"), [entry(3), entry(4)])
        )
        assert (result.outcome, result.revision) == (CURRENT, 5)
        assert (await smoc.device("north/1")).power.value == "ON"
        assert await smoc.entry_ids("north/1") == ["5.0", "4.0", "3.0"]


async def test_a_newer_revision_takes_the_place_of_all_that_was_said_before(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 1, model="E450", power="OFF")))
        await smoc.provision(provision(device("north/1", 2, usage_point="UP-7")))
        shown = await smoc.device("north/1")
        assert (shown.model, shown.power.value, shown.usage_point) == ("", "UNKNOWN", "UP-7")


async def test_what_people_said_of_a_device_is_carried_over_by_every_newer_revision(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 1, power="ON")))
        devices = smoc.database["devices"]
        stored = await devices.find_one({"_id": "north/1"})
        assert stored is not None
        work = Work(version=1, tags=("seal", "yard-7"))
        await devices.replace_one({"_id": "north/1"}, work_changed(stored, work))
        shown = await smoc.device("north/1")
        assert (list(shown.tags), shown.power.value) == (["seal", "yard-7"], "ON")
        [result] = await smoc.provision(provision(device("north/1", 2, power="OFF", tags=["x"])))
        assert result.outcome == STORED
        shown = await smoc.device("north/1")
        assert (list(shown.tags), shown.power.value) == (["seal", "yard-7"], "OFF")


# Of 12 devices, many batches are written as one.
@pytest.mark.parametrize("count", [4, 12])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), writers=st.integers(1, 8))
async def test_any_order_and_repetition_by_any_number_of_writers_ends_in_the_newest_state_and_a_full_timeline(
    mongod_url: str, count: int, chance: random.Random, writers: int
) -> None:
    newest = {f"north/{number}": chance.randint(1, 6) for number in range(count)}
    letters = []
    for device_id, last in newest.items():
        for revision in range(1, last + 1):
            since = chance.randint(1, revision)
            entries = [entry(number) for number in range(since, revision + 1)]
            power = "OFF" if revision % 2 else "ON"
            letters.append(provision(device(device_id, revision, power=power), entries))
    sent = letters + chance.choices(letters, k=len(letters) // 2)
    chance.shuffle(sent)

    async with running(mongod_url) as smoc:

        async def write(share: list[provisioning_service_pb2.Provision]) -> None:
            while share:
                batch: dict[str, provisioning_service_pb2.Provision] = {}
                while share and share[0].device.device_id not in batch:
                    letter = share.pop(0)
                    batch[letter.device.device_id] = letter
                await smoc.hand_in(*batch.values())

        await asyncio.gather(*(write(sent[number::writers]) for number in range(writers)))
        assert await smoc.behind(*newest.items()) == []
        for device_id, last in newest.items():
            shown = await smoc.device(device_id)
            assert (shown.revision, shown.power.value) == (last, "OFF" if last % 2 else "ON")
            assert await smoc.entry_ids(device_id) == [f"{n}.0" for n in range(last, 0, -1)]
        summary = await smoc.summary_from_now()
        counted = {
            each.value: each.device_count for each in summary.counts if each.facet == "power"
        }
        off = sum(last % 2 for last in newest.values())
        assert counted == {"UNKNOWN": 0, "ON": count - off, "OFF": off, "PARTIAL": 0}


async def test_a_crash_between_timeline_and_device_is_seen_by_the_checker_and_repaired_by_sending_again(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 1)))
        letter = provision(device("north/1", 2, power="OFF"))
        async with failing(smoc, "update", errorCode=8):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await smoc.provision(letter)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(raised.value) is None
        assert await smoc.entry_ids("north/1") == ["2.0", "1.0"]
        assert (await smoc.device("north/1")).revision == 1
        assert await smoc.behind(("north/1", 2)) == [("north/1", 1)]

        [result] = await smoc.provision(letter)
        assert result.outcome == STORED
        assert await smoc.behind(("north/1", 2)) == []
        assert await smoc.entry_ids("north/1") == ["2.0", "1.0"]


def beside(count: int, revision: int) -> list[provisioning_service_pb2.Provision]:
    """Return as many other devices of the same batch; with ten of them it is written as one."""
    power = "OFF" if revision % 2 else "ON"
    return [
        provision(device(f"south/{number}", revision, power=power), [entry(revision)])
        for number in range(count)
    ]


async def test_a_batch_is_one_operation_for_the_database(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(*beside(10, 1))
        async with await smoc.database.watch() as stream:
            await smoc.provision(*beside(12, 2))
            async with asyncio.timeout(30):
                changes = [await anext(stream) for _ in range(36)]
        touched = Counter((one["ns"]["coll"], one["operationType"]) for one in changes)
        assert touched == {
            ("timeline", "insert"): 12,
            ("states", "insert"): 12,
            ("devices", "replace"): 10,
            ("devices", "insert"): 2,
        }
        assert len({one["clusterTime"] for one in changes}) == 1


async def test_a_batch_that_breaks_in_the_middle_leaves_nothing_and_is_stored_when_it_comes_again(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(*beside(10, 1))
        async with failing(smoc, "update", errorCode=8):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await smoc.provision(*beside(10, 2))
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        assert await smoc.entry_ids("south/3") == ["1.0"]
        assert await smoc.behind(("south/3", 2)) == [("south/3", 1)]

        results = await smoc.provision(*beside(10, 2))
        assert {result.outcome for result in results} == {STORED}
        assert await smoc.entry_ids("south/3") == ["2.0", "1.0"]


async def test_a_device_that_is_there_already_keeps_no_other_of_its_batch_back(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(*beside(1, 2))
        first, *others = await smoc.provision(*beside(10, 2))
        assert first.outcome == CURRENT
        assert {result.outcome for result in others} == {STORED}
        assert await smoc.entry_ids("south/0") == ["2.0"]
        assert await smoc.entry_ids("south/9") == ["2.0"]


async def test_a_batch_that_no_majority_has_confirmed_is_not_answered_as_stored(
    mongod_url: str,
) -> None:
    unmet = {"code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting timed out"}
    async with running(mongod_url) as smoc:
        async with failing(smoc, "commitTransaction", times=2, writeConcernError=unmet):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await smoc.provision(*beside(10, 1))
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        results = await smoc.provision(*beside(10, 1))
        assert {result.revision for result in results} == {1}
        assert await smoc.entry_ids("south/9") == ["1.0"]


@pytest.mark.parametrize("command", ["insert", "update"])
async def test_what_no_majority_has_confirmed_is_not_answered_as_stored(
    mongod_url: str, command: str
) -> None:
    unmet = {"code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting timed out"}
    async with running(mongod_url) as smoc:
        letter = provision(device("north/1", 1))
        for _ in range(2):  # the second time, everything is there already
            async with failing(smoc, command, writeConcernError=unmet):
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await smoc.provision(letter)
            assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
            letter = provision(device("north/1", letter.device.revision + 1), [entry(1)])
        [result] = await smoc.provision(letter)
        assert result.revision == letter.device.revision


@pytest.mark.parametrize(
    ("command", "others"), [("update", 0), ("update", 10), ("commitTransaction", 10)]
)
async def test_a_broken_connection_in_the_middle_of_a_write_is_survived(
    mongod_url: str, command: str, others: int
) -> None:
    async with running(mongod_url) as smoc:
        async with failing(smoc, command, closeConnection=True):
            results = await smoc.provision(provision(device("north/1", 1)), *beside(others, 1))
        assert {result.outcome for result in results} == {STORED}


async def test_a_batch_takes_one_read_and_one_write_of_each_collection_however_many_devices_it_holds(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.hand_in(*(provision(device(f"north/{n}", 1)) for n in range(100)))
        before = await _commands(smoc)
        await smoc.hand_in(*(provision(device(f"north/{n}", 2)) for n in range(50, 150)))
        after = await _commands(smoc)
        assert {name: after[name] - before[name] for name in after} == {
            "find": 1,
            # Entries of timelines, and states.
            "insert": 2,
            "update": 1,
        }


async def _commands(smoc: Smoc) -> dict[str, int]:
    """Return how many of each command the database was ever given."""
    status = await smoc.client.admin.command("serverStatus")
    return {
        name: status["metrics"]["commands"][name]["total"] for name in ("find", "insert", "update")
    }


async def test_devices_behind_or_missing_are_named_in_the_order_asked_for(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 3)), provision(device("north/2", 7)))
        asked = [("south/9", 1), ("north/2", 7), ("north/1", 4), ("north/2", 6)]
        assert await smoc.behind(*asked) == [("south/9", 0), ("north/1", 3)]


@pytest.mark.parametrize(
    ("provisions", "reason", "field"),
    [
        ([], "ARGUMENT_INVALID", "provisions"),
        (
            [provision(device(f"north/{n}")) for n in range(501)],
            "BATCH_TOO_LARGE",
            "provisions",
        ),
        (
            [provision(device("north/1")), provision(device("north/1", 2))],
            "ARGUMENT_INVALID",
            "provisions[1].device.device_id",
        ),
        (
            [provision(device("north/1"), [entry(1, n) for n in range(1001)])],
            "BATCH_TOO_LARGE",
            "provisions[0].entries",
        ),
    ],
)
async def test_a_wrong_batch_is_refused_as_a_whole_and_names_the_field(
    mongod_url: str,
    provisions: list[provisioning_service_pb2.Provision],
    reason: str,
    field: str,
) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await smoc.provision(*provisions)
        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert reason_of(raised.value) == ErrorReason.Value(f"ERROR_REASON_{reason}")
        assert (raised.value.details() or "").startswith(f"{field}: ")
        assert await smoc.ids() == []


async def test_the_largest_batch_of_the_contract_is_taken(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        letters = [provision(device(f"north/{n:03}", 1)) for n in range(499)]
        letters.append(provision(device("north/499", 1000), [entry(n) for n in range(1, 1001)]))
        results = await smoc.provision(*letters)
        assert [each.device_id for each in results] == [f"north/{n:03}" for n in range(500)]
        assert len(await smoc.entry_ids("north/499")) == 1000


async def test_a_device_s_past_is_gathered_from_newer_and_older_revisions_and_survives_what_people_say(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(
            provision(device("north/1", 5, lifecycle="IN_OPERATION"), [entry(5, kind="contact")])
        )
        await smoc.database["devices"].update_one(
            {"_id": "north/1"}, {"$set": {"work": {"version": 1, "tags": ["pilot"]}}}
        )
        # Older, and with entries that the register did not have: nothing that is shown changes.
        shown = await smoc.device("north/1")
        await smoc.provision(
            provision(device("north/1", 4, lifecycle="DISCOVERED"), [entry(3, kind="installed")])
        )
        assert await smoc.device("north/1") == shown
        await smoc.provision(provision(device("north/1", 6, lifecycle="ERROR"), []))
        stored = await smoc.database["devices"].find_one({"_id": "north/1"})
        assert stored is not None
        assert stored["milestones"] == {
            "installed": STARTED_AT + timedelta(seconds=3),
            "discovered": STARTED_AT + timedelta(seconds=4),
            "taken_into_operation": STARTED_AT + timedelta(seconds=5),
        }
        assert stored["contact_days"] == {"until": day_of(STARTED_AT), "bits": 1}
        assert stored["work"]["tags"] == ["pilot"]


async def test_an_older_revision_that_adds_to_the_past_moves_no_count(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 1, power="ON")))
        await smoc.provision(provision(device("north/1", 2, power="OFF")))
        await smoc.provision(provision(device("north/1", 1), [entry(1, 1, kind="installed")]))
        stored = await smoc.database["devices"].find_one({"_id": "north/1"})
        assert stored is not None
        assert "installed" in stored["milestones"]
        assert "was" not in stored
