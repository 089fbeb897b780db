"""Looks through the whole journal as it lies in the database: seals, revisions, heads, roots.

Several processes read, each a range of devices, in the order of the index. The journal may grow meanwhile. Nothing is
asked of the hub, and nothing is changed.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymongo import ASCENDING, MongoClient
from pymongo.read_concern import ReadConcern

from journal_evidence.chain import Chain, Problem
from journal_evidence.roots import (
    ROOTS,
    Grouping,
    Leaf,
    NoRoot,
    Root,
    read_public_keys,
    root_from_document,
    to_ms,
)
from journal_evidence.seal import NOTHING, NoCommit, look_at
from journal_evidence.settings import EvidenceSettings

_COMMITS: Final = "commits"
_HEADS: Final = "heads"
_DEVICES_IN_A_RANGE: Final = 1_000
_DOCUMENT_BYTES: Final = 4

Document = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Verified:
    """What was looked at, and what is wrong. ``unsealed``: commits without a seal, which are older than seals.

    ``unsealed_behind``: those behind a sealed one: an older hub wrote them, or somebody took their seals away.
    ``signatures``: whether they were looked at. ``newest``: the newest root.
    """

    devices: int = 0
    commits: int = 0
    unsealed: int = 0
    unsealed_behind: int = 0
    roots: int = 0
    signatures: bool = False
    newest: Root | None = None
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Range:
    """Devices from ``first`` on, before ``behind``; None: to the end."""

    first: str
    behind: str | None
    until_ms: int | None


@dataclass(slots=True)
class _Found:
    devices: int = 0
    commits: int = 0
    unsealed: int = 0
    unsealed_behind: int = 0
    leaves: list[Leaf] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def verify(settings: EvidenceSettings) -> Verified:
    """Look at everything. Raises PyMongoError, and KeyUnreadable for a key's file."""
    keys = dict(read_public_keys(settings.public_keys))
    told = Verified(signatures=bool(keys))
    with _client(settings) as client:
        database = client[settings.mongodb_database]
        stored = list(database[ROOTS].find().sort("_id", ASCENDING))
        roots, told.problems = _roots(stored, keys)
        told.roots = len(stored)
        told.newest = roots[-1] if roots else None
        until_ms = to_ms(told.newest.until) if told.newest else None
        grouping = Grouping([one.first for one in told.newest.groups]) if told.newest else None
        with ExitStack() as reading:
            for found in _each(settings, reading, _ranges(client, settings, until_ms)):
                told.devices += found.devices
                told.commits += found.commits
                told.unsealed += found.unsealed
                told.unsealed_behind += found.unsealed_behind
                told.problems += found.problems
                if grouping:
                    for leaf in found.leaves:
                        grouping.add(leaf)
    if told.newest and grouping:
        told.problems += _compared(told.newest, grouping)
    return told


def _each(
    settings: EvidenceSettings, reading: ExitStack, ranges: Sequence[_Range]
) -> Iterator[_Found]:
    """Yield what is found in each range, in order."""
    if settings.processes == 1:
        _begin(settings)
        reading.callback(_Reader.client.close)
        return map(_look_through, ranges)
    readers = ProcessPoolExecutor(
        settings.processes, get_context("spawn"), initializer=_begin, initargs=(settings,)
    )
    return reading.enter_context(readers).map(_look_through, ranges)


def _roots(
    stored: Sequence[Document], keys: dict[str, Ed25519PublicKey]
) -> tuple[list[Root], list[Problem]]:
    """Return the roots that can be read, in order, and what is wrong with any."""
    roots: list[Root] = []
    problems: list[Problem] = []
    before = NOTHING
    for one in stored:
        name = f"root of {one['_id']}"
        try:
            root = root_from_document(one)
        except NoRoot as wrong:
            problems.append(Problem(what=f"{name}: was changed after it was made: {wrong}"))
            continue
        if root.before != before:
            problems.append(Problem(what=f"{name}: the root before it is another, or is missing"))
        before = root.digest
        if keys and root.key not in keys:
            problems.append(Problem(what=f"{name}: signed by {root.key}, which is no key of yours"))
        elif keys and not root.is_signed_by(keys[root.key]):
            problems.append(Problem(what=f"{name}: its signature is forged"))
        roots.append(root)
    return roots, problems


