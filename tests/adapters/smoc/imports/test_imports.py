"""Imports of shipment files against a real MongoDB and the hub's own journal: exact counts, whatever breaks off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from meterpark.smoc.v1 import import_service_pb2 as contract
from pymongo.errors import PyMongoError

from smoc_service.imports.core.shipment_import import State
from smoc_service.imports.documents import IMPORT_CHUNKS, IMPORT_PARTS
from smoc_service.imports.hub_client import HubTrouble
from smoc_service.work.lasting import LEASE
from tests.neighbours.smoc.importing import Importing, S, counts, importing, meters, reason
from tests.neighbours.smoc.running import failing

V = contract.ImportVerdict
ROWS = 1_200


async def test_a_file_is_checked_run_and_every_row_has_its_verdict(mongod_url: str) -> None:
    async with importing(mongod_url) as park, park.working():
        bad = "LGZ000001,E450,north,L-7\nLGZ9,E450,south,\nLGZ/9,E450,north,\n"
        import_id = await park.checked(meters(ROWS) + bad)
        checked = await park.get(import_id)
        assert counts(checked) == (ROWS, 0, 0, 3, 0)
        assert checked.username == "anna"
        assert await park.hub.imported() == 0, "a check imports nothing"
        assert await park.smoc.database[IMPORT_CHUNKS].count_documents({}) == 0
        await park.run(import_id)
        done = await park.until(import_id, S.IMPORT_STATE_DONE)
        assert counts(done) == (0, ROWS, 0, 3, 0)
        assert done.HasField("end_time")
        assert await park.hub.imported() == ROWS
        rows = await park.rows(import_id, size=7)
        assert [row.line for row in rows] == list(range(2, ROWS + 5))
        refused = await park.rows(import_id, V.IMPORT_VERDICT_REFUSED, size=2)
        assert [(row.line, row.detail) for row in refused] == [
            (ROWS + 2, "serial: north/LGZ000001 stands in line 3 already"),
            (ROWS + 3, "network: 'south' is none of those that you may see"),
            (ROWS + 4, "serial: 'LGZ/9' holds a \"/\""),
        ]


async def test_the_same_meters_again_are_unchanged(mongod_url: str) -> None:
    async with importing(mongod_url) as park, park.working():
        first = await park.checked(meters(20))
        await park.run(first)
        await park.until(first, S.IMPORT_STATE_DONE)
        second = await park.checked(meters(30))
        await park.run(second)
        done = await park.until(second, S.IMPORT_STATE_DONE)
        assert counts(done) == (0, 10, 20, 0, 0)
        assert len(await park.rows(second, V.IMPORT_VERDICT_UNCHANGED)) == 20


async def test_a_file_that_cannot_be_read_says_where_and_imports_nothing(mongod_url: str) -> None:
    async with importing(mongod_url) as park, park.working():
        import_id = await park.uploaded(
            meters(600).encode() + b"Z\xe4hler,E450,north,\n", piece=999
        )
        await park.anna.CheckImport(contract.CheckImportRequest(import_id=import_id))
        unreadable = await park.until(import_id, S.IMPORT_STATE_UNREADABLE)
        assert "line 602: byte 0xE4 is not UTF-8" in unreadable.detail
        assert counts(unreadable) == (0, 0, 0, 0, 0)
        assert await park.rows(import_id) == []
        for left in (IMPORT_PARTS, IMPORT_CHUNKS):
            while await park.smoc.database[left].count_documents({}):
                pass
        run = contract.RunImportRequest(import_id=import_id)
        assert await reason(park.anna.RunImport(run)) == "IMPORT_STATE_REFUSED"


@asynccontextmanager
async def one_that_hangs(park: Importing, import_id: str, moment: str) -> AsyncIterator[None]:
    """A process that is thought dead with rows in hand; it goes on when all is done, and must not count then."""
    hangs, goes_on = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hangs.set()
        await goes_on.wait()

    setattr(park.hub, moment, hang)
    await park.run(import_id)
    task = asyncio.create_task(park.runner("one").take(State.RUNNING))
    await hangs.wait()
    yield
    before = await park.get(import_id)
    goes_on.set()
    await task
    assert await park.get(import_id) == before
    assert await park.hub.imported() == before.imported_count


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_process_that_dies_with_rows_in_hand_is_replaced_and_each_row_counts_once(
    mongod_url: str, moment: str
) -> None:
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(ROWS))
        async with one_that_hangs(park, import_id, moment):
            async with park.working("two", later=2 * LEASE):
                done = await park.until(import_id, S.IMPORT_STATE_DONE)
            assert counts(done) == (0, ROWS, 0, 0, 0)


@pytest.mark.parametrize("command", ["update", "find"])
async def test_a_database_that_fails_between_the_hub_and_the_counts_costs_delay(
    mongod_url: str, command: str
) -> None:
    """A failing update: the verdicts are not stored. A failing find: they are, and the import did not count them."""
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(ROWS))
        failed = asyncio.Event()

        async def fail() -> None:
            await park.smoc.client.admin.command(
                {
                    "configureFailPoint": "failCommand",
                    "mode": {"times": 1},
                    "data": {
                        "failCommands": [command],
                        "appName": "smoc_service",
                        "errorCode": 8,
                    },
                }
            )
            failed.set()

        park.hub.after = fail
        await park.run(import_id)
        runner = park.runner("one")
        with pytest.raises(PyMongoError):
            await runner.take(State.RUNNING)
        assert failed.is_set()
        while (await park.get(import_id)).state != S.IMPORT_STATE_DONE:
            await runner.take(State.RUNNING)
        assert counts(await park.get(import_id)) == (0, ROWS, 0, 0, 0)
        assert await park.hub.imported() == ROWS


async def test_a_check_that_is_broken_off_begins_anew(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        import_id = await park.uploaded(meters(ROWS), piece=9_000)
        await park.anna.CheckImport(contract.CheckImportRequest(import_id=import_id))
        async with failing(park.smoc, "insert", errorCode=8):
            with pytest.raises(PyMongoError):
                await park.runner("one").take(State.CHECKING)
        assert counts(await park.get(import_id)) == (0, 0, 0, 0, 0)
        assert await park.rows(import_id) == []
        await park.runner("two", later=2 * LEASE).take(State.CHECKING)
        checked = await park.get(import_id)
        assert (checked.state, counts(checked)) == (S.IMPORT_STATE_CHECKED, (ROWS, 0, 0, 0, 0))
        assert len(await park.rows(import_id)) == ROWS
        assert await park.smoc.database[IMPORT_PARTS].count_documents({}) == 3


async def test_a_hub_in_trouble_costs_delay_and_is_told(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(10))
        told = asyncio.Event()

        async def trouble() -> None:
            if not told.is_set():
                park.hub.before = trouble
                raise HubTrouble("UNAVAILABLE: no host found")

        park.hub.before = trouble
        await park.run(import_id)
        async with park.working():
            while "UNAVAILABLE: no host found" not in (await park.get(import_id)).detail:
                pass
            told.set()
            done = await park.until(import_id, S.IMPORT_STATE_DONE)
        assert (counts(done), done.detail) == ((0, 10, 0, 0, 0), "")


async def test_an_import_whose_rows_are_denied_says_what_to_mend_and_goes_on(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(10))
        mended = asyncio.Event()
        park.hub.denial = "the token lacks the role"

        async def denied() -> None:
            await mended.wait()
            park.hub.denial = ""

        park.hub.before = denied
        await park.run(import_id)
        async with park.working():
            while "the token lacks the role" not in (await park.get(import_id)).detail:
                pass
            mended.set()
            done = await park.until(import_id, S.IMPORT_STATE_DONE)
        assert (counts(done), done.detail) == ((0, 10, 0, 0, 0), "")
        assert park.hub.batches == [10]


async def test_a_defect_in_one_part_of_the_runner_ends_the_other_too(mongod_url: str) -> None:
    """Else half a process works on, and nobody starts it again."""
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(10))

        async def defect() -> None:
            raise ZeroDivisionError

        park.hub.before = defect
        await park.run(import_id)
        with pytest.raises(ExceptionGroup) as ended:
            async with asyncio.timeout(30):
                await park.runner("one").run()
        assert ended.group_contains(ZeroDivisionError)
        assert not [task for task in asyncio.all_tasks() if "_keep_on" in repr(task)]


async def test_a_pause_a_cancellation_and_what_was_imported_stays(mongod_url: str) -> None:
    async with importing(mongod_url) as park:
        async with park.working():
            import_id = await park.checked(meters(2_200))
        pausing = contract.PauseImportRequest(import_id=import_id)

        async def pause() -> None:
            waiting = (await park.anna.PauseImport(pausing)).shipment_import
            assert (waiting.state, waiting.detail) == (
                S.IMPORT_STATE_RUNNING,
                "pauses after the rows in hand",
            )

        park.hub.before = pause
        await park.run(import_id)
        async with park.working():
            paused = await park.until(import_id, S.IMPORT_STATE_PAUSED)
        assert counts(paused) == (1_200, 1_000, 0, 0, 0)
        cancel = contract.CancelImportRequest(import_id=import_id)
        await park.anna.CancelImport(cancel)
        ended = (await park.anna.CancelImport(cancel)).shipment_import
        assert (ended.state, counts(ended)) == (S.IMPORT_STATE_CANCELLED, (0, 1_000, 0, 0, 1_200))
        assert len(await park.rows(import_id, V.IMPORT_VERDICT_SKIPPED)) == 1_200
        assert await park.rows(import_id, V.IMPORT_VERDICT_READY) == []
        assert len(await park.rows(import_id)) == 2_200
        resume = contract.ResumeImportRequest(import_id=import_id)
        assert await reason(park.anna.ResumeImport(resume)) == "IMPORT_STATE_REFUSED"
        assert await park.hub.imported() == 1_000


async def test_two_processes_share_the_work_and_no_row_counts_twice(mongod_url: str) -> None:
    async with (
        importing(mongod_url) as park,
        park.working("one"),
        park.working("two"),
    ):
        ids = [await park.checked(meters(700, first=start)) for start in (0, 100, 200)]
        await asyncio.gather(*map(park.run, ids))
        done = [await park.until(import_id, S.IMPORT_STATE_DONE) for import_id in ids]
        assert sum(one.imported_count for one in done) == await park.hub.imported() == 700
        assert sum(one.unchanged_count for one in done) == 600 + 500 - 0


async def test_an_import_that_is_cancelled_while_it_is_checked_leaves_no_rows_behind(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        import_id = await park.uploaded(meters(20_000), piece=50_000)
        await park.anna.CheckImport(contract.CheckImportRequest(import_id=import_id))
        parts = park.smoc.database[IMPORT_PARTS]
        checking = asyncio.create_task(park.runner("one").take(State.CHECKING))
        while not await parts.count_documents({}):
            pass
        cancel = contract.CancelImportRequest(import_id=import_id)
        ended = (await park.anna.CancelImport(cancel)).shipment_import
        assert (ended.state, counts(ended)) == (S.IMPORT_STATE_CANCELLED, (0, 0, 0, 0, 0))
        await checking
        assert await park.get(import_id) == ended
        assert await parts.count_documents({}) == 0
        assert await park.smoc.database[IMPORT_CHUNKS].count_documents({}) == 0
