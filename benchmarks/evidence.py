"""``python -m benchmarks.evidence``: how long it takes to verify a journal, and that one flipped byte is found in it.

Starts a mongod of its own, fills it with sealed commits of made-up devices, makes a root, verifies, flips one byte of
one commit by hand, and verifies again.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr
from pymongo import AsyncMongoClient, MongoClient

from device_hub.journal.journal import BY_REVISION, Journal, open_collection
from journal_evidence.making import RootMaker
from journal_evidence.roots import ROOTS
from journal_evidence.seal import sealed
from journal_evidence.settings import EvidenceSettings
from journal_evidence.verifying import verify
from tests.neighbours.mongod import Mongod

_DATABASE: Final = "evidence"
_COMMITS_OF_A_DEVICE: Final = 5
_AT_ONCE: Final = 2_000
_BEGIN: Final = datetime(2026, 3, 1, tzinfo=UTC)
_DAY: Final = "2026-03-01"

Document = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        mongod = Mongod.started(Path(folder))
        try:
            _measure(mongod, Path(folder), said.commits, said.processes)
        finally:
            mongod.stop()


def _measure(mongod: Mongod, folder: Path, commits: int, processes: int) -> None:
    key = Ed25519PrivateKey.generate()
    public = folder / "public.pem"
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    asyncio.run(_prepare(mongod.url))
    with MongoClient[Document](mongod.url) as client:
        collection = client[_DATABASE]["commits"]
        _timed("filled", mongod, lambda: _fill(collection, commits))
        size = client[_DATABASE].command("collStats", "commits")["size"]
        _say(f"{collection.estimated_document_count():,} commits, {size / 1e6:,.0f} MB")
        _timed("root made", mongod, lambda: asyncio.run(_make_root(mongod.url, key)))
        settings = EvidenceSettings(
            mongodb_url=SecretStr(mongod.url),
            mongodb_database=_DATABASE,
            public_keys=(public,),
            processes=processes,
        )
        for _ in range(2):
            told = _timed("verified", mongod, lambda: verify(settings))
            _say(f"  {told.devices:,} devices, {told.commits:,} commits, {told.problems}")
        middle = {"device_id": _name(commits // _COMMITS_OF_A_DEVICE // 2), "revision": 3}
        collection.update_one(middle, {"$set": {"origin.message_id": "m" * 34 + "nn"}})
        told = _timed("verified, one byte flipped", mongod, lambda: verify(settings))
        _say(f"  {[str(problem) for problem in told.problems]}")


async def _prepare(url: str) -> None:
    async with AsyncMongoClient[Document](url, tz_aware=True) as client:
        await Journal(open_collection(client[_DATABASE], "commits"), now=lambda: _BEGIN).prepare()


async def _make_root(url: str, key: Ed25519PrivateKey) -> None:
    async with AsyncMongoClient[Document](url, tz_aware=True) as client:
        database = client[_DATABASE]
        maker = RootMaker(
            commits=open_collection(database, "commits"),
            roots=open_collection(database, ROOTS),
            key=key,
            now=lambda: _BEGIN + timedelta(days=1, hours=1),
            order=BY_REVISION,
        )
        await maker.make(_DAY)


def _fill(collection: Any, commits: int) -> None:
    group: list[RawBSONDocument] = []
    for raw in _commits(commits // _COMMITS_OF_A_DEVICE):
        group.append(RawBSONDocument(raw))
        if len(group) == _AT_ONCE:
            collection.insert_many(group, ordered=False)
            group = []
    if group:
        collection.insert_many(group, ordered=False)


def _commits(devices: int) -> Iterator[bytes]:
    """Yield sealed commits of the size that real ones have, revision by revision, as they come in real life."""
    seals = [b""] * devices
    for revision in range(1, _COMMITS_OF_A_DEVICE + 1):
        for number in range(devices):
            at = _BEGIN + timedelta(seconds=number % 3600, hours=revision)
            content = {
                "_id": ObjectId(),
                "device_id": _name(number),
                "revision": revision,
                "report_id": f"{number:032x}{revision:032x}",
                "committed_at": at,
                "origin": {
                    "source": "hes",
                    "message_id": f"{'m' * 35}n",
                    "noun": "EndDeviceEvents",
                },
                "events": [
                    {
                        "name": "power-lost.1",
                        "code": "3.26.0.85",
                        "at": at,
                        "received_at": at,
                        "details": {"Raw": "0x1F"},
                    }
                ],
            }
            raw, seals[number] = sealed(content, _state(number, at), seals[number])
            yield raw


def _state(number: int, at: datetime) -> Document:
    facet = {"value": "OFF", "as_of": at, "cause": "3.26.0.85"}
    facets = ("lifecycle", "power", "stage", "supply", "switch", "communication")
    return {
        "version": 2,
        "network": "north",
        "identifier": f"LGZ{number:010}",
        **dict.fromkeys(facets, facet),
        "attributes": [
            {
                "as_of": at,
                "said": {f"attribute_{one}": f"a text {one} {number}" for one in range(16)},
            }
        ],
        "recent": [number * 1_000_003 + one for one in range(12)],
    }


def _name(number: int) -> str:
    return f"north/LGZ{number:010}"


def _timed(what: str, mongod: Mongod, work: Any) -> Any:
    started, before = time.monotonic(), _processor_seconds(mongod)
    result = work()
    ours, its = (
        after - then for after, then in zip(_processor_seconds(mongod), before, strict=True)
    )
    seconds = time.monotonic() - started
    _say(f"{what}: {seconds:,.1f} s; processor time {ours:,.1f} s, of mongod {its:,.1f} s")
    return result


def _processor_seconds(mongod: Mongod) -> tuple[float, float]:
    """Return what this process with its readers has used so far, and mongod."""
    own, its = os.times(), psutil.Process(mongod.process.pid).cpu_times()
    return own.user + own.system + own.children_user + own.children_system, its.user + its.system


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
