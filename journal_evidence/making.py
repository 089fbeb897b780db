"""Makes the root of each day that is over, and keeps it in the database beside the journal.

Every hub does; the database takes the first one. A day on which no hub ran has no root; the next one covers it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from bson import encode
from bson.raw_bson import RawBSONDocument
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from journal_evidence.roots import (
    GROUP_DEVICES,
    Grouping,
    Leaf,
    Root,
    end_of,
    root_from_document,
    root_to_document,
)
from journal_evidence.seal import NOTHING, digest_in, look_at
from service_chassis.retries import Retries

log = structlog.get_logger()

# No commit is stored so long after the time that it says of itself.
_WAIT: Final = timedelta(hours=1)
_LOOK_SECONDS: Final = 600.0
_DEVICES_AT_ONCE: Final = 250
# Between two pages: reports find the database free.
_PAUSE_SECONDS: Final = 0.02

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootMaker:
    """``commits``: read by majority, in order of device and revision by the index ``order``."""

    commits: AsyncCollection[Document]
    roots: AsyncCollection[Document]
    key: Ed25519PrivateKey
    now: Callable[[], datetime]
    order: str
    group_devices: int = GROUP_DEVICES

    async def run(self) -> None:
        """Make roots for ever. Trouble with the database causes delay."""

        async def once() -> None:
            await self.make(self.last_day())

        await Retries("evidence roots").for_ever(once, PyMongoError, every_seconds=_LOOK_SECONDS)

    def last_day(self) -> str:
        """Return the last day that is over for good."""
        return (self.now() - _WAIT - timedelta(days=1)).date().isoformat()

    async def make(self, day: str) -> Root | None:
        """Make the root of a day; None: there is one of it or of a later day already, or no device was there.

        Raises NoRoot if the one before cannot be read.
        """
        newest = await self.roots.find_one(sort=[("_id", DESCENDING)])
        if newest is not None and newest["_id"] >= day:
            return None
        grouping = Grouping(size=self.group_devices)
        async for leaf in self._leaves(end_of(day)):
            grouping.add(leaf)
        if not (groups := grouping.groups()):
            return None
        before = NOTHING if newest is None else root_from_document(newest).digest
        root = Root(day=day, made_at=self.now(), groups=groups, before=before).signed(self.key)
        try:
            await self.roots.insert_one(root_to_document(root))
        except DuplicateKeyError:
            return None
        log.info("root made", day=day, devices=root.devices, root=root.digest.hex())
        return root

    async def _leaves(self, until: datetime) -> AsyncIterator[Leaf]:
        async for device_ids in self._pages():
            for newest in await self._newest_of(device_ids):
                last: Document | None = newest
                if newest["committed_at"] >= until:
                    last = await self._last_before(newest, until)
                if last is not None:
                    digest = digest_in(last) or await self._digest_of(last)
                    yield Leaf(last["device_id"], last["revision"], digest)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _pages(self) -> AsyncIterator[list[str]]:
        """Yield the devices in order. Each has a first commit, so the index alone tells them."""
        after = ""
        while True:
            found = self.commits.find(
                {"device_id": {"$gt": after}, "revision": 1}, {"_id": False, "device_id": True}
            )
            found = found.sort("device_id", ASCENDING).limit(_DEVICES_AT_ONCE).hint(self.order)
            page = [one["device_id"] async for one in found]
            if not page:
                return
            yield page
            after = page[-1]

    async def _newest_of(self, device_ids: Sequence[str]) -> list[Document]:
        fields = ("device_id", "revision", "committed_at", "seal")
        cursor = await self.commits.aggregate(
            [
                {"$match": {"device_id": {"$in": list(device_ids)}}},
                # So the database jumps from device to device: see the journal's own `newest_of`.
                {"$sort": {"device_id": DESCENDING, "revision": DESCENDING}},
                {
                    "$group": {
                        "_id": "$device_id",
                        **{field: {"$first": f"${field}"} for field in fields},
                    }
                },
            ],
            hint=self.order,
            batchSize=len(device_ids) + 1,
        )
        return sorted([one async for one in cursor], key=lambda one: str(one["device_id"]))

    async def _last_before(self, newest: Document, until: datetime) -> Document | None:
        return await self.commits.find_one(
            {
                "device_id": newest["device_id"],
                "revision": {"$lt": newest["revision"]},
                "committed_at": {"$lt": until},
            },
            {"device_id": True, "revision": True, "seal": True},
            sort=[("revision", DESCENDING)],
            hint=self.order,
        )

    async def _digest_of(self, commit: Document) -> bytes:
        """Return the digest of a commit that is older than seals."""
        options = self.commits.codec_options.with_options(document_class=RawBSONDocument)
        raw = await self.commits.with_options(codec_options=options).find_one(
            {"device_id": commit["device_id"], "revision": commit["revision"]}
        )
        return look_at(
            bytes(raw.raw) if isinstance(raw, RawBSONDocument) else encode(raw or {})
        ).digest


def of_roots(
    commits: AsyncCollection[Document],
    roots: AsyncCollection[Document],
    key: Ed25519PrivateKey | None,
    now: Callable[[], datetime],
    order: str,
) -> dict[str, Coroutine[Any, Any, None]]:
    """Return the task that makes roots, by its name; none without a key."""
    if key is None:
        return {}
    maker = RootMaker(commits=commits, roots=roots, key=key, now=now, order=order)
    return {"evidence roots": maker.run()}
