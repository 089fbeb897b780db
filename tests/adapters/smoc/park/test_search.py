"""Reading the register: what is found, in which order, and what the database does for it."""

# ruff: noqa: S311 - a park that can be drawn again; page tokens are no secrets

import asyncio
import random
from typing import Any

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2

from service_chassis.refusals import reason_of
from service_chassis.sidecar import MESSAGE_LIMIT_BYTES
from smoc_service.park.questions import FILTER_FIELDS
from smoc_service.register.device import FACETS
from tests.neighbours.smoc.running import DeviceFilter, running
from tests.specs.smoc.messages import device, entry, provision, some_device


def park(count: int, seed: int) -> list[device_pb2.Device]:
    chance = random.Random(seed)
    ids = [f"{chance.choice(['north', 'south', 'east'])}/{n:05}" for n in range(count)]
    return [some_device(device_id, 1, chance) for device_id in ids]


def fits(each: device_pb2.Device, wanted: DeviceFilter) -> bool:
    """What the contract says about a filter, word by word."""
    return (
        (not wanted.networks or each.network in wanted.networks)
        and (not wanted.models or each.model in wanted.models)
        and all(
            not getattr(wanted, plural) or getattr(each, name).value in getattr(wanted, plural)
            for name, plural in FILTER_FIELDS.items()
        )
        and any(
            text.lower().startswith(wanted.text_beginning.lower())
            and text.lower().endswith(wanted.text_ending.lower())
            for text in (each.serial_number, each.device_identifier, each.utility_number)
        )
    )


async def test_a_page_of_large_devices_ends_where_a_message_would_be_too_large(
    mongod_url: str,
) -> None:
    large = {f"name {n}": "x" * 60_000 for n in range(4)}
    devices = [device(f"north/{n:03}", 1, names=large) for n in range(70)]
    assert sum(each.ByteSize() for each in devices) > MESSAGE_LIMIT_BYTES
    async with running(mongod_url) as smoc:
        for start in range(0, 70, 10):
            await smoc.provision(*(provision(each, []) for each in devices[start : start + 10]))
        ids = [f"north/{n:03}" for n in range(70)]
        assert await smoc.ids(size=500) == ids
        with pytest.raises(grpc.aio.AioRpcError, match="device_ids: these are too large") as error:
            await smoc.devices.BatchGetDevices(
                device_service_pb2.BatchGetDevicesRequest(device_ids=ids)
            )
        assert reason_of(error.value) == ErrorReason.ERROR_REASON_BATCH_TOO_LARGE
        some = device_service_pb2.BatchGetDevicesRequest(device_ids=ids[:8])
        assert len((await smoc.devices.BatchGetDevices(some)).devices) == 8


async def test_any_combination_of_conditions_finds_exactly_what_fits(mongod_url: str) -> None:
    devices = park(300, seed=2)
    chance = random.Random(3)
    async with running(mongod_url, before=[provision(each) for each in devices]) as smoc:
        for _ in range(60):
            conditions: dict[str, Any] = {}
            choices: dict[str, tuple[str, ...]] = {
                "networks": ("north", "south", "east", "west"),
                "models": ("E450", "AM550", "OMNIPOWER"),
                **{plural: FACETS[name] for name, plural in FILTER_FIELDS.items()},
            }
            for field in chance.sample(sorted(choices), chance.randint(0, 4)):
                conditions[field] = chance.sample(choices[field], chance.randint(1, 2))
            prefix = chance.choice(["", "", "Z", "ZPA", "0", "0001", "zpa"])
            ending = chance.choice(["", "", "", "7", "23"])
            wanted = DeviceFilter(**conditions, text_beginning=prefix, text_ending=ending)
            expected = sorted(each.device_id for each in devices if fits(each, wanted))
            assert await smoc.ids(wanted, size=chance.choice([1, 7, 500])) == expected


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("ISK.1", ["north/a"]),
        ("ISKx", ["north/b"]),
        ("isk", ["north/a", "north/b"]),
        ("c", ["north/c"]),
        ("LGZ0123456789ABCDEFGHIJ", ["north/c", "north/d"]),
        ("LGZ0123456789ABCDEFGHIJ1", ["north/c"]),
        ("LGZ0123456789ABCDEFGHIJ3", []),
        ("$", ["north/$1"]),
    ],
)
async def test_a_beginning_is_taken_letter_by_letter_however_long(
    mongod_url: str, prefix: str, found: list[str]
) -> None:
    serials = {
        "north/a": "ISK.1",
        "north/b": "ISKx1",
        "north/c": "LGZ0123456789ABCDEFGHIJ1",
        "north/d": "LGZ0123456789ABCDEFGHIJ2",
        "north/$1": "",
    }
    letters = [provision(device(key, serial_number=text)) for key, text in serials.items()]
    async with running(mongod_url, before=letters) as smoc:
        assert await smoc.ids(DeviceFilter(text_beginning=prefix)) == found


