"""`meterpark devices` against a real gRPC server."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.specs.cli.command import Command, bare
from tests.specs.cli.examples import HOSTILE, device, power_lost
from tests.specs.cli.services_in_memory import Services, at, sidecar_before


@pytest.fixture
def services() -> Services:
    made = Services()
    for number in range(1, 8):
        made.add_device(device(f"902400{number}"))
    made.add_device(device("9024001", network="south", power="OFF", lifecycle="ERROR"))
    made.journal["north/9024002"][2].events.append(power_lost())
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_devices_are_listed_in_a_table(meterpark: Command) -> None:
    ended = await meterpark("devices", "list")
    heading, *rows = ended.text.splitlines()
    assert ended.code == 0
    assert heading.split()[:3] == ["DEVICE", "MODEL", "LIFECYCLE"]
    assert len(rows) == 8
    assert rows[-1].split()[:4] == ["south/9024001", "E450", "ERROR", "OFF"]


async def test_filters_reach_the_register(meterpark: Command) -> None:
    ended = await meterpark(
        *("devices", "list", "--json", "--power", "off", "--power", "PARTIAL"),
        *("--lifecycle", "error", "--network", "south", "--model", "E450", "--serial", "902"),
    )
    assert [found["device_id"] for found in ended.document["devices"]] == ["south/9024001"]
    assert ended.document["next_page_token"] == ""


async def test_a_filter_with_an_unknown_word_is_wrong_usage(meterpark: Command) -> None:
    ended = await meterpark("devices", "list", "--power", "sometimes")
    assert ended.code == 2
    assert "partial" in ended.err


async def test_a_list_ends_at_its_limit_and_can_be_continued(meterpark: Command) -> None:
    first = await meterpark("devices", "list", "--json", "--limit", "5", "--page-size", "2")
    token = first.document["next_page_token"]
    rest = await meterpark("devices", "list", "--json", "--page-token", token)
    ids = [d["device_id"] for answer in (first, rest) for d in answer.document["devices"]]
    assert len(first.document["devices"]) == 5
    assert ids == [f"north/902400{number}" for number in range(1, 8)] + ["south/9024001"]


async def test_a_table_that_ends_at_its_limit_says_that_there_is_more(meterpark: Command) -> None:
    ended = await meterpark("devices", "list", "--limit", "3")
    assert len(ended.text.splitlines()) == 4
    assert ended.complaint == "3 devices shown, more exist: use --limit N or --all"


async def test_all_pages_through(meterpark: Command, services: Services) -> None:
    ended = await meterpark("devices", "list", "--all", "--page-size", "3")
    assert len(ended.text.splitlines()) == 9
    assert services.calls.count("smoc-service ListDevices") == 3


async def test_a_made_up_page_token_is_refused_with_its_reason(meterpark: Command) -> None:
    ended = await meterpark("devices", "list", "--page-token", "mine")
    assert ended.code == 1
    assert ended.complaint.startswith("meterpark: smoc-service refuses: PAGE_TOKEN_INVALID: ")


async def test_a_device_is_shown_with_its_facets(meterpark: Command) -> None:
    ended = await meterpark("devices", "show", "north/9024002")
    power = next(line for line in ended.text.splitlines() if line.startswith("power"))
    assert ended.code == 0
    assert power.split()[:4] == ["power", "ON", "2026-03-01", "09:00:00+00:00"]
    assert power.endswith("3.26.0.85")


async def test_a_serial_number_that_only_one_device_has_names_it(meterpark: Command) -> None:
    ended = await meterpark("devices", "show", "9024002", "--json")
    assert ended.document["device_id"] == "north/9024002"


async def test_an_exact_name_wins_over_longer_ones(meterpark: Command, services: Services) -> None:
    services.add_device(device("90240022"))
    ended = await meterpark("devices", "show", "9024002", "--json")
    assert ended.document["device_id"] == "north/9024002"


async def test_the_name_of_a_joined_device_means_the_one_that_it_was_joined_into(
    meterpark: Command, services: Services
) -> None:
    services.devices["north/9024002"].joined.append("north/8f1c")
    services.add_device(device("8f1c22"))
    ended = await meterpark("devices", "show", "8f1c", "--json")
    assert ended.document["device_id"] == "north/9024002"


async def test_a_name_that_several_devices_have_is_not_guessed(meterpark: Command) -> None:
    ended = await meterpark("devices", "show", "9024001")
    assert ended.code == 2
    assert ended.complaint.endswith(
        "'9024001' can be 2 devices: north/9024001, south/9024001; say which"
    )


async def test_an_unknown_device_is_an_answer_of_no(meterpark: Command) -> None:
    by_id = await meterpark("devices", "show", "north/4711")
    by_name = await meterpark("devices", "history", "4711")
    assert (by_id.code, by_name.code) == (1, 1)
    assert by_id.complaint == (
        "meterpark: smoc-service refuses: DEVICE_UNKNOWN:"
        " nothing was ever reported about north/4711"
    )
    assert "'4711'" in by_name.complaint


async def test_history_is_the_registers_timeline(meterpark: Command, services: Services) -> None:
    ended = await meterpark("devices", "history", "north/9024002")
    assert "Power lost (ElectricMeter.Power.NA.Failed)" in ended.text
    assert services.calls == ["smoc-service ListDeviceEvents"]


async def test_history_of_the_journal_is_the_hubs(meterpark: Command, services: Services) -> None:
    ended = await meterpark("devices", "history", "north/9024002", "--journal", "--json")
    assert [commit["revision"] for commit in ended.document["entries"]] == [1, 2, 3]
    assert ended.document["entries"][2]["events"][0]["kind"] == "power-lost"
    assert services.calls == ["device-hub GetDeviceHistory"]


async def test_a_hostile_device_does_nothing_to_the_terminal(
    meterpark: Command, services: Services
) -> None:
    services.devices["north/9024001"].model = HOSTILE
    for arguments in (("list",), ("show", "north/9024001"), ("list", "--json")):
        ended = await meterpark("devices", *arguments)
        assert ended.code == 0
        assert not set(ended.out) & (set(range(32)) - {10})
        assert "[red]x[/red]" in ended.text


async def test_a_policy_that_denies_is_explained(meterpark: Command, services: Services) -> None:
    services.denied.add("GetDevice")
    ended = await meterpark("devices", "show", "north/9024002")
    assert ended.code == 1
    assert "access policy" in ended.complaint
    assert "spiffe://public/ns/default/someone" in ended.complaint


async def test_a_service_that_is_down_is_named_with_its_status(
    meterpark: Command, services: Services
) -> None:
    services.down.add("smoc-service")
    ended = await meterpark("devices", "list")
    assert ended.code == 3
    assert "smoc-service cannot be reached through the sidecar" in ended.complaint
    assert "UNAVAILABLE" in ended.complaint


async def test_a_sidecar_that_is_down_is_named(tmp_path: Path) -> None:
    async with sidecar_before(Services()) as port:
        meterpark = Command.asking(port, tmp_path)
    ended = await meterpark("devices", "list")
    assert ended.code == 3
    assert f"the sidecar at 127.0.0.1:{port} cannot be reached" in ended.complaint


async def test_without_a_stack_the_person_is_told_what_to_do(tmp_path: Path) -> None:
    ended = await Command(environment=bare(tmp_path))("devices", "list")
    assert ended.code == 3
    assert ended.complaint == (
        "meterpark: no local stack is running. Start it (make up), or give --sidecar HOST:PORT"
    )


async def test_the_help_imports_neither_grpc_nor_the_contracts(tmp_path: Path) -> None:
    meterpark = Command(environment={**bare(tmp_path), "PYTHONPROFILEIMPORTTIME": "1"})
    ended = await meterpark("devices", "--help")
    imported = {line.split("|")[-1].strip() for line in ended.err.splitlines()}
    assert "history" in ended.text
    assert "typer" in imported
    unwanted = {"grpc", "google.protobuf", "rich.live", "lxml", "aiohttp", "structlog"}
    assert not unwanted & imported


async def test_a_device_shows_its_place_its_parent_and_what_is_planned(
    services: Services, meterpark: Command
) -> None:
    meter = device("9024100")
    meter.parent, meter.street_address, meter.latitude = "GATEWAY-1", "Bahnhofstrasse 1", "47.3769"
    meter.planned.add(
        effective_time=at("2027-01-01T00:00:00Z"),
        said_time=at("2026-03-01T09:00:00Z"),
        kind="configuration",
        changes={"lifecycle": "REMOVED"},
    )
    services.add_device(meter)
    ended = await meterpark("devices", "show", "north/9024100")
    lines = [" ".join(line.split()) for line in ended.text.splitlines()]
    assert "parent GATEWAY-1" in lines
    assert "street address Bahnhofstrasse 1" in lines
    assert "latitude 47.3769" in lines
    [planned] = [line for line in lines if "lifecycle REMOVED" in line]
    assert planned.startswith("2027-01-01 00:00")
    assert "configuration" in planned


async def test_a_kept_device_shows_what_was_joined_into_it_and_whose_each_entry_is(
    services: Services, meterpark: Command
) -> None:
    kept = services.devices["north/9024002"]
    kept.joined.append("north/8f1c")
    kept.identifiers.add(scheme="mrid", value="8f1c-uuid")
    services.devices["north/9024001"].joined_into = "north/9024002"
    ended = await meterpark("devices", "show", "north/9024002")
    lines = [" ".join(line.split()) for line in ended.text.splitlines()]
    assert "joined north/8f1c" in lines
    assert "known as mrid 8f1c-uuid" in lines
    ended = await meterpark("devices", "show", "north/9024001")
    assert "joined into north/9024002" in [
        " ".join(line.split()) for line in ended.text.splitlines()
    ]
    [event] = services.journal["north/9024002"][-1].events
    for device_id, told in (("north/8f1c", True), ("north/9024002", False)):
        event.device_id = device_id
        ended = await meterpark("devices", "history", "north/9024002")
        assert "Power lost (ElectricMeter.Power.NA.Failed)" in ended.text
        assert (f"[of {device_id}]" in ended.text) is told


async def test_devices_behind_a_parent_are_listed(services: Services, meterpark: Command) -> None:
    meter = device("9024100")
    meter.parent = "GATEWAY-1"
    services.add_device(meter)
    ended = await meterpark("devices", "list", "--json", "--parent", "GATEWAY-1")
    assert [found["device_id"] for found in ended.document["devices"]] == ["north/9024100"]


async def test_devices_are_watched_and_each_is_shown_once_though_services_restart(
    services: Services, tmp_path: Path
) -> None:
    async with sidecar_before(services) as port:
        meterpark = Command.asking(port, tmp_path)
        running = await meterpark.start("devices", "watch", "--json", "--power", "off")
        first = json.loads(await running.line_with("south/9024001"))
        assert first["device"]["power"]["value"] == "OFF"
        assert first["position"] == "8"
    await running.complaint_with("cannot be reached")
    services.add_device(device("9024009", power="OFF"))
    async with sidecar_before(services, port):
        second = json.loads(await running.line_with("{"))
        assert second["device"]["device_id"] == "north/9024009"
        ended = await running.end(signal.SIGINT)
    assert (ended.code, ended.text) == (0, "")


async def test_a_person_sees_the_devices_that_change_in_a_table(
    meterpark: Command, services: Services
) -> None:
    running = await meterpark.start("devices", "watch", "--network", "south")
    assert "LIFECYCLE" in await running.line_with("DEVICE")
    assert "OFF" in await running.line_with("south/9024001")
    assert (await running.end(signal.SIGINT)).code == 0
    old = await meterpark.start("devices", "watch", "--position", "long ago")
    await old.complaint_with("some changes were missed. List the devices again")
    assert (await old.end(signal.SIGINT)).code == 0
    assert "smoc-service WatchDevices" in services.calls
