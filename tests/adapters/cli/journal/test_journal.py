"""`meterpark journal` against a real gRPC server."""

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meterpark.device_hub.v1.report_pb2 import Origin

from tests.specs.cli.command import Command
from tests.specs.cli.examples import device, power_lost
from tests.specs.cli.services_in_memory import Services, at, sidecar_before


@pytest.fixture
def services() -> Services:
    made = Services()
    for number in range(1, 12):
        made.add_device(device(f"90240{number:02}"))
    made.add_device(device("9024001", network="south", power="OFF"))
    third = made.journal["north/9024002"][2]
    third.events.append(power_lost())
    third.committed_time.CopyFrom(at("2026-03-01T09:00:00Z"))
    third.origin.CopyFrom(Origin(source="hes-north", message_id="=SUM(1;2)"))
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_a_journal_without_a_hole_is_said_to_be_so(
    meterpark: Command, services: Services
) -> None:
    commits = sum(map(len, services.journal.values()))
    ended = await meterpark("journal", "verify")
    assert (ended.code, ended.err) == (0, "")
    assert ended.text == f"12 devices, {commits} commits: no hole, no report twice\n"
    some = await meterpark("journal", "verify", "--network", "south", "--json")
    assert some.document == {
        "devices": 1,
        "commits": len(services.journal["south/9024001"]),
        "problems": [],
    }


async def test_what_is_wrong_with_a_journal_is_named(
    meterpark: Command, services: Services
) -> None:
    del services.journal["north/9024003"][1]
    services.journal["north/9024005"][2].report_id = services.journal["north/9024005"][0].report_id
    ended = await meterpark("journal", "verify")
    assert ended.code == 1
    assert ended.text.splitlines() == [
        "north/9024003: revision 3 where 2 should be",
        f"north/9024005: report {1:032x} counts again in revision 3",
    ]
    document = (await meterpark("journal", "verify", "--json")).document
    assert [each["device_id"] for each in document["problems"]] == [
        "north/9024003",
        "north/9024005",
    ]


async def test_a_journal_that_cannot_be_read_is_no_good_one(
    meterpark: Command, services: Services
) -> None:
    services.denied.add("GetDeviceHistory")
    ended = await meterpark("journal", "verify")
    assert ended.code == 1
    assert ended.text == ""
    assert "access policy" in ended.complaint


async def test_each_commit_is_exported_as_a_line_of_json(
    meterpark: Command, services: Services
) -> None:
    ended = await meterpark("journal", "export")
    lines = [json.loads(line) for line in ended.text.splitlines()]
    commits = sum(map(len, services.journal.values()))
    assert ended.complaint == f"{commits} commits of 12 devices"
    assert [(line["device_id"], line["revision"]) for line in lines] == [
        (device_id, commit.revision)
        for device_id, history in sorted(services.journal.items())
        for commit in history
    ]
    [told] = [line for line in lines if line["events"]]
    assert told["events"][0]["kind"] == "power-lost"
    assert told["origin"]["source"] == "hes-north"


async def test_each_event_is_exported_as_a_line_of_csv_that_no_spreadsheet_reckons_with(
    meterpark: Command, tmp_path: Path
) -> None:
    file = tmp_path / "journal.csv"
    ended = await meterpark("journal", "export", "--format", "csv", "-o", str(file))
    assert ended.code == 0
    assert ended.text == ""
    with file.open(newline="") as opened:
        [line] = csv.DictReader(opened)
    assert line["device_id"] == "north/9024002"
    assert (line["kind"], line["revision"]) == ("power-lost", "3")
    assert line["committed_time"] == "2026-03-01T09:00:00Z"
    assert line["message_id"] == "'=SUM(1;2)"


async def test_a_file_has_its_name_only_when_it_is_whole(
    meterpark: Command, services: Services, tmp_path: Path
) -> None:
    services.denied.add("GetDeviceHistory")
    file = tmp_path / "out" / "journal.ndjson"
    absent = await meterpark("journal", "export", "-o", str(file))
    assert absent.code == 1
    assert "No such file or directory" in absent.complaint
    file.parent.mkdir()
    ended = await meterpark("journal", "export", "-o", str(file))
    assert ended.code == 1
    assert list(file.parent.iterdir()) == []