async def test_a_network_does_not_show_the_devices_of_one_with_a_similar_name(
    mongod_url: str,
) -> None:
    ids = ["nord/1", "nord-2/1", "nord0/1", "nor/1"]
    async with running(mongod_url, before=[provision(device(each)) for each in ids]) as smoc:
        for each in ids:
            network = each.partition("/")[0]
            assert await smoc.ids(DeviceFilter(networks=[network]), size=1) == [each]


async def test_the_devices_behind_a_parent_are_found_as_it_is_called_now(mongod_url: str) -> None:
    behind = [device(f"north/{n}", 1, parent=parent) for n, parent in enumerate(("G1", "g1", "G2"))]
    elsewhere = device("south/9", 1, parent="G1")
    known = [provision(each) for each in (*behind, elsewhere)]
    async with running(mongod_url, before=known) as smoc:
        wanted = DeviceFilter(networks=["north"], parents=["G1", "8f1c-uuid"])
        assert await smoc.ids(wanted) == ["north/0"]
        moved = provision(device("north/2", 2, parent="G1"))
        await smoc.provision(provision(device("north/0", 2)), moved)
        await smoc.caught_up()
        assert await smoc.ids(wanted) == ["north/2"]


async def test_a_device_that_stays_in_the_filter_is_listed_exactly_once_whatever_changes(
    mongod_url: str,
) -> None:
    staying = [f"north/{n:04}" for n in range(0, 600, 2)]
    passing = [f"north/{n:04}" for n in range(1, 600, 2)]
    wanted = DeviceFilter(lifecycles=["DISCOVERED", "IN_OPERATION"])
    chance = random.Random(4)
    async with running(mongod_url) as smoc:

        async def change(revision: int, ids: list[str], values: list[str]) -> None:
            given = [device(each, revision, lifecycle=chance.choice(values)) for each in ids]
            await smoc.provision(*(provision(each, []) for each in given))

        await change(1, staying, ["DISCOVERED", "IN_OPERATION"])
        stopped = asyncio.Event()

        async def life() -> None:
            revision = 1
            while not stopped.is_set():
                revision += 1
                await change(revision, staying, ["DISCOVERED", "IN_OPERATION"])
                await change(revision, passing, ["DISCOVERED", "ERROR", "REMOVED"])

        living = asyncio.create_task(life())
        for size in (500, 7, 50, 23, 100):
            listed = await smoc.ids(wanted, size)
            assert len(listed) == len(set(listed))
            assert listed == sorted(listed)
            assert set(staying) <= set(listed)
        stopped.set()
        await living


async def test_devices_are_given_in_the_order_asked_for_each_once_and_the_unknown_are_named(
    mongod_url: str,
) -> None:
    letters = [provision(device(f"north/{n}")) for n in range(3)]
    async with running(mongod_url, before=letters) as smoc:
        answer = await smoc.devices.BatchGetDevices(
            device_service_pb2.BatchGetDevicesRequest(
                device_ids=["north/2", "north/9", "north/0", "north/2", "south/1", "north/9"]
            )
        )
        assert [each.device_id for each in answer.devices] == ["north/2", "north/0"]
        assert list(answer.missing) == ["north/9", "south/1"]


async def test_a_timeline_is_read_newest_first_while_it_grows(mongod_url: str) -> None:
    entries = [entry(revision, index) for revision in (2, 9, 10, 11) for index in range(3)]
    letters = [
        provision(device("north/1", 11), entries),
        provision(device("north/10", 1), [entry(1)]),
    ]
    async with running(mongod_url, before=letters) as smoc:
        expected = [f"{n}.{index}" for n in (11, 10, 9, 2) for index in (2, 1, 0)]
        assert await smoc.entry_ids("north/1", size=5) == expected

        request = device_service_pb2.ListDeviceEventsRequest(device_id="north/1", page_size=4)
        page = await smoc.devices.ListDeviceEvents(request)
        told = entry(11, 2)
        told.device_id = "north/1"
        assert page.entries[0] == told
        await smoc.provision(provision(device("north/1", 12), [entry(12)]))
        request.page_token = page.next_page_token
        page = await smoc.devices.ListDeviceEvents(request)
        assert [each.entry_id for each in page.entries] == expected[4:8]

        await smoc.profiling()
        await smoc.entry_ids("north/1", size=5)
        asked = [each for each in await smoc.profiled() if each["ns"].endswith(".timeline")]
        assert {each["planSummary"] for each in asked} == {"IXSCAN { _id: 1 }"}
        assert max(each["docsExamined"] for each in asked) <= 6


async def test_a_device_without_entries_has_an_empty_timeline(mongod_url: str) -> None:
    async with running(mongod_url, before=[provision(device("north/1"), [])]) as smoc:
        assert await smoc.entry_ids("north/1") == []
