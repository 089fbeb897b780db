"""The register made again from the journal, against a real MongoDB, with the register serving beside."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from meterpark.device_hub.v1.report_pb2 import Contact
from meterpark.smoc.v1.provisioning_service_pb2 import Provision

from device_hub.journal.journal import Journal
from device_hub.wire.devices import to_device, to_entries
from register_rebuild.rebuilding import Progress, RegisterRebuild
from smoc_service.register.device import Work
from smoc_service.register.documents import work_document
from tests.neighbours.hub import Hub, hub_on, power_lost, said
from tests.neighbours.smoc.running import Smoc, running

Document = dict[str, Any]
DEVICES = [f"north/SN-{number}" for number in range(20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    hub: Hub
    smoc: Smoc

    async def tell(self, *devices: str, minute: int = 1) -> None:
        """A head-end system says something of each device; the hub commits it."""
        for device_id in devices:
            name = device_id.partition("/")[2]
            await self.hub.tell(power_lost(f"{name}-{minute}", name, minute))
            await self.hub.tell(
                said(f"{name}-{minute}-c", name, minute + 1, contact=Contact(reading_count=1))
            )

    async def deliver(self, *devices: str, after: int = 0) -> None:
        """What the follower does."""
        for device_id in devices:
            commits = await self.hub.journal.commits(device_id, after=after, limit=100)
            last = commits[-1]
            device = await self.hub.journal.device_after(last)
            await self.smoc.hand_in(
                Provision(
                    device=to_device(device, last["revision"], last["committed_at"]),
                    entries=[entry for commit in commits for entry in to_entries(commit)],
                )
            )

    async def rebuild(self, *, only_look: bool = False) -> Progress:
        commits = self.hub.commits
        journal = Journal(commits, now=lambda: datetime.now(UTC))
        made = RegisterRebuild(journal, commits, self.smoc.client, self.smoc.database.name)
        return await made.run(lambda _: None, only_look=only_look)

    async def contents(self, name: str) -> dict[str, Document]:
        found = self.smoc.database[name].find({}, {"was": False})
        return {json.dumps(one["_id"], default=str): one async for one in found}

    def settings(self, url: str) -> dict[str, str]:
        return {
            "DEVICE_HUB_MONGODB_URL": url,
            "DEVICE_HUB_MONGODB_DATABASE": self.hub.commits.database.name,
            "SMOC_SERVICE_MONGODB_URL": url,
            "SMOC_SERVICE_MONGODB_DATABASE": self.smoc.database.name,
        }


@asynccontextmanager
async def both(mongod_url: str) -> AsyncIterator[Both]:
    """A journal with devices, and a register that holds them."""
    async with (
        hub_on(mongod_url, f"hub_{uuid4().hex[:12]}") as hub,
        running(mongod_url) as smoc,
    ):
        made = Both(hub=hub, smoc=smoc)
        await made.tell(*DEVICES)
        await made.tell(*DEVICES, minute=5)
        await made.deliver(*DEVICES)
        yield made
        await hub.commits.database.client.drop_database(hub.commits.database.name)


async def test_what_was_provisioned_is_what_the_journal_says(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        before = [await park.contents(name) for name in ("devices", "timeline", "states")]
        progress = await park.rebuild()
        assert (progress.devices, progress.differing, progress.problems) == (len(DEVICES), 0, [])
        assert progress.is_equal
        after = [await park.contents(name) for name in ("devices", "timeline", "states")]
        assert after == before
        assert all(before)


async def test_what_differs_is_made_again_and_what_people_made_stays(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        devices, timeline = park.smoc.database["devices"], park.smoc.database["timeline"]
        work = work_document(Work(version=1, tags=("look at it",)))
        await devices.update_one({"_id": DEVICES[0]}, {"$set": {"work": work}})
        whole = await park.contents("devices"), await park.contents("timeline")
        watched = park.smoc.watch()
        await watched.read()
        await devices.update_one({"_id": DEVICES[0]}, {"$set": {"power.value": "OFF"}})
        await devices.update_one({"_id": DEVICES[1]}, {"$set": {"model": "wrong"}})
        await devices.delete_one({"_id": DEVICES[2]})
        await timeline.delete_one({"_id.device_id": DEVICES[3]})
        await timeline.update_one({"_id.device_id": DEVICES[4]}, {"$set": {"summary": "Nothing"}})
        false = await timeline.find_one({"_id.device_id": DEVICES[5]})
        assert false is not None
        await timeline.insert_one({**false, "_id": {**false["_id"], "index": 7}})

        looked = await park.rebuild(only_look=True)
        assert (looked.differing, looked.rebuilt, looked.is_equal) == (6, 0, False)
        made = await park.rebuild()
        assert (made.differing, made.rebuilt, made.problems) == (6, 6, [])
        assert made.digest == looked.digest
        assert (await park.contents("devices"), await park.contents("timeline")) == whole
        assert (await park.rebuild()).differing == 0
        shown: set[str] = set()
        while not {DEVICES[0], DEVICES[2]} <= shown:
            answer = await watched.read()
            shown.add(answer.device.device_id)
        watched.cancel()
        await park.smoc.caught_up()
        assert (await park.smoc.device(DEVICES[0])).power.value == "ON"


async def test_what_the_follower_has_not_brought_yet_is_no_difference(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        held = len(await park.hub.history(DEVICES[0]))
        await park.tell(DEVICES[0], minute=9)
        assert (await park.rebuild()).differing == 0
        shown = await park.smoc.device(DEVICES[0])
        assert shown.revision == held
        await park.deliver(DEVICES[0], after=held)
        assert (await park.rebuild()).differing == 0


async def test_what_the_journal_does_not_know_is_told_and_left_alone(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        devices = park.smoc.database["devices"]
        found = await devices.find_one({"_id": DEVICES[0]})
        assert found is not None
        strangers = ["north/A", "north/SN-10a", "south/1"]
        await devices.insert_many([{**found, "_id": one} for one in strangers])
        await devices.update_one({"_id": DEVICES[1]}, {"$set": {"revision": 99}})
        before = await park.contents("devices")
        progress = await park.rebuild()
        assert sorted(one for one, _ in progress.problems) == sorted([*strangers, DEVICES[1]])
        assert dict(progress.problems)[DEVICES[1]] == (
            "the register holds revision 99, which the journal does not"
        )
        assert not progress.is_equal
        assert await park.contents("devices") == before


async def test_it_may_run_while_devices_change(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        before = {one: len(await park.hub.history(one)) for one in DEVICES}
        await park.smoc.database["devices"].update_many({}, {"$set": {"model": "wrong"}})

        async def traffic() -> None:
            for device_id in DEVICES:
                await park.tell(device_id, minute=9)
                await park.deliver(device_id, after=before[device_id])

        _, made = await asyncio.gather(traffic(), park.rebuild())
        assert made.problems == []
        assert (await park.rebuild()).is_equal
        assert (await park.rebuild()).differing == 0
        for device_id in DEVICES:
            assert (await park.smoc.device(device_id)).revision > before[device_id]
            assert (await park.smoc.device(device_id)).model == ""


async def run(settings: Mapping[str, str], *words: str) -> tuple[int | None, str, str]:
    """Run the command as a person does."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "meterpark_cli", "register", "rebuild", *words),
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await started.communicate()
    return started.returncode, said.decode(), complained.decode()


