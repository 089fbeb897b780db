"""Commits of one device as bytes, as a hub writes them, and as somebody changes them afterwards."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson import ObjectId

from journal_evidence.chain import Chain
from journal_evidence.roots import to_ms
from journal_evidence.seal import look_at, sealed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEVICE = "north/LGZ0012345678"


def commit(revision: int, before: bytes = b"", **other: Any) -> tuple[bytes, bytes]:
    """Return a commit and its digest."""
    content = {
        "_id": ObjectId(),
        "device_id": DEVICE,
        "revision": revision,
        "report_id": f"report-{revision}",
        "committed_at": NOON + timedelta(hours=revision),
        "origin": {"message_id": "m-1", "message_at": None},
        "events": [{"name": "contact-made.1", "at": NOON}],
        **other,
    }
    return sealed(content, {"version": 2, "network": "north"}, before)


def history(length: int) -> list[bytes]:
    written = []
    digest = b""
    for revision in range(1, length + 1):
        raw, digest = commit(revision, digest)
        written.append(raw)
    return written


def unsealed(raw: bytes) -> bytes:
    """Return a commit as a hub wrote it that knew no seals."""
    document = bson.decode(raw)
    del document["seal"]
    return bson.encode(document)


def problems(commits: Sequence[bytes], *, head: int = 0) -> list[str]:
    return [str(problem) for problem in looked_through(commits, head=head).problems]


def looked_through(commits: Sequence[bytes], *, head: int = 0, until: datetime = NOON) -> Chain:
    chain = Chain(DEVICE, to_ms(until))
    for raw in commits:
        chain.add(look_at(raw))
    chain.end(head)
    return chain
