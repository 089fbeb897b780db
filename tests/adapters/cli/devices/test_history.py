"""What `meterpark` tells of the past, against a real gRPC server."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.specs.cli.command import Command
from tests.specs.cli.examples import device, power_lost
from tests.specs.cli.services_in_memory import Services, sidecar_before


@pytest.fixture
async def meterpark(tmp_path: Path) -> AsyncIterator[Command]:
    services = Services()
    services.add_device(device("9024002"))
    services.journal["north/9024002"][2].events.append(power_lost())
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_a_device_is_shown_as_it_was_known_at_a_time(meterpark: Command) -> None:
    ended = await meterpark(
        *("devices", "show", "north/9024002", "--at", "2026-11-02T08:00Z", "--json")
    )
    assert ended.document["device"]["update_time"] == "2026-11-02T08:00:00Z"
    told = await meterpark("devices", "show", "north/9024002", "--at", "2d")
    assert "north/9024002" in told.text
    assert "incomplete: the register has not kept all that was known then" in told.complaint


async def test_a_device_is_shown_as_it_was_by_all_that_is_known_today(meterpark: Command) -> None:
    asked = ("devices", "show", "north/9024002", "--true-at", "2026-11-02T08:00Z")
    ended = await meterpark(*asked, "--json")
    power = {"value": "OFF", "as_of_time": "2026-11-02T08:00:00Z"}
    assert ended.document["power"].items() >= power.items()
    assert "north/9024002" in (await meterpark(*asked)).text
    both = await meterpark(*asked, "--at", "2d")
    assert both.code == 2
    assert both.complaint == "meterpark: --at and --true-at are two questions"


async def test_a_history_is_narrowed_by_conditions(meterpark: Command) -> None:
    shown = await meterpark("devices", "history", "north/9024002", "--kind", "power-lost")
    assert "Power lost" in shown.text
    none = await meterpark("devices", "history", "north/9024002", "--kind", "configured")
    assert "Power lost" not in none.text
    wrong = await meterpark("devices", "history", "north/9024002", "--since", "yesterday")
    assert wrong.code == 2
    assert wrong.complaint == (
        "meterpark: --since: 'yesterday' is neither a time like 2026-11-21T10:30 nor an age like 3d"
    )
    journal = await meterpark("devices", "history", "north/9024002", "--journal", "--flag", "late")
    assert journal.complaint == ("meterpark: --journal shows every commit and takes no conditions")


async def test_the_rollout_is_told_by_day_and_by_area(meterpark: Command) -> None:
    ended = await meterpark(
        *("rollout", "--from", "2026-03-01", "--to", "2026-03-31", "--area", "A7", "--by-area")
    )
    heading, row = ended.text.splitlines()
    assert heading.split() == ["DAY", "AREA", "INSTALLED", "DISCOVERED", "IN", "OPERATION"]
    assert row.split() == ["2026-03-01", "A7", "1,204", "7", "0"]


async def test_communication_is_told_with_the_share_that_was_heard(meterpark: Command) -> None:
    ended = await meterpark("quality", "--to", "2026-03-31", "--from", "2026-03-01")
    assert ended.text.splitlines()[1].split() == ["2026-03-31", "1,000", "987", "98.7%"]
    document = (await meterpark("quality", "--to", "2026-03-31", "--json")).document
    assert document["days"][0]["devices_heard"] == 987


async def test_without_days_the_last_thirty_are_told_until_today(meterpark: Command) -> None:
    before = datetime.now(UTC).date()
    [rollout] = (await meterpark("rollout", "--json")).document["days"]
    [quality] = (await meterpark("quality", "--json")).document["days"]
    after = datetime.now(UTC).date()
    assert date.fromisoformat(quality["date"]) in (before, after)
    assert date.fromisoformat(rollout["date"]) in (before - timedelta(30), after - timedelta(30))


async def test_a_day_that_is_none_is_refused_with_its_option(meterpark: Command) -> None:
    ended = await meterpark("rollout", "--from", "2026-02-30")
    assert (ended.code, ended.complaint) == (
        2,
        "meterpark: --from: '2026-02-30' is neither a time like 2026-11-21T10:30 nor an age like 3d",
    )