async def test_the_command_says_how_it_ended(mongod_url: str) -> None:
    async with both(mongod_url) as park:
        settings = park.settings(mongod_url)
        code, told, _ = await run(settings, "--dry-run")
        assert code == 0
        assert "20 devices: 0 differ" in told
        await park.smoc.database["devices"].delete_one({"_id": DEVICES[0]})
        code, told, _ = await run(settings, "--dry-run", "--json")
        assert (code, json.loads(told)["differing"], json.loads(told)["rebuilt"]) == (1, 1, 0)
        code, _, complained = await run(settings)
        assert code == 2
        assert "--yes" in complained
        code, told, _ = await run(settings, "--yes", "--json")
        assert (code, json.loads(told)["rebuilt"], json.loads(told)["equal"]) == (0, 1, True)


@pytest.mark.parametrize(
    ("url", "code"), [("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", 3), (None, 2)]
)
async def test_a_database_that_is_away_and_a_missing_setting_have_codes_of_their_own(
    url: str | None, code: int
) -> None:
    names = ("DEVICE_HUB_MONGODB_URL", "SMOC_SERVICE_MONGODB_URL")
    settings = dict.fromkeys(names, url) if url else {}
    ended, _, complained = await run({k: v for k, v in settings.items() if v}, "--yes")
    assert ended == code
    assert complained
