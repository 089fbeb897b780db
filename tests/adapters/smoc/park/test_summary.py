"""The park in numbers, against a real MongoDB."""

# ruff: noqa: S311 - what is drawn can be drawn again

import asyncio
import random
from collections import Counter

import pytest
from structlog.testing import capture_logs

from smoc_service.register.device import FACETS
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import Provision, device, entry, moment, provision, some_device


async def counted(smoc: Smoc) -> tuple[int, dict[tuple[str, str], int]]:
    summary = await smoc.summary_from_now()
    return summary.device_count, {
        (each.facet, each.value): each.device_count for each in summary.counts
    }


async def recounted(smoc: Smoc) -> tuple[int, dict[tuple[str, str], int]]:
    """Count the long way: read every device."""
    counts = Counter({(name, value): 0 for name, values in FACETS.items() for value in values})
    devices = await smoc.database["devices"].find().to_list()
    counts.update((name, each[name]["value"]) for each in devices for name in FACETS)
    return len(devices), dict(counts)


async def test_an_empty_park_counts_nothing_but_names_every_value(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        device_count, counts = await counted(smoc)
        assert device_count == 0
        assert counts == {(name, value): 0 for name, values in FACETS.items() for value in values}


@pytest.mark.parametrize("recount_seconds", [600.0, 0.05])
async def test_counts_stay_right_when_they_are_begun_in_the_middle_of_changes(
    mongod_url: str, recount_seconds: float
) -> None:
    chance = random.Random(5)
    async with running(mongod_url, recount_seconds=recount_seconds) as smoc:

        async def write(revision: int) -> None:
            ids = chance.sample(range(200), 100)
            letters = [some_device(f"north/{each}", revision, chance) for each in ids]
            await smoc.hand_in(*(provision(each, []) for each in letters))

        for revision in range(1, 20, 4):
            await asyncio.gather(*(write(revision + n) for n in range(4)), smoc.summary())
        assert await counted(smoc) == await recounted(smoc)


async def test_a_value_that_this_register_never_heard_of_is_counted_as_it_is(
    mongod_url: str,
) -> None:
    letters = [provision(device("north/1", lifecycle="IN_REPAIR"))]
    async with running(mongod_url, before=letters) as smoc:
        _, counts = await counted(smoc)
        assert counts["lifecycle", "IN_REPAIR"] == 1
        await smoc.provision(provision(device("north/1", 2, lifecycle="REMOVED")))
        _, counts = await counted(smoc)
        assert ("lifecycle", "IN_REPAIR") not in counts
        assert counts["lifecycle", "REMOVED"] == 1


async def test_the_newest_changes_of_the_park_come_newest_first_with_their_serial_number(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        for revision in range(1, 8):
            letters: list[Provision] = [
                provision(device(f"north/{n}", revision, serial_number=f"ZPA{n}"), [])
                for n in range(2)
            ]
            for n, letter in enumerate(letters):
                added = entry(revision)
                added.recorded_time.CopyFrom(moment(revision * 10 + n))
                letter.entries.append(added)
            await smoc.provision(*letters)
        changes = (await smoc.summary(change_count=3)).changes
        assert [(each.device_id, each.serial_number, each.entry.entry_id) for each in changes] == [
            ("north/1", "ZPA1", "7.0"),
            ("north/0", "ZPA0", "7.0"),
            ("north/1", "ZPA1", "6.0"),
        ]
        assert len((await smoc.summary(change_count=100)).changes) == 14
        assert len((await smoc.summary()).changes) == 0


async def test_an_answer_counts_no_device_and_reads_no_more_entries_than_it_shows(
    mongod_url: str,
) -> None:
    letters = [provision(device(f"north/{n}", power="ON")) for n in range(200)]
    async with running(mongod_url, before=letters) as smoc:
        await counted(smoc)
        await smoc.profiling()
        for _ in range(5):
            assert (await smoc.summary(change_count=10)).device_count == 200
        done = [each for each in await smoc.profiled() if "changeStream" not in str(each)]
        assert {each["ns"].rpartition(".")[2] for each in done} == {"timeline"}
        assert [each["docsExamined"] for each in done] == [10] * 5


async def test_what_somebody_deletes_by_hand_is_counted_again(mongod_url: str) -> None:
    letters = [provision(device(f"north/{n}", power="ON")) for n in range(3)]
    async with running(mongod_url, before=letters) as smoc:
        assert (await counted(smoc))[0] == 3
        with capture_logs() as logs:
            await smoc.database["devices"].delete_one({"_id": "north/1"})
            assert await counted(smoc) == await recounted(smoc)
            await smoc.caught_up()
        loaded = [each for each in logs if each["event"] == "search is loaded"]
        assert len(loaded) == 1, "what it was read again for is no reason to read it once more"


async def test_counts_survive_a_stream_that_the_database_ends(mongod_url: str) -> None:
    async with running(mongod_url, before=[provision(device("north/1", power="ON"))]) as smoc:
        assert (await counted(smoc))[0] == 1
        await smoc.client.admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": 1},
                "data": {"failCommands": ["getMore"], "appName": "smoc_service", "errorCode": 286},
            }
        )
        await smoc.provision(provision(device("north/2", power="OFF")))
        assert await counted(smoc) == await recounted(smoc)
