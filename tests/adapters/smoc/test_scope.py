"""A caller sees what lies in the networks of his token; of the rest no answer tells anything, not even that it is."""

# ruff: noqa: S311 - what is drawn can be drawn again

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2

from service_chassis.pages import unseal
from service_chassis.refusals import reason_of
from smoc_service.register.device import FACETS
from tests.neighbours.smoc.running import DeviceFilter, Smoc, running
from tests.specs.smoc.messages import device, entry, moment, provision, some_device

NETWORKS = ("nord", "nord-2", "north", "south")


def park(count: int, seed: int) -> list[device_pb2.Device]:
    chance = random.Random(seed)
    ids = [f"{chance.choice(NETWORKS)}/{n:04}" for n in range(count)]
    return [some_device(device_id, 1, chance) for device_id in ids]


DEVICES = park(200, seed=7)


@pytest.fixture(scope="module")
async def smoc(mongod_url: str) -> AsyncIterator[Smoc]:
    letters = [provision(each, [entry(1)]) for each in DEVICES]
    async with running(mongod_url, before=letters) as made:
        yield made


async def refused(call: Any) -> tuple[grpc.StatusCode, ErrorReason.ValueType | None, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return raised.value.code(), reason_of(raised.value), raised.value.details() or ""


NETWORK_DENIED = (
    grpc.StatusCode.PERMISSION_DENIED,
    ErrorReason.ERROR_REASON_NETWORK_DENIED,
    "not allowed",
)


@pytest.mark.parametrize(
    "networks", [["north"], ["nord"], ["nord-2", "south"], [], ["unknown"], ["*"], ["", "nor"]]
)
@pytest.mark.parametrize(
    "wanted", [DeviceFilter(), DeviceFilter(powers=["ON", "OFF"]), DeviceFilter(models=["E450"])]
)
@pytest.mark.parametrize("size", [7, 500])
async def test_a_list_holds_the_caller_s_devices_and_all_of_them(
    smoc: Smoc, networks: list[str], wanted: DeviceFilter, size: int
) -> None:
    everything = await smoc.ids(wanted)
    expected = [
        device_id
        for device_id in everything
        if "*" in networks or device_id.partition("/")[0] in networks
    ]
    assert await smoc.seen_by(*networks).ids(wanted, size) == expected


async def test_a_list_of_one_s_own_networks_goes_by_their_index(smoc: Smoc) -> None:
    await smoc.profiling()
    page = await smoc.seen_by("nord", "south").page(size=5)
    assert len(page.devices) == 5
    [asked] = [each for each in await smoc.profiled() if "find" in each.get("command", {})]
    assert asked["docsExamined"] <= 6
    assert asked["keysExamined"] <= 6 + 2


Question = Callable[[Smoc, str], Any]


def named_in_a_filter(smoc: Smoc, device_id: str) -> Any:
    networks = ["north", device_id.partition("/")[0]]
    return smoc.page(DeviceFilter(networks=networks))


def named_in_a_watch(smoc: Smoc, device_id: str) -> Any:
    return smoc.watch(DeviceFilter(networks=[device_id.partition("/")[0]])).read()


def named_in_a_batch(smoc: Smoc, device_id: str) -> Any:
    own = next(each.device_id for each in DEVICES if each.network == "north")
    request = device_service_pb2.BatchGetDevicesRequest(device_ids=[own, device_id])
    return smoc.devices.BatchGetDevices(request)


@pytest.mark.parametrize(
    "question",
    [
        lambda smoc, device_id: smoc.device(device_id),
        lambda smoc, device_id: smoc.entry_ids(device_id),
        named_in_a_batch,
        named_in_a_filter,
        named_in_a_watch,
    ],
    ids=["device", "timeline", "batch", "list", "watch"],
)
@pytest.mark.parametrize("networks", [["north"], ["north", "nor"], ["north", "south-2"]])
async def test_who_names_another_network_is_denied_whether_there_is_something_or_not(
    smoc: Smoc, question: Question, networks: list[str]
) -> None:
    existing = next(each.device_id for each in DEVICES if each.network == "south")
    viewer = smoc.seen_by(*networks)
    for device_id in (existing, "south/9999", "nowhere/1"):
        assert await refused(question(viewer, device_id)) == NETWORK_DENIED
    assert await refused(question(smoc.seen_by(), "north/1")) == NETWORK_DENIED


async def test_who_names_what_he_may_see_is_answered(smoc: Smoc) -> None:
    own = next(each for each in DEVICES if each.network == "south")
    viewer = smoc.seen_by("south", "north")
    assert (await viewer.device(own.device_id)).revision == 1
    assert await viewer.entry_ids(own.device_id) == ["1.0"]
    assert own.device_id in await viewer.ids(DeviceFilter(networks=["south"]))
    code, reason, _ = await refused(viewer.device("south/9999"))
    assert (code, reason) == (
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
    )


async def test_a_page_token_opens_nothing_for_a_caller_who_sees_less_or_more(smoc: Smoc) -> None:
    token = (await smoc.seen_by("nord", "south").page(size=3)).next_page_token
    rest = await smoc.seen_by("south", "nord").page(size=500, token=token)
    assert {each.network for each in rest.devices} == {"nord", "south"}
    for others in (["nord"], ["*"], ["nord", "south", "north"], []):
        _, reason, _ = await refused(smoc.seen_by(*others).page(size=3, token=token))
        assert reason == ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID


async def test_a_watcher_sees_only_his_networks_change_and_no_position_tells_of_others(
    mongod_url: str,
) -> None:
    async with running(mongod_url, sign_of_life_seconds=0.2) as smoc:
        call = smoc.seen_by("north").watch()
        nobody = smoc.seen_by().watch()
        positions = [(await call.read()).position]
        await nobody.read()
        for number in range(3):
            await smoc.provision(provision(device(f"south/secret-{number}")))
            await smoc.provision(provision(device(f"north/{number}")))
            answer = await call.read()
            while not answer.HasField("device"):
                positions.append(answer.position)
                answer = await call.read()
            assert answer.device.device_id == f"north/{number}"
            positions.append(answer.position)
        await smoc.provision(provision(device("south/secret")))
        for _ in range(2):
            answer = await call.read()
            assert not answer.HasField("device")
            positions.append(answer.position)
            assert not (await nobody.read()).HasField("device")
        # A position holds the database's own resume token, which names the device of an event.
        for position in positions:
            assert b"secret" not in bytes.fromhex(unseal("watch", position) or "")
        # Another's position leads to one's own changes only.
        resumed = smoc.seen_by("south").watch(position=positions[0])
        seen: list[str] = []
        while len(seen) < 4:
            answer = await resumed.read()
            if answer.HasField("device"):
                seen.append(answer.device.device_id)
        assert seen == ["south/secret-0", "south/secret-1", "south/secret-2", "south/secret"]
        for each in (call, nobody, resumed):
            each.cancel()


async def counted_by(smoc: Smoc, *networks: str) -> tuple[int, dict[tuple[str, str], int]]:
    summary = await smoc.seen_by(*networks).summary()
    counts = {(each.facet, each.value): each.device_count for each in summary.counts}
    return summary.device_count, counts


async def recounted(smoc: Smoc, *networks: str) -> tuple[int, dict[tuple[str, str], int]]:
    """Count the long way: read every device of the networks."""
    counts = Counter({(name, value): 0 for name, values in FACETS.items() for value in values})
    query = {} if "*" in networks else {"network": {"$in": networks}}
    devices = await smoc.database["devices"].find(query).to_list()
    counts.update((name, each[name]["value"]) for each in devices for name in FACETS)
    return len(devices), dict(counts)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), recount_seconds=st.sampled_from([600.0, 0.05]))
