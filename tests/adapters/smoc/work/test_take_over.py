"""Who takes over the work of a process that is gone, and when; and what becomes of one that only seemed to be."""

import asyncio
from datetime import UTC, datetime

import pytest
from meterpark.smoc.v1 import import_service_pb2 as contract

from service_chassis.cancellation import CancelledByNobody
from service_chassis.scope import EVERYTHING
from smoc_service.imports.core.shipment_import import ShipmentImport, State
from smoc_service.imports.documents import IMPORTS, KIND
from smoc_service.jobs.core.actions import Tag
from smoc_service.mongodb import as_stored
from smoc_service.work.collection import WorkCollection
from smoc_service.work.holding import Holding, HoldingLost
from smoc_service.work.lasting import LEASE, Holder
from tests.neighbours.smoc.importing import Importing, counts, importing, meters
from tests.neighbours.smoc.running import running
from tests.neighbours.smoc.working import crew

DONE = contract.ImportState.IMPORT_STATE_DONE
ROWS = 1_200
ALL_IMPORTED = (0, ROWS, 0, 0, 0)


async def _held_by_one(park: Importing) -> tuple[str, Holding[ShipmentImport]]:
    """Return an import that runs, and the hold on it of a process "one" that does nothing more."""
    async with park.working("two"):
        import_id = await park.checked(meters(ROWS))
    await park.run(import_id)
    imports = WorkCollection(park.smoc.database[IMPORTS], KIND)
    document = await imports.found(import_id, EVERYTHING)
    holder = Holder("one", "of the process that was killed")
    held = imports.work(document).held(holder, as_stored(datetime.now(UTC)))
    assert await imports.put(document, held)
    return import_id, Holding(imports, import_id, held, holder, now=lambda: datetime.now(UTC))


async def test_a_process_that_is_started_again_takes_its_own_work_up_at_once(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        import_id, _ = await _held_by_one(park)
        # Another process waits for the lease to end; the same one, started again, does not.
        assert not await park.runner("two").take(State.RUNNING)
        assert await park.runner("one").take(State.RUNNING)
        assert counts(await park.until(import_id, DONE)) == ALL_IMPORTED


async def test_another_process_takes_the_work_over_when_the_lease_has_ended(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        import_id, _ = await _held_by_one(park)
        assert await park.runner("two", later=2 * LEASE).take(State.RUNNING)
        assert counts(await park.until(import_id, DONE)) == ALL_IMPORTED


async def test_a_process_that_was_thought_dead_loses_its_hold_to_the_one_with_its_name(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        import_id, old = await _held_by_one(park)
        [document] = await park.smoc.database[IMPORTS].find({"_id": import_id}).to_list()
        imports = WorkCollection(park.smoc.database[IMPORTS], KIND)
        again = imports.work(document).held(Holder("one", "new"), as_stored(datetime.now(UTC)))
        assert await imports.put(document, again)
        with pytest.raises(HoldingLost):
            await old.change(lambda each: each.sending(as_stored(datetime.now(UTC))))
        assert (await imports.one(import_id, EVERYTHING)).sent_until == 0


async def test_who_stops_lets_others_go_on_at_once_and_takes_nothing_from_his_successor(
    mongod_url: str,
) -> None:
    async with importing(mongod_url) as park:
        import_id, _ = await _held_by_one(park)
        imports = WorkCollection(park.smoc.database[IMPORTS], KIND)
        await imports.let_go(Holder("one", "another start"))
        assert not await park.runner("two").take(State.RUNNING)
        await imports.let_go(Holder("one", "of the process that was killed"))
        assert await park.runner("two").take(State.RUNNING)
        assert counts(await park.until(import_id, DONE)) == ALL_IMPORTED


async def test_two_processes_that_were_given_one_name_count_no_row_twice(mongod_url: str) -> None:
    async with importing(mongod_url) as park, park.working("one"), park.working("one"):
        import_id = await park.checked(meters(ROWS))
        await park.run(import_id)
        assert counts(await park.until(import_id, DONE)) == ALL_IMPORTED
        assert await park.hub.imported() == ROWS


async def test_two_processes_that_were_given_one_name_do_each_device_once(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 40)
        jobs = [await team.order(Tag(add=(f"job-{number}",))) for number in range(2)]
        async with team.working(team.runner("one"), team.runner("one")):
            for job in jobs:
                await team.until_ended(job.job_id)
        for job in jobs:
            assert (await team.tells_the_truth(job.job_id)).counts.done == 40
        assert set((await team.versions()).values()) == {2}


async def test_held_work_that_ends_as_cancelled_by_nobody_is_no_success(mongod_url: str) -> None:
    async def cancelled_by_nobody() -> None:
        raise asyncio.CancelledError

    async with importing(mongod_url) as park:
        _, holding = await _held_by_one(park)
        with pytest.raises(CancelledByNobody, match="work that is held"):
            await holding.during(cancelled_by_nobody())
