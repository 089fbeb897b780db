"""Making pasts of devices again, against a real MongoDB, with the service running beside."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from smoc_service.alarms.core.alarm import RULES, Alarm, Deed, Entry, State
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import ALARMS, POSITIONS, alarm_document
from smoc_service.alarms.keeping import keep_resolved
from smoc_service.rebuild import HistoryRebuild, Progress, rebuild_history
from smoc_service.settings import DatabaseSettings
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, entry, moment, provision

FORGOTTEN = {"milestones": True, "contact_days": True, "state": True}


async def registered(smoc: Smoc, count: int) -> None:
    for start in range(0, count, 100):
        await smoc.provision(
            *(
                provision(
                    device(f"north/{n:04}", 5, lifecycle="ERROR", model="E450"),
                    [
                        entry(1, kind="installed"),
                        entry(2, kind="discovered"),
                        entry(5, kind="contact"),
                    ],
                )
                for n in range(start, min(count, start + 100))
            )
        )


async def pasts(smoc: Smoc) -> dict[str, Any]:
    found = smoc.database["devices"].find({}, {"was": False})
    return {document.pop("_id"): document async for document in found}


def nothing(_: Progress) -> None:
    """Tell nobody."""


async def test_what_is_forgotten_comes_back_from_the_timeline_and_rebuilding_again_changes_nothing(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await registered(smoc, 450)
        before = await pasts(smoc)
        await smoc.database["devices"].update_many({}, {"$unset": FORGOTTEN})
        await smoc.database["states"].drop()
        rebuild = HistoryRebuild(smoc.client, smoc.database.name)
        done = await rebuild.run(nothing)
        assert (done.devices, done.changed) == (450, 450)
        assert await pasts(smoc) == before
        assert (await smoc.device("north/0001")).model == "E450"
        assert await smoc.database["states"].count_documents({}) == 450
        assert (await rebuild.run(nothing)).changed == 0
        assert await smoc.database[POSITIONS].count_documents({"_id": "rebuild-history"}) == 0


async def test_a_milestone_that_never_was_is_corrected_and_one_that_only_a_state_tells_stays(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 3, lifecycle="IN_OPERATION"), []))
        await smoc.provision(provision(device("north/1", 4, lifecycle="ERROR"), [entry(4)]))
        wrong = {"milestones.discovered": datetime(2001, 1, 1, tzinfo=UTC)}
        await smoc.database["devices"].update_one({"_id": "north/1"}, {"$set": wrong})
        await HistoryRebuild(smoc.client, smoc.database.name).run(nothing)
        [found] = (await pasts(smoc)).values()
        assert found["milestones"] == {
            "taken_into_operation": moment(3).ToDatetime(tzinfo=UTC),
        }


async def test_a_rebuild_that_was_broken_off_goes_on_where_it_was(mongod_url: str) -> None:
    class BrokenOff(Exception):
        pass

    def break_off(progress: Progress) -> None:
        if progress.devices >= 400:
            raise BrokenOff

    async with running(mongod_url) as smoc:
        await registered(smoc, 450)
        await smoc.database["devices"].update_many({}, {"$unset": FORGOTTEN})
        rebuild = HistoryRebuild(smoc.client, smoc.database.name)
        with pytest.raises(BrokenOff):
            await rebuild.run(break_off)
        done = await rebuild.run(nothing)
        assert (done.devices, done.changed) == (450, 50)
        assert (await rebuild.run(nothing, anew=True)).changed == 0
        assert all("milestones" in each for each in (await pasts(smoc)).values())


async def test_what_the_service_stores_meanwhile_is_not_lost(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await registered(smoc, 300)
        await smoc.database["devices"].update_many({}, {"$unset": FORGOTTEN})

        async def go_on() -> None:
            for revision in range(6, 16):
                await smoc.provision(
                    *(
                        provision(device(f"north/{n:04}", revision, lifecycle="IN_OPERATION"))
                        for n in range(0, 300, 3)
                    )
                )

        rebuild = HistoryRebuild(smoc.client, smoc.database.name)
        storing = asyncio.create_task(go_on())
        while not storing.done():
            await rebuild.run(nothing, anew=True)
        await storing
        for device_id, found in (await pasts(smoc)).items():
            ran = int(device_id.removeprefix("north/")) % 3 == 0
            assert found["revision"] == (15 if ran else 5)
            assert ("taken_into_operation" in found["milestones"]) == ran
            assert found["milestones"]["installed"] == moment(1).ToDatetime(tzinfo=UTC)


async def test_the_command_tells_how_far_it_is_and_dates_alarms_of_before(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await registered(smoc, 3)
        opened = Entry(at=moment(5).ToDatetime(tzinfo=UTC), who=RULES, deed=Deed.OPENED)
        kept = Alarm(
            alarm_id=f"north/{1:020x}",
            version=1,
            rule="power-lost",
            category="POWER",
            severity=Severity.MAJOR,
            network="north",
            device_id="north/0001",
            area="",
            state=State.OPEN,
            since=opened.at,
            summary="power is OFF",
            look_at=None,
            opened_at=opened.at,
            history=(opened,),
        )
        dated = replace(kept, alarm_id=f"north/{2:020x}", device_id="north/0002")
        await smoc.database[ALARMS].insert_many([alarm_document(kept), alarm_document(dated)])
        # As they lay there before: listed by their numbers, the first one without times of deeds.
        await smoc.database[ALARMS].update_many(
            {}, [{"$set": {"number": {"$substr": ["$_id", 6, 20]}}}]
        )
        await smoc.database[ALARMS].update_one({"_id": kept.alarm_id}, {"$unset": {"deeds": True}})
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "smoc_service", "rebuild-history"),
            cwd=Path(__file__).parents[3],
            env=os.environ
            | {
                "SMOC_SERVICE_MONGODB_URL": mongod_url,
                "SMOC_SERVICE_MONGODB_DATABASE": smoc.database.name,
            },
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await command.communicate()
        assert command.returncode == 0
        assert told.startswith(b"done: 3 of about 3 devices, 0 changed; 2 alarms dated, ")
        stored = await smoc.database[ALARMS].find({}).sort("_id").to_list()
        assert stored == [alarm_document(kept), alarm_document(dated)]
        again = await HistoryRebuild(smoc.client, smoc.database.name).run(lambda _: None)
        assert (again.changed, again.alarms) == (0, 0)


async def test_rebuilding_leaves_the_time_for_which_alarms_are_kept(mongod_url: str) -> None:
    """The command is not told it; with the default in its place the database would delete alarms for good."""
    async with running(mongod_url) as smoc:
        await keep_resolved(smoc.database, 7_300)
        settings = DatabaseSettings(
            mongodb_url=SecretStr(mongod_url), mongodb_database=smoc.database.name
        )
        await rebuild_history(settings, anew=True)
        kept = (await smoc.database[ALARMS].index_information())["kept"]
        assert kept["expireAfterSeconds"] == 7_300 * 86_400
