"""Backups of real databases, with the services' own stores: at one point of time, and into another replica set."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import AsyncMongoClient, MongoClient

from deploy.local.processes.mongod_access import RESTORE, ServiceUser
from device_hub.journal.follower import Follower
from device_hub.journal.journal import open_collection
from device_hub.journal.lease import Holder
from park_backup.failures import BackupFailed
from park_backup.folder import found
from park_backup.half_restored import HalfRestored, is_marked
from park_backup.restoring import Target, restore
from park_backup.tools import Tool
from smoc_service.database import prepare
from tests.neighbours.backups import Backups, contents, point_of
from tests.neighbours.data_folder import data_folder
from tests.neighbours.hub import Commands, Hub, hub_on, power_lost
from tests.neighbours.mongod import Mongod
from tests.neighbours.smoc.kept_alarms import Watched, watched
from tests.specs.smoc.messages import device, entry, provision

Document = dict[str, Any]
Client = MongoClient[Document]

HUB, SMOC = "device_hub", "smoc"
USERS = [
    ServiceUser(name="device_hub", database=HUB),
    ServiceUser(name="smoc_service", database=SMOC),
]


@contextmanager
def mongod_with_users() -> Iterator[Mongod]:
    folder = data_folder()
    mongod = Mongod.started(folder, users=USERS)
    yield mongod
    mongod.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def source() -> Iterator[Mongod]:
    with mongod_with_users() as mongod:
        yield mongod


@pytest.fixture(scope="module")
def other() -> Iterator[Mongod]:
    """Another replica set, to restore into."""
    with mongod_with_users() as mongod:
        yield mongod


@pytest.fixture
def backups(source: Mongod, tmp_path: Path) -> Backups:
    return Backups(port=source.port, files=source.files, folder=tmp_path / "backups")


@pytest.fixture
def into_other(other: Mongod, backups: Backups) -> Backups:
    """The same backups, for the other replica set, which holds no park."""
    with client_of(other) as client:
        for name in (HUB, SMOC):
            client.drop_database(name)
    return replace(backups, port=other.port, files=other.files)


def client_of(mongod: Mongod) -> Client:
    return MongoClient(mongod.url, tz_aware=True)


@contextmanager
def held_up(client: Client, tool: str, command: str, seconds: float) -> Iterator[None]:
    """Let the database answer this tool late."""
    delay = {"blockConnection": True, "blockTimeMS": round(1000 * seconds)}
    point = {"configureFailPoint": "failCommand"}
    data = {"failCommands": [command], "appName": tool, **delay}
    client.admin.command({**point, "mode": "alwaysOn", "data": data})
    try:
        yield
    finally:
        client.admin.command({**point, "mode": "off"})


def ended_in_the_middle(
    running: subprocess.Popen[str], tool: str, how: signal.Signals
) -> psutil.Process:
    """End it while its tool is at work; return the tool, which may outlive it."""
    process = psutil.Process(running.pid)
    with running:
        while not (at_work := [one for one in process.children() if one.name() == tool]):
            assert running.poll() is None, running.communicate()
        running.send_signal(how)
        running.wait(30)
    return at_work[0]


async def connected(client: Client, name: str, *, there: bool) -> None:
    """Return when one of this name is connected, or none is any more."""
    everybody: list[Document] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": name}},
    ]
    async with asyncio.timeout(30):
        while bool(client.admin.aggregate(everybody).to_list()) is not there:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def record(hub: Hub, *numbers: int) -> None:
    for number in numbers:
        name = f"M-{number % 7}"
        await hub.tell(power_lost(f"r-{number}", name, number % 60))


@asynccontextmanager
async def park_in(mongod: Mongod) -> AsyncIterator[tuple[Hub, Watched]]:
    """A hub and a register, both with something in them."""
    async with hub_on(mongod.url, HUB) as hub, watched(mongod.url, name=SMOC) as kept:
        await record(hub, *range(20))
        await kept.smoc.provision(
            *(provision(device(f"north/M-{n}", 1), [entry(1)]) for n in range(7))
        )
        await kept.smoc.database["notes"].insert_one({"_id": "n", "text": "ring twice"})
        yield hub, kept


async def test_a_backup_is_of_one_point_of_time_while_reports_and_transactions_come(
    source: Mongod, backups: Backups, into_other: Backups, other: Mongod
) -> None:
    async with park_in(source) as (hub, kept):
        making = True

        async def go_on() -> int:
            number = 100
            while making:
                number += 1
                await record(hub, number)
                client = kept.smoc.client
                async with client.start_session() as session, await session.start_transaction():
                    for name in (HUB, SMOC):
                        await client[name]["pairs"].insert_one({"_id": number}, session=session)
            return number - 100

        going_on = asyncio.create_task(go_on())
        with client_of(source) as client, client_of(other) as restored:
            with held_up(client, "mongodump", "find", 0.2):
                backup = await asyncio.to_thread(backups.made)
            making = False
            assert await going_on > 2

            ran = await asyncio.to_thread(into_other.run, "restore", "latest")
            assert ran.code == 0, ran.err
            for name in (HUB, SMOC):
                then = contents(client, name, at=point_of(backup))
                assert contents(restored, name) == then, name
                assert then["pairs"] != "0"
                assert contents(client, name) != then, "nothing came later: it shows nothing"
            pairs = [restored[name]["pairs"].count_documents({}) for name in (HUB, SMOC)]
            assert pairs[0] == pairs[1] > 0
            users = {user["user"] for user in restored["admin"].command("usersInfo")["users"]}
            assert users == {"operator", "backup", "restore", "device_hub", "smoc_service"}
        assert not (backup / "dump" / "admin").exists(), "passwords of the database stay there"
        assert {file.stat().st_mode & 0o077 for file in backup.rglob("*") if file.is_file()} == {0}


class Told:
    """What a follower of the journal delivered: ids of reports."""

    def __init__(self) -> None:
        self.reports: set[str] = set()
        self._changed = asyncio.Condition()

    async def deliver(self, commits: Sequence[Document]) -> None:
        async with self._changed:
            self.reports |= {commit["report_id"] for commit in commits}
            self._changed.notify_all()

    async def until(self, *report_ids: str) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self.reports.issuperset(report_ids))


@asynccontextmanager
async def following(mongod: Mongod) -> AsyncIterator[Told]:
    """Let a hub's follower follow the journal; it is the same hub each time."""
    told = Told()
    async with AsyncMongoClient[Document](mongod.url, tz_aware=True) as client:
        follower = Follower(
            name="register",
            client=client,
            commits=open_collection(client[HUB], "commits"),
            positions=open_collection(client[HUB], "positions"),
            deliver=told.deliver,
            holder=Holder("hub-1:6001"),
        )
        task = asyncio.create_task(follower.run())
        try:
            yield told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until_kept(client: Client, database: str, name: str) -> None:
    """Return when the position of this name says where in the log it is."""
    async with asyncio.timeout(30):
        position = {"_id": name, "resume_token": {"$ne": None}}
        while not client[database]["positions"].find_one(position):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_in_another_replica_set_the_hubs_follower_goes_on_with_what_the_journal_holds(
    source: Mongod, backups: Backups, into_other: Backups, other: Mongod
) -> None:
    async with hub_on(source.url, HUB) as hub, following(source) as told:
        await record(hub, 1, 2, 3)
        await told.until("r-1", "r-2", "r-3")
        with client_of(source) as client:
            await until_kept(client, HUB, "register")
        await asyncio.to_thread(backups.made)
        await record(hub, 4)
        await told.until("r-4")

    ran = await asyncio.to_thread(into_other.run, "restore", "latest")
    assert ran.code == 0, ran.err
    with client_of(other) as client:
        [position] = client[HUB]["positions"].find().to_list()
        assert position.keys() == {"_id", "last_id", "seen_at"}, "no token of another log, no lease"
    async with following(other) as told, AsyncMongoClient[Document](other.url) as going_on:
        hub = Hub(open_collection(going_on[HUB], "commits"), Commands())
        await record(hub, 5)
        await told.until("r-1", "r-2", "r-3", "r-5")
        assert told.reports == {"r-1", "r-2", "r-3", "r-5"}, "the fourth is in no journal here"