async def test_after_any_changes_each_caller_s_counts_are_what_a_recount_of_his_devices_finds(
    mongod_url: str, chance: random.Random, recount_seconds: float
) -> None:
    async with running(mongod_url, recount_seconds=recount_seconds) as smoc:
        for _ in range(chance.randint(1, 5)):
            ids = {f"{chance.choice(NETWORKS)}/{chance.randrange(9)}" for _ in range(20)}
            await smoc.provision(
                *(provision(some_device(each, chance.randint(1, 9), chance)) for each in ids)
            )
        await smoc.summary_from_now()
        for networks in (["*"], ["north"], ["nord", "south"], ["unknown"], []):
            assert await counted_by(smoc, *networks) == await recounted(smoc, *networks)


async def test_a_park_of_more_groups_than_the_database_gives_at_once_is_counted_whole(
    mongod_url: str,
) -> None:
    # The database's first batch holds 101 groups; each device here is a group of its own.
    letters = [provision(device(f"net-{n}/1", power="ON")) for n in range(350)]
    async with running(mongod_url, before=letters) as smoc:
        await smoc.summary_from_now()
        assert (await counted_by(smoc, "*"))[0] == 350
        assert (await counted_by(smoc, "net-1", "net-349"))[1]["power", "ON"] == 2
        await smoc.database["devices"].delete_one({"_id": "net-7/1"})
        await smoc.summary_from_now()
        assert await counted_by(smoc, "*") == await recounted(smoc, "*")
        assert (await counted_by(smoc, "net-7"))[0] == 0


async def test_the_newest_changes_are_those_of_the_caller_s_devices_at_a_bounded_cost(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        for revision in range(1, 5):
            letters = []
            for n in range(300):
                added = entry(revision)
                added.recorded_time.CopyFrom(moment(revision * 1000 + n))
                network = "north" if n % 100 == 0 else "south"
                letters.append(provision(device(f"{network}/{n:03}", revision), [added]))
            await smoc.provision(*letters)
        north = smoc.seen_by("north")
        changes = (await north.summary(change_count=4)).changes
        assert [(each.device_id, each.entry.entry_id) for each in changes] == [
            ("north/200", "4.0"),
            ("north/100", "4.0"),
            ("north/000", "4.0"),
            ("north/200", "3.0"),
        ]
        # Of 1,200 entries the 1,000 newest are looked through: nine of the twelve in the north.
        assert len((await north.summary(change_count=100)).changes) < 12
        await smoc.profiling()
        await north.summary(change_count=100)
        done = [each for each in await smoc.profiled() if each["ns"].endswith(".timeline")]
        assert [each["docsExamined"] for each in done] == [1000]
        assert len((await smoc.seen_by("north", "south").summary(change_count=5)).changes) == 5
        assert len((await smoc.seen_by("east").summary(change_count=5)).changes) == 0
        assert len((await smoc.seen_by().summary(change_count=5)).changes) == 0


async def test_a_denied_call_tells_the_log_who_asked_for_what(
    smoc: Smoc, capsys: pytest.CaptureFixture[str]
) -> None:
    await refused(smoc.seen_by("north", preferred_username="victor").device("south/1"))
    said = capsys.readouterr()
    [line] = [one for one in (said.out + said.err).splitlines() if "call denied" in one]
    for part in ("NETWORK_DENIED", "device south/1", "victor", "DeviceService/GetDevice"):
        assert part in line
