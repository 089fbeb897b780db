"""Who may do what in the database: a user per service, nobody without a user; a real mongod says so."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern

from deploy.local.facts.mongod_files import REPLICA_SET
from deploy.local.processes.mongod_access import ServiceUser
from deploy.runtime.paths import installed_mongod
from joint_writes import JointWrites
from tests.neighbours.mongod import Mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import start

Client = MongoClient[dict[str, Any]]
Deed = Callable[[Client], object]

USERS = [
    ServiceUser(name="device_hub", database="device_hub"),
    ServiceUser(name="smoc_service", database="smoc"),
]
MINE = {"pwd": "a password of mine"}
_NOT_ALLOWED, _WRONG_LOGIN = 13, 18


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    mongod = Mongod.started(tmp_path_factory.mktemp("guarded"), users=USERS)
    yield mongod
    mongod.stop()


def client_of(mongod: Mongod, user: str, password: str | None = None) -> Client:
    return MongoClient(
        mongod.files.url(mongod.port, user), password=password or mongod.files.password(user)
    )


def refused(deed: Deed, client: Client) -> int | None:
    """Return with which code the database refuses."""
    with pytest.raises(OperationFailure) as raised, client:
        deed(client)
    return raised.value.code


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
def test_a_service_does_in_its_own_database_all_that_it_needs(
    guarded: Mongod, user: ServiceUser
) -> None:
    with client_of(guarded, user.name) as client:
        assert "operationTime" in client.admin.command("hello")
        devices = client[user.database].get_collection(
            "devices", read_concern=ReadConcern("majority")
        )
        devices.create_index("network")
        with devices.watch() as changes:
            devices.insert_one({"_id": "north/1", "network": "north"})
            assert next(changes)["documentKey"] == {"_id": "north/1"}
        with client.start_session(snapshot=True) as session:
            assert devices.find_one({"network": "north"}, session=session) is not None
        assert client.list_database_names() == [user.database]


def test_a_service_undoes_what_its_killed_predecessor_had_begun(guarded: Mongod) -> None:
    with client_of(guarded, "smoc_service") as killed, client_of(guarded, "smoc_service") as next_:
        devices = next_["smoc"]["devices"]
        devices.insert_one({"_id": "north/2"})
        session = killed.start_session()
        session.start_transaction()
        touched = {"$set": {"tag": 1}}
        killed["smoc"]["devices"].update_one({"_id": "north/2"}, touched, session=session)
        next_.admin.command({"killSessions": [session.session_id]})
        # It would wait for the other's end.
        devices.update_one({"_id": "north/2"}, {"$set": {"tag": 2}})
        assert devices.find_one({"_id": "north/2"}) == {"_id": "north/2", "tag": 2}
        with pytest.raises(OperationFailure):
            session.commit_transaction()


async def test_a_service_finds_what_was_left_of_its_own_and_ends_nothing_of_another(
    guarded: Mongod,
) -> None:
    with client_of(guarded, "smoc_service") as killed, client_of(guarded, "device_hub") as other:
        sessions = []
        for client, database in ((killed, "smoc"), (other, "device_hub")):
            client[database]["left"].insert_one({"_id": 1})
            sessions.append(session := client.start_session())
            session.start_transaction()
            client[database]["left"].update_one({"_id": 1}, {"$set": {"tag": 1}}, session=session)
        async with AsyncMongoClient[dict[str, Any]](
            guarded.files.url(guarded.port, "smoc_service"),
            password=guarded.files.password("smoc_service"),
            readConcernLevel="majority",
        ) as successor:
            joint = JointWrites(successor, left_after=timedelta(0))
            assert await joint.end_left() == 1
        with pytest.raises(OperationFailure):
            sessions[0].commit_transaction()
        sessions[1].commit_transaction()


@pytest.mark.parametrize(
    ("user", "database"),
    [
        ("device_hub", "smoc"),
        ("smoc_service", "device_hub"),
        *((user.name, other) for user in USERS for other in ("admin", "local", "config", "other")),
    ],
)
@pytest.mark.parametrize(
    "deed",
    [
        lambda database: database.commits.find_one(),
        lambda database: database.commits.insert_one({"revision": 1}),
        lambda database: database.commits.create_index("revision"),
        lambda database: database.commits.watch().close(),
        lambda database: database.list_collection_names(),
        lambda database: database.command("dropDatabase"),
        lambda database: database.command("createUser", "mine", **MINE, roles=["readWrite"]),
    ],
    ids=["read", "write", "index", "watch", "list", "drop", "create a user"],
)
def test_a_service_does_nothing_in_any_other_database(
    guarded: Mongod, user: str, database: str, deed: Callable[[Any], object]
) -> None:
    client = client_of(guarded, user)
    assert refused(lambda its: deed(its[database]), client) == _NOT_ALLOWED


def test_a_service_cannot_give_itself_more(guarded: Mongod) -> None:
    for deed in (
        lambda its: its.admin.command("grantRolesToUser", "device_hub", roles=["root"]),
        lambda its: its.admin.command("updateUser", "operator", **MINE),
        lambda its: its.admin.command("replSetStepDown", 1),
        lambda its: its.admin.command("shutdown"),
    ):
        assert refused(deed, client_of(guarded, "device_hub")) == _NOT_ALLOWED


@pytest.mark.parametrize(
    "deed",
    [
        lambda client: client.device_hub.commits.find_one(),
        lambda client: client.smoc.devices.insert_one({}),
        lambda client: client.list_database_names(),
        # What a fresh MongoDB allows whoever comes first from its own machine.
        lambda client: client.admin.command("createUser", "mine", **MINE, roles=["root"]),
        lambda client: client.admin.command("replSetGetConfig"),
        lambda client: client.admin.command("shutdown"),
    ],
    ids=["read", "write", "list", "create a user", "configuration", "shutdown"],
)
def test_a_client_without_a_user_does_nothing(guarded: Mongod, deed: Deed) -> None:
    nobody: Client = MongoClient("127.0.0.1", guarded.port, replicaSet=REPLICA_SET)
    assert refused(deed, nobody) == _NOT_ALLOWED


def test_a_wrong_password_is_refused(guarded: Mongod) -> None:
    client = client_of(guarded, "device_hub", guarded.files.password("smoc_service"))
    assert refused(lambda its: its.device_hub.commits.find_one(), client) == _WRONG_LOGIN


def test_a_changed_password_file_counts_from_the_next_start_on(tmp_path: Path) -> None:
    mongod = Mongod.started(tmp_path, users=USERS)
    try:
        before = {user: mongod.files.password(user) for user in ("device_hub", "operator")}
        mongod.stop()
        for user in before:
            # A person writes a line end, too.
            mongod.files.password_file(user).write_text(f"new/{user}: password\n")
        mongod.start()
        for user, old in before.items():
            with client_of(mongod, user) as client:
                client.device_hub.commits.insert_one({})
            assert (
                refused(
                    lambda its: its.device_hub.list_collection_names(), client_of(mongod, user, old)
                )
                == _WRONG_LOGIN
            )
        with MongoClient[dict[str, Any]](mongod.url) as operator:
            assert operator.device_hub.commits.count_documents({}) == 2
    finally:
        mongod.stop()


def test_data_from_before_there_were_users_is_kept_and_guarded(tmp_path: Path) -> None:
    """As stacks had it: no key, no users; then a start of today, on another port."""
    [port] = free_ports(1)
    (tmp_path / "data").mkdir()
    command: list[str | Path] = [
        installed_mongod(os.environ),
        *("--replSet", REPLICA_SET, "--dbpath", str(tmp_path / "data"), "--port", str(port)),
        *("--bind_ip", "127.0.0.1", "--nounixsocket"),
    ]
    before = start("mongod-before", command, folder=tmp_path)
    before.wait_for_port(port)
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    with MongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True) as client:
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    with MongoClient[dict[str, Any]]("127.0.0.1", port, replicaSet=REPLICA_SET) as client:
        client.device_hub.commits.insert_one({"revision": 1})
    before.stop()

    mongod = Mongod.started(tmp_path, users=USERS)
    try:
        assert mongod.port != port
        with client_of(mongod, "device_hub") as client:
            assert client.device_hub.commits.count_documents({"revision": 1}) == 1
        nobody: Client = MongoClient("127.0.0.1", mongod.port, replicaSet=REPLICA_SET)
        assert refused(lambda its: its.device_hub.commits.find_one(), nobody) == _NOT_ALLOWED
    finally:
        mongod.stop()


def test_with_tls_plain_connections_and_other_authorities_are_refused(tmp_path: Path) -> None:
    mongod = Mongod.started(tmp_path / "with-tls", users=USERS, tls=True)
    try:
        with client_of(mongod, "device_hub") as client:
            client.device_hub.commits.insert_one({"revision": 1})
        address: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": mongod.port,
            "serverSelectionTimeoutMS": 1000,
        }
        another_authority = tmp_path / "another.pem"
        another = Mongod.started(tmp_path / "another", tls=True)
        another.stop()
        shutil.copy(another.files.ca_certificate, another_authority)
        for tls in ({}, {"tls": True}, {"tls": True, "tlsCAFile": str(another_authority)}):
            with (
                MongoClient[dict[str, Any]](**address, **tls, directConnection=True) as client,
                pytest.raises(ServerSelectionTimeoutError) as raised,
            ):
                client.admin.command("hello")
            assert isinstance(raised.value, PyMongoError)
    finally:
        mongod.stop()