async def test_in_the_same_database_a_follower_is_told_nothing_that_the_journal_does_not_hold(
    source: Mongod, backups: Backups
) -> None:
    async with hub_on(source.url, HUB) as hub:
        async with following(source) as told:
            await record(hub, 1)
            await told.until("r-1")
            with client_of(source) as client:
                await until_kept(client, HUB, "register")
        await asyncio.to_thread(backups.made)
        # The position of the backup lies before this one, and the log still has it.
        await record(hub, 2)
        ran = await asyncio.to_thread(backups.run, "restore", "latest", "--replace")
        assert ran.code == 0, ran.err
        hub.forget_devices()
        async with following(source) as told:
            await record(hub, 3)
            await told.until("r-1", "r-3")
            assert told.reports == {"r-1", "r-3"}


async def test_in_another_replica_set_alarms_are_raised_for_what_was_and_for_what_comes(
    source: Mongod, backups: Backups, into_other: Backups, other: Mongod
) -> None:
    with client_of(source) as client:
        client.drop_database(SMOC)
    async with watched(source.url, name=SMOC) as then:
        async with then.following():
            await then.change("north/A", tamper="DETECTED")
            await then.until_stored(1, device_id="north/A")
            with client_of(source) as client:
                await until_kept(client, SMOC, "alarms")
        # Nobody looks at it before the backup is made.
        await then.change("north/B", tamper="DETECTED")
        await asyncio.to_thread(backups.made)
    ran = await asyncio.to_thread(into_other.run, "restore", "latest")
    assert ran.code == 0, ran.err
    async with watched(other.url, name=SMOC) as now, now.following():
        await now.until_stored(1, device_id="north/B")
        await now.change("north/C", tamper="DETECTED")
        await now.until_stored(1, device_id="north/C")
        assert len(await now.stored(device_id="north/A")) == 1


