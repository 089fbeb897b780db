"""Evidence with a real MongoDB: what a hub wrote is found to be as it was written, and what was changed is found."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bson.binary import Binary
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from device_hub.journal.journal import BY_REVISION, Journal, open_collection
from journal_evidence.making import RootMaker
from journal_evidence.roots import (
    ROOTS,
    Root,
    fingerprint,
    root_from_document,
    root_to_document,
)
from journal_evidence.settings import EvidenceSettings
from journal_evidence.verifying import Verified, verify
from service_chassis.settings import load_settings
from tests.neighbours.hub import NOON, Hub, hub_on, power_lost
from tests.neighbours.mongod import Mongod

DATABASE = "test_evidence"
DAY = "2026-03-01"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CHANGED = "it was changed after it was written"
ANOTHER = "the commit before it is another one than when this one was written"
DEVICES = [f"SN-{number}" for number in range(5)]

Document = dict[str, Any]


@dataclass
class Park:
    """A hub with five devices of four commits each, and who verifies its journal."""

    hub: Hub
    settings: EvidenceSettings

    def maker(self, *, key: Ed25519PrivateKey = KEY, day: int = 2) -> RootMaker:
        return RootMaker(
            commits=self.hub.commits,
            roots=open_collection(self.hub.commits.database, ROOTS),
            key=key,
            now=lambda: datetime(2026, 3, day, 1, 30, tzinfo=UTC),
            order=BY_REVISION,
            group_devices=2,
        )

    def verified(self, **settings: Any) -> Verified:
        return verify(self.settings.model_copy(update=settings))

    def problems(self, **settings: Any) -> list[str]:
        return [str(problem) for problem in self.verified(**settings).problems]

    async def change(self, device: str, place: int, **fields: Any) -> None:
        found = await self.hub.commits.update_one(at(device, place), {"$set": fields})
        assert found.modified_count == 1

    async def replace_root(self, root: Root) -> None:
        document = root_to_document(root)
        await self.hub.commits.database[ROOTS].replace_one({"_id": root.day}, document)

    async def root(self) -> Root:
        stored = await self.hub.commits.database[ROOTS].find_one({"_id": DAY})
        assert stored is not None
        return root_from_document(stored)


def at(device: str, revision: int) -> Document:
    return {"device_id": f"north/{device}", "revision": revision}


@pytest_asyncio.fixture
async def park(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Park]:
    public = tmp_path / "public.pem"
    public.write_bytes(
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    settings = EvidenceSettings(
        mongodb_url=SecretStr(mongod.url),
        mongodb_database=DATABASE,
        public_keys=(public,),
        processes=1,
    )
    async with hub_on(mongod.url, DATABASE) as hub:
        for device in DEVICES:
            # The first one alone, the others as a chain.
            await hub.tell(power_lost(f"{device}-1", device, 1))
            await hub.tell(*(power_lost(f"{device}-{n}", device, n) for n in (2, 3)))
        hub.forget_devices()
        for device in DEVICES:
            await hub.tell(power_lost(f"{device}-4", device, 4))
        yield Park(hub, settings)


async def test_a_journal_is_as_it_was_written(park: Park) -> None:
    made = await park.maker().make(DAY)
    assert made is not None
    told = park.verified(processes=2)
    assert told.problems == []
    assert (told.devices, told.unsealed, told.roots, told.signatures) == (5, 0, 1, True)
    assert told.commits == await park.hub.commits.count_documents({})
    assert told.newest == made


async def test_a_journal_grows_behind_its_root(park: Park) -> None:
    await park.maker().make(DAY)
    later = Journal(park.hub.commits, now=lambda: NOON + timedelta(days=1))
    park.hub.forget_devices(journal=later)
    await park.hub.tell(power_lost("new", "SN-NEW", 5))
    await park.hub.tell(power_lost("later", "SN-1", 5))
    assert park.problems() == []
    second = await park.maker(day=3).make("2026-03-02")
    assert second is not None
    assert second.before == (await park.root()).digest
    assert second.devices == 6
    assert park.problems() == []


async def test_a_day_has_one_root(park: Park) -> None:
    maker = park.maker()
    assert maker.last_day() == DAY
    assert await maker.make(maker.last_day()) is not None
    assert await maker.make(maker.last_day()) is None
    assert await maker.make("2026-02-27") is None, "older than the newest"


async def test_a_commit_of_the_next_day_does_not_count(park: Park) -> None:
    later = Journal(park.hub.commits, now=lambda: NOON + timedelta(days=1))
    park.hub.forget_devices(journal=later)
    await park.hub.tell(power_lost("new", "SN-NEW", 5))
    await park.hub.tell(power_lost("later", "SN-1", 5))
    made = await park.maker(day=3).make(DAY)
    assert made is not None
    assert made.devices == len(DEVICES)
    assert park.problems() == []


async def test_a_park_without_roots_says_so(park: Park) -> None:
    told = park.verified()
    assert (told.problems, told.newest, told.roots) == ([], None, 0)


async def test_commits_that_are_older_than_seals_are_valid_and_covered_by_a_root(
    park: Park,
) -> None:
    await park.hub.commits.update_many({"revision": {"$lte": 4}}, {"$unset": {"seal": ""}})
    park.hub.forget_devices()
    await park.hub.tell(power_lost("sealed", "SN-1", 5))
    assert await park.maker().make(DAY) is not None
    told = park.verified()
    assert told.problems == []
    assert told.unsealed == told.commits - 1
    assert told.unsealed_behind == 0
    [last] = await park.hub.commits.find(at("SN-3", 1)).to_list()
    assert "seal" not in last
    await park.change("SN-3", await _length(park, "SN-3"), report_id="another")
    assert park.problems() == [_otherwise(2)]


async def _length(park: Park, device: str) -> int:
    return await park.hub.commits.count_documents({"device_id": f"north/{device}"})


Planting = Callable[[Park], Awaitable[list[str]]]


async def flipped(park: Park) -> list[str]:
    [commit] = await park.hub.commits.find(at("SN-2", 3)).to_list()
    name = commit["events"][0]["name"]
    await park.change("SN-2", 3, **{"events.0.name": chr(ord(name[0]) ^ 1) + name[1:]})
    return [f"north/SN-2, revision 3: {CHANGED}"]


async def state_changed(park: Park) -> list[str]:
    await park.change("SN-2", 2, **{"after.power": {"value": "ON", "as_of": NOON, "cause": ""}})
    return ["north/SN-2, revision 2: the state beside it was changed after it was written"]


async def removed(park: Park) -> list[str]:
    await park.hub.commits.delete_one(at("SN-2", 2))
    return [
        "north/SN-2, revision 3: revision 2 should be here",
        f"north/SN-2, revision 3: {ANOTHER}",
    ]


async def first_removed(park: Park) -> list[str]:
    await park.hub.commits.delete_one(at("SN-2", 1))
    return [
        "north/SN-2, revision 2: revision 1 should be here",
        f"north/SN-2, revision 2: {ANOTHER}",
    ]


async def reordered(park: Park) -> list[str]:
    for now, then in ((2, 99), (3, 2), (99, 3)):
        await park.change("SN-2", now, revision=then)
    behind = [
        f"north/SN-2, revision {revision}: {what}"
        for revision in (2, 3)
        for what in (ANOTHER, CHANGED)
    ]
    return [*behind, f"north/SN-2, revision 4: {ANOTHER}"]


async def end_removed_with_its_head(park: Park) -> list[str]:
    last = await _length(park, "SN-3")
    await park.hub.commits.database["heads"].insert_one({"_id": "north/SN-3", "revision": last})
    await park.hub.commits.delete_one(at("SN-3", last))
    return [
        f"north/SN-3, revision {last - 1}: the journal ends here, and its head is at revision {last}",
        _otherwise(2),
    ]


async def end_removed(park: Park) -> list[str]:
    await park.hub.commits.delete_one(at("SN-3", await _length(park, "SN-3")))
    return [_otherwise(2)]


async def device_removed(park: Park) -> list[str]:
    await park.hub.commits.delete_many({"device_id": "north/SN-3"})
    return [_otherwise(1)]


def _otherwise(now: int) -> str:
    return (
        f"root of {DAY}: the journals from north/SN-2 until before north/SN-4 end otherwise "
        f"(2 devices then, {now} now)"
    )


async def root_changed(park: Park) -> list[str]:
    await park.hub.commits.database[ROOTS].update_one({"_id": DAY}, {"$set": {"devices": 4}})
    why = "what it says of itself does not follow from its groups"
    return [f"root of {DAY}: was changed after it was made: {why}"]


async def root_forged(park: Park) -> list[str]:
    root = await park.root()
    forged = replace(root, before=b"x" * 32)
    await park.replace_root(forged)
    return [
        f"root of {DAY}: the root before it is another, or is missing",
        f"root of {DAY}: its signature is forged",
    ]


async def root_signed_by_another(park: Park) -> list[str]:
    other = Ed25519PrivateKey.generate()
    await park.replace_root((await park.root()).signed(other))
    name = fingerprint(other.public_key())
    return [f"root of {DAY}: signed by {name}, which is no key of yours"]


async def root_removed(park: Park) -> list[str]:
    await park.maker(day=3).make("2026-03-02")
    await park.hub.commits.database[ROOTS].delete_one({"_id": DAY})
    return ["root of 2026-03-02: the root before it is another, or is missing"]


async def broken(park: Park) -> list[str]:
    await park.change("SN-2", 3, **{"seal.digest": Binary(b"short")})
    return [
        "a commit behind north/SN-2, revision 2 cannot be read: its seal is broken",
        "north/SN-2, revision 4: revision 3 should be here",
        f"north/SN-2, revision 4: {ANOTHER}",
    ]


@pytest.mark.parametrize(
    "plant",
    [
        *(flipped, state_changed, removed, first_removed, reordered),
        *(end_removed, end_removed_with_its_head, device_removed, broken),
        *(root_changed, root_forged, root_signed_by_another, root_removed),
    ],
    ids=lambda plant: plant.__name__,
)
async def test_what_was_done_to_a_journal_is_found(park: Park, plant: Planting) -> None:
    assert await park.maker().make(DAY) is not None
    assert park.problems() == []
    expected = await plant(park)
    assert park.problems() == expected


async def test_without_a_key_signatures_are_not_looked_at_and_that_is_said(park: Park) -> None:
    await park.maker().make(DAY)
    await root_signed_by_another(park)
    told = park.verified(public_keys=())
    assert (told.problems, told.signatures) == ([], False)


async def _command(park: Park, *more: str) -> tuple[int, str, str]:
    settings = park.settings
    told = {
        "JOURNAL_EVIDENCE_MONGODB_URL": settings.mongodb_url.get_secret_value(),
        "JOURNAL_EVIDENCE_MONGODB_DATABASE": DATABASE,
        "JOURNAL_EVIDENCE_PUBLIC_KEYS": json.dumps([str(file) for file in settings.public_keys]),
    }
    command = [sys.executable, "-m", "meterpark_cli", "journal", "verify", "--sealed", *more]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **told}, stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


async def test_the_command_says_it_in_words_and_as_a_document(park: Park) -> None:
    made = await park.maker().make(DAY)
    assert made is not None
    code, said, _ = await _command(park)
    assert code == 0
    assert "5 devices, 20 commits: as they were written" in said
    assert "roots: 1; of 2026-03-01:" in said
    await flipped(park)
    code, said, _ = await _command(park, "--json")
    document = json.loads(said)
    assert code == 1
    assert document["newest_root"] == {"day": DAY, "digest": made.digest.hex()}
    assert document["problems"] == [
        {"device_id": "north/SN-2", "revision": 3, "problem": CHANGED},
    ]


async def test_the_command_looks_at_the_whole_park_alone(park: Park) -> None:
    code, _, errors = await _command(park, "--network", "north")
    assert code == 2
    assert "leave the other conditions out" in errors


def test_settings_are_read_as_the_documents_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JOURNAL_EVIDENCE_MONGODB_URL", "mongodb://backup@127.0.0.1:1")
    monkeypatch.setenv("JOURNAL_EVIDENCE_PUBLIC_KEYS", json.dumps([str(tmp_path / "one.pem")]))
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setenv("JOURNAL_EVIDENCE_MONGODB_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load_settings(EvidenceSettings)
    assert settings.public_keys == (tmp_path / "one.pem",)
    assert settings.login == {"password": "secret"}