def _compared(root: Root, grouping: Grouping) -> Iterator[Problem]:
    groups = grouping.groups()
    ends = [one.first for one in root.groups[1:]]
    for then, now, end in zip(root.groups, groups, [*ends, None], strict=True):
        if then != now:
            counted = f"{then.devices} devices then, {now.devices} now"
            until = f" until before {end}" if end else " on"
            yield Problem(
                what=f"root of {root.day}: the journals from {then.first}{until} end otherwise ({counted})"
            )


def _client(settings: EvidenceSettings) -> MongoClient[Document]:
    return MongoClient(
        settings.mongodb_url.get_secret_value(),
        **settings.login,
        tz_aware=True,
        serverSelectionTimeoutMS=10_000,
        appname="journal_evidence",
    )


def _ranges(
    client: MongoClient[Document], settings: EvidenceSettings, until_ms: int | None
) -> list[_Range]:
    """Return ranges that cover every device, whatever it is called and whatever its first revision is."""
    found = (
        client[settings.mongodb_database][_COMMITS]
        .find({"revision": 1}, {"_id": False, "device_id": True})
        .hint([("device_id", ASCENDING), ("revision", ASCENDING)])
        .sort("device_id", ASCENDING)
    )
    firsts = [
        str(one["device_id"]) for at, one in enumerate(found) if at % _DEVICES_IN_A_RANGE == 0
    ]
    return [
        _Range(first, behind, until_ms)
        for first, behind in pairwise(["", *firsts[1:], None])
        if first is not None
    ]


class _Reader:
    """What a process keeps between two ranges."""

    settings: EvidenceSettings
    client: MongoClient[Document]


def _begin(settings: EvidenceSettings) -> None:
    _Reader.settings = settings
    _Reader.client = _client(settings)


def _look_through(wanted: _Range) -> _Found:
    database = _Reader.client.get_database(
        _Reader.settings.mongodb_database, read_concern=ReadConcern("majority")
    )
    names: Document = {"$gte": wanted.first}
    if wanted.behind is not None:
        names["$lt"] = wanted.behind
    # Before the journal: a head is never ahead of it.
    heads = {
        one["_id"]: one["revision"]
        for one in database[_HEADS].find({"_id": names}, {"revision": True})
    }
    found = _Found()
    chain: Chain | None = None
    for raw in _commits(database, names):
        found.commits += 1
        try:
            looked = look_at(raw)
        except NoCommit as wrong:
            where = f" behind {chain.device_id}, revision {chain.revision}" if chain else ""
            found.problems.append(Problem(what=f"a commit{where} cannot be read: {wrong}"))
            continue
        if chain is None or chain.device_id != looked.device_id:
            _end(chain, heads, found)
            chain = Chain(looked.device_id, wanted.until_ms)
        chain.add(looked)
    _end(chain, heads, found)
    found.problems += [
        Problem(device, head, "its head is there, and no commit") for device, head in heads.items()
    ]
    return found


def _end(chain: Chain | None, heads: dict[str, int], found: _Found) -> None:
    if chain is None:
        return
    chain.end(heads.pop(chain.device_id, 0))
    found.devices += 1
    found.unsealed += chain.unsealed
    found.unsealed_behind += chain.unsealed_behind
    found.problems += chain.problems
    if chain.leaf is not None:
        found.leaves.append(chain.leaf)


def _commits(database: Any, names: Document) -> Iterator[bytes]:
    batches = database[_COMMITS].find_raw_batches(
        {"device_id": names}, hint=[("device_id", ASCENDING), ("revision", ASCENDING)]
    )
    batches = batches.sort([("device_id", ASCENDING), ("revision", ASCENDING)])
    for batch in batches:
        at = 0
        while at < len(batch):
            length = int.from_bytes(batch[at : at + _DOCUMENT_BYTES], "little")
            yield batch[at : at + length]
            at += length