def refused(
    into: Backups, *, replace: bool = False, user: str = RESTORE, register: str = SMOC
) -> str:
    """Restore the latest backup; return why it is refused."""
    password = into.files.password(user)
    with MongoClient[Document](
        into.files.url(into.port, user), password=password, appname="a test"
    ) as client:
        target = Target(
            client=client,
            name="a test",
            tool=Tool("/no/such/mongorestore", "mongodb://nowhere/"),
            hub=HUB,
            register=register,
        )
        with pytest.raises(BackupFailed) as raised:
            restore(found(into.folder, "latest"), target, replace=replace, tell=lambda _: None)
    return str(raised.value)


async def test_what_does_not_fit_is_refused_and_changes_nothing(
    source: Mongod, backups: Backups, into_other: Backups, other: Mongod
) -> None:
    async with park_in(source):
        backup = await asyncio.to_thread(backups.made)
    with client_of(other) as client:
        client[HUB]["commits"].insert_one({"_id": "of another park"})

        file = backup / "dump" / HUB / "commits.bson.gz"
        whole = file.read_bytes()
        file.write_bytes(whole[:-1])
        assert "commits.bson.gz was changed, or is damaged" in refused(into_other, replace=True)
        file.write_bytes(whole)
        names = refused(into_other, replace=True, register="another")
        assert "settings name device_hub and another" in names
        for user in ("backup", "device_hub"):
            # The first may change nothing, the second knows its own database only.
            assert "clusterMonitor" in refused(into_other, replace=True, user=user)
        with MongoClient[Document](other.url, appname="device_hub") as hub:
            hub.admin.command("ping")
            assert "connected to this database: the hub. Nothing" in refused(into_other)
        await connected(client, "device_hub", there=False)
        assert "there is a park already (device_hub.commits)" in refused(into_other)

        (into_other.folder / "password").write_text("a wrong one")
        wrong = {"PARK_BACKUP_MONGODB_PASSWORD_FILE": str(into_other.folder / "password")}
        ran = await asyncio.to_thread(into_other.run, "restore", "latest", **wrong)
        assert (ran.code, ran.out) == (1, "")
        assert "does not know this user with this password" in ran.err
        assert not any(is_marked(client[name]) for name in (HUB, SMOC))
        assert client[HUB]["commits"].count_documents({}) == 1

        ran = await asyncio.to_thread(into_other.run, "restore", "latest", "--replace")
        assert ran.code == 0, ran.err
        assert client[HUB]["commits"].count_documents({}) == 20
        assert client[HUB]["commits"].find_one({"_id": "of another park"}) is None


