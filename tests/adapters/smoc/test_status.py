"""What the register's status finds: search and alarms that keep up, jobs and imports that go on or stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from meterpark.status.v1.status_pb2 import Hop
from meterpark.status.v1.status_service_pb2 import GetStatusRequest

from service_chassis.scope import EVERYTHING
from service_status.hop import Pulse
from smoc_service.imports.core.shipment_import import State as ImportState
from smoc_service.imports.documents import IMPORTS
from smoc_service.jobs.core.job import State
from smoc_service.jobs.documents import JOBS
from smoc_service.park.park import Park
from smoc_service.status import Watched
from tests.neighbours.smoc.running import Smoc, running
from tests.neighbours.smoc.working import TAG, crew

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_CONTEXT = cast("Any", None)


def utc_now() -> datetime:
    return datetime.now(UTC)


async def hops(smoc: Smoc, alarms: Pulse | None = None, park: Park | None = None) -> dict[str, Hop]:
    watched = Watched(
        client=smoc.client,
        database=smoc.database.name,
        park=park or smoc.park,
        alarms=alarms or Pulse("alarms", peer="the database", now=utc_now),
    )
    status = replace(watched.status(now=utc_now), scope=lambda: EVERYTHING)
    answer = await status.GetStatus(GetStatusRequest(), NO_CONTEXT)
    return {hop.name: hop for hop in answer.hops}


async def test_a_register_that_keeps_up_has_nothing_waiting(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.caught_up()
        found = await hops(smoc)
        assert set(found) == {"database", "search", "alarms", "jobs", "imports"}
        assert [hop.name for hop in found.values() if hop.waiting_count] == []


async def test_followers_that_do_not_come_round_are_seen(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        stuck = Park()
        alarms = Pulse("alarms", peer="the database", now=utc_now)
        alarms.beat(utc_now() - timedelta(minutes=5))
        stuck.note_seen(utc_now() - timedelta(minutes=5))
        found = await hops(smoc, alarms, stuck)
        assert found["alarms"].waiting_count == 1
        # It was never loaded, and says so.
        assert "is being loaded" in found["search"].detail
        stuck.close()


async def test_a_job_waits_since_its_last_progress_and_not_once_it_is_done(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        team = await crew(smoc, 3)
        job = await team.order(TAG)
        waiting = (await hops(smoc))["jobs"]
        assert waiting.waiting_count == 1
        assert waiting.waiting_since_time.ToDatetime(tzinfo=UTC) == job.updated_at
        assert job.job_id in waiting.detail
        await team.work(team.runner())
        assert (await hops(smoc))["jobs"].waiting_count == 0


async def test_a_job_that_a_person_paused_does_not_wait(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.database[JOBS].insert_one(
            {"unfinished": True, "state": State.PAUSED.value, "updated_at": NOON}
        )
        assert (await hops(smoc))["jobs"].waiting_count == 0


@pytest.mark.parametrize("state", [ImportState.RUNNING, ImportState.CHECKING])
async def test_an_import_that_stands_is_told_with_what_is_in_its_way(
    mongod_url: str, state: ImportState
) -> None:
    async with running(mongod_url) as smoc:
        why = "device_hub does not take rows, trying again: UNAVAILABLE"
        await smoc.database[IMPORTS].insert_one(
            {
                "_id": "i1",
                "unfinished": True,
                "state": state.value,
                "updated_at": NOON,
                "detail": why,
            }
        )
        found = (await hops(smoc))["imports"]
        assert found.waiting_count == 1
        assert found.waiting_since_time.ToDatetime(tzinfo=UTC) == NOON
        assert f"i1: {why}" in found.detail
