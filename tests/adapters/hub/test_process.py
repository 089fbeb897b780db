"""The hub as the process that is deployed: it waits for a database that is away, and hears that it is to end."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pymongo import MongoClient

from journal_evidence.roots import ROOTS, root_from_document
from park_backup.half_restored import MARKS, mark, unmark
from tests.neighbours.hub import hub_on, power_lost
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start

ROOT = Path(__file__).parents[3]


def started(folder: Path, mongodb_url: str, **more: str) -> Process:
    secret = folder / "secret"
    secret.write_text("a-secret-that-is-long-enough-to-be-one")
    [port] = free_ports(1)
    settings = {
        "PATH": os.environ["PATH"],
        "DEVICE_HUB_MONGODB_URL": mongodb_url,
        "DEVICE_HUB_GRPC_PORT": str(port),
        "DEVICE_HUB_ACTOR_PROOF_SECRET_FILE": str(secret),
        "DEVICE_HUB_CLIENT_SECRET_FILE": str(secret),
        "DEVICE_HUB_TOKEN_ISSUER": "http://127.0.0.1:1/realms/meterpark",
        "DEVICE_HUB_TOKEN_JWKS_URL": "http://127.0.0.1:1/certs",
        "DEVICE_HUB_TOKEN_URL": "http://127.0.0.1:1/token",
        "APP_API_TOKEN": "the-token-of-its-own-sidecar-only",
        **more,
    }
    command = [sys.executable, "-m", "device_hub"]
    return start("device-hub", command, folder=folder, cwd=ROOT, environment=settings)


async def logged(process: Process, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in process.log.read_text():  # noqa: ASYNC110 - another process's log
            await asyncio.sleep(0.05)


async def test_a_hub_whose_database_is_away_ends_when_it_is_told_to(tmp_path: Path) -> None:
    hub = started(tmp_path, "mongodb://127.0.0.1:1/?replicaSet=rs0")
    try:
        await logged(hub, "Connect call failed")
        hub.popen.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(hub.popen.wait, 15) == 0
    finally:
        hub.kill()


async def test_a_hub_that_is_sent_to_another_replica_set_says_so(
    tmp_path: Path, mongod_url: str
) -> None:
    hub = started(tmp_path, mongod_url.replace("replicaSet=rs0", "replicaSet=of-somebody-else"))
    try:
        await logged(hub, "of-somebody-else")
    finally:
        hub.kill()


async def test_a_hub_waits_while_its_database_is_half_restored(
    tmp_path: Path, mongod_url: str
) -> None:
    name = "test_hub_half_restored"
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client.drop_database(name)
        mark(client[name], backup="monday", begun_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
        hub = started(tmp_path, mongod_url, DEVICE_HUB_MONGODB_DATABASE=name)
        try:
            await logged(hub, "from monday, begun at 2026-03-01 12:00:00 UTC, has not come to its")
            assert client[name].list_collection_names() == [MARKS], "it has touched nothing"
            unmark(client[name])
            await logged(hub, "hub serves")
        finally:
            hub.kill()
        client.drop_database(name)


async def test_a_hub_with_a_key_makes_the_root_of_the_day_that_is_over(
    tmp_path: Path, mongod_url: str
) -> None:
    name = "test_hub_roots"
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    async with hub_on(mongod_url, name) as journal:
        await journal.tell(power_lost("r1", "SN-1", 1))
    hub = started(
        tmp_path,
        mongod_url,
        DEVICE_HUB_MONGODB_DATABASE=name,
        DEVICE_HUB_EVIDENCE_KEY_FILE=str(file),
    )
    try:
        await logged(hub, "root made")
    finally:
        hub.kill()
    with MongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        [stored] = client[name][ROOTS].find()
        root = root_from_document(stored)
        assert root.is_signed_by(key.public_key())
        assert root.devices == 1
        client.drop_database(name)