async def test_a_backup_that_cannot_be_made_leaves_nothing(
    source: Mongod, backups: Backups
) -> None:
    async with park_in(source):
        # As on a disk that is full: no file can be longer.
        full = await asyncio.to_thread(backups.run, "make", before=["prlimit", "--fsize=600"])
        assert full.code == 1
        assert "mongodump ended with 1" in full.err
        absent = await asyncio.to_thread(backups.run, "make", PARK_BACKUP_MONGODUMP="/no/such")
        assert (absent.code, absent.out) == (1, "")
        assert "/no/such cannot be started" in absent.err
        assert [file.name for file in backups.folder.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    # A tool whose caller was killed is at work for so long that somebody comes meanwhile.
    ("how", "seconds"),
    [(signal.SIGTERM, 1), (signal.SIGINT, 1), (signal.SIGKILL, 3)],
)
async def test_a_backup_that_is_broken_off_is_none(
    source: Mongod, backups: Backups, how: signal.Signals, seconds: float
) -> None:
    async with park_in(source):
        with client_of(source) as client, held_up(client, "mongodump", "find", seconds):
            running = backups.start("make")
            tool = await asyncio.to_thread(ended_in_the_middle, running, "mongodump", how)
            if how is signal.SIGKILL:
                again = await asyncio.to_thread(backups.run, "make")
                assert "another backup is being made" in again.err, "mongodump still writes"
                tool.kill()
                tool.wait(30)
            else:
                assert running.returncode == 130
                assert [file.name for file in backups.folder.iterdir()] == [".lock"]
        assert backups.run("list").out == ""
        made = await asyncio.to_thread(backups.made)
        assert sorted(file.name for file in backups.folder.iterdir()) == [".lock", made.name]


async def test_a_restore_that_is_broken_off_is_no_park_until_it_is_done_again(
    source: Mongod, backups: Backups, into_other: Backups, other: Mongod
) -> None:
    async with park_in(source):
        backup = await asyncio.to_thread(backups.made)
        with client_of(source) as client:
            then = {name: contents(client, name, point_of(backup)) for name in (HUB, SMOC)}
    with client_of(other) as client:
        with held_up(client, "mongorestore", "insert", 1.0):
            running = into_other.start("restore", "latest")
            await asyncio.to_thread(ended_in_the_middle, running, "mongorestore", signal.SIGTERM)
        assert running.returncode == 130
        assert all(is_marked(client[name]) for name in (HUB, SMOC))
        await connected(client, "mongorestore", there=False)
        async with AsyncMongoClient[Document](other.url) as service:
            with pytest.raises(HalfRestored, match="has not come to its end"):
                await prepare(service[SMOC])
        half = await asyncio.to_thread(into_other.run, "make")
        assert "is half restored: there is no park" in half.err
        # It needs no word to replace what is no park.
        ran = await asyncio.to_thread(into_other.run, "restore", "latest")
        assert ran.code == 0, ran.err
        assert {name: contents(client, name) for name in (HUB, SMOC)} == then


def test_a_restore_says_how_far_it_is_and_of_when_the_park_is(
    backups: Backups, into_other: Backups
) -> None:
    backup = backups.made()
    listed = backups.run("list")
    assert listed.out.startswith(backup.name)
    assert "MongoDB 6.0" in listed.out
    assert "is whole and unchanged" in backups.run("check", "latest").out
    ran = into_other.run("restore", backup.name)
    assert ran.code == 0, ran.err
    assert "checking" in ran.err
    assert ran.out.startswith(f"restored {backup}: the park as of 20")
