"""Conflicts of identities: a list for operators. Each is listed once, however often it is met, and stays decided.

Bounded: while there are ``most_open`` undecided conflicts, no further one is listed (a line in the log says so); the
next report that shows it meets it again.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import structlog
from meterpark.device_hub.v1.report_pb2 import Origin
from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Conflict
from device_hub.wire.page_tokens import from_token, to_token
from service_chassis.scope import Scope

log = structlog.get_logger()

Document = dict[str, Any]

OPEN: Final = "OPEN"
DISMISSED: Final = "DISMISSED"
ASSIGNED: Final = "ASSIGNED"
JOINED: Final = "JOINED"
_PAGES: Final = "conflicts of identities"
STATES: Final = (OPEN, DISMISSED, ASSIGNED, JOINED)
_DUPLICATE_KEY: Final = 11000
# More than may be open: what was decided is met again, too.
_REMEMBERED: Final = 50_000
# While the list is full, what it did not take is tried again so often.
_TRY_AGAIN: Final = timedelta(minutes=1)


class ConflictUnknown(Exception):
    """There is no such conflict, or none that the caller sees."""


class ConflictDecided(Exception):
    """The conflict was decided otherwise before."""


@dataclass(frozen=True, slots=True)
class Page:
    conflicts: list[Document]
    next_page_token: str
    open_count: int


class ConflictList:
    def __init__(
        self,
        conflicts: AsyncCollection[Document],
        *,
        now: Callable[[], datetime],
        most_open: int = 10_000,
    ) -> None:
        self._conflicts = conflicts
        self._now = now
        self._most_open = most_open
        # Those that are known to be listed: met again, they cost no write.
        self._listed: OrderedDict[Conflict, None] = OrderedDict()
        # Those that a full list did not take, until they are tried again.
        self._left_out: dict[Conflict, None] = {}
        self._full_until: datetime | None = None

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        newest_first = [("noticed_at", DESCENDING), ("_id", DESCENDING)]
        await self._conflicts.create_index(
            [("state", ASCENDING), *newest_first], name="by_state_newest_first"
        )
        await self._conflicts.create_index([("devices", ASCENDING)], name="by_device")

    def is_listed(self, conflict: Conflict) -> bool:
        """Return whether the conflict needs no query: it is on the list, or the list was full a moment ago."""
        if self._full_until is not None and self._now() >= self._full_until:
            self._full_until = None
            self._left_out.clear()
        return conflict in self._listed or conflict in self._left_out

    async def note(self, conflicts: Iterable[tuple[Conflict, Origin]]) -> None:
        """List those of the conflicts that are not listed yet, each with the origin of the report that showed it."""
        new: dict[Conflict, Origin] = {}
        for one, origin in conflicts:
            if not self.is_listed(one):
                new.setdefault(one, origin)
        if not new:
            return
        if await self.open_count() >= self._most_open:
            self._leave_out(new)
            return
        at = self._now()
        try:
            await self._conflicts.insert_many(
                [_document(one, origin, at) for one, origin in new.items()], ordered=False
            )
        except BulkWriteError as error:
            for one in (error.details or {}).get("writeErrors", []):
                if one.get("code") != _DUPLICATE_KEY:
                    raise
        self._remember(new)

    def _remember(self, listed: Iterable[Conflict]) -> None:
        for one in listed:
            self._listed[one] = None
            log.warning(
                "identity conflict",
                kind=one.kind.value,
                device_id=one.device_id,
                other_device_id=one.other_device_id,
                scheme=one.identifier.scheme,
            )
        while len(self._listed) > _REMEMBERED:
            self._listed.popitem(last=False)

    def _leave_out(self, new: Collection[Conflict]) -> None:
        log.warning("the list of identity conflicts is full", left_out=len(new))
        self._full_until = self._full_until or self._now() + _TRY_AGAIN
        for one in list(new)[: _REMEMBERED - len(self._left_out)]:
            self._left_out[one] = None

    async def open_count(self, scope: Scope | None = None) -> int:
        """Return how many are open, at most as many as may be."""
        query = {"state": OPEN, **(_within(scope) if scope is not None else {})}
        return await self._conflicts.count_documents(query, limit=self._most_open)

    async def page(
        self, scope: Scope, *, state: str | None, page_size: int, page_token: str
    ) -> Page:
        """Return conflicts, newest first, of one state or of all; raises PageTokenInvalid."""
        query = _within(scope)
        if state:
            query["state"] = state
        if (behind := from_token(_PAGES, page_token)) is not None:
            at, last = behind
            query["$or"] = [
                {"noticed_at": {"$lt": at}},
                {"noticed_at": at, "_id": {"$lt": last}},
            ]
        found = (
            await self._conflicts.find(query)
            .sort([("noticed_at", DESCENDING), ("_id", DESCENDING)])
            .limit(page_size + 1)
            .to_list()
        )
        last_one = found[page_size - 1] if len(found) > page_size else None
        token = to_token(_PAGES, last_one["noticed_at"], last_one["_id"]) if last_one else ""
        return Page(found[:page_size], token, await self.open_count(scope))

    async def get(self, conflict_id: str, scope: Scope) -> Document:
        found = await self._conflicts.find_one({**_within(scope), "_id": conflict_id})
        if found is None:
            raise ConflictUnknown(conflict_id)
        return found

    async def decide(
        self, conflict_id: str, scope: Scope, *, state: str, device_id: str, by: str, reason: str
    ) -> Document:
        """Close the conflict; the same decision again changes nothing.

        Raises ConflictUnknown; ConflictDecided when it was decided otherwise.
        """
        decided = await self._conflicts.find_one_and_update(
            {**_within(scope), "_id": conflict_id, "state": OPEN},
            {
                "$set": {
                    "state": state,
                    "decided_for": device_id,
                    "decided_by": by,
                    "decided_at": self._now(),
                    "reason": reason,
                }
            },
            return_document=ReturnDocument.AFTER,
        )
        if decided is None:
            decided = await self.get(conflict_id, scope)
            if (decided["state"], decided["decided_for"]) != (state, device_id):
                raise ConflictDecided(conflict_id)
        return decided

    async def close_between(self, kept: str, joined: str, *, by: str, reason: str) -> None:
        """Close all open conflicts of two devices that an operator has joined."""
        await self._conflicts.update_many(
            {"devices": {"$all": [kept, joined]}, "state": OPEN},
            {
                "$set": {
                    "state": JOINED,
                    "decided_for": kept,
                    "decided_by": by,
                    "decided_at": self._now(),
                    "reason": reason,
                }
            },
        )

    async def reopen_between(self, kept: str, joined: str) -> None:
        """Open the conflicts again that were closed by joining the two: an operator has parted them."""
        await self._conflicts.update_many(
            {"devices": {"$all": [kept, joined]}, "state": JOINED},
            {
                "$set": {"state": OPEN},
                "$unset": dict.fromkeys(("decided_for", "decided_by", "decided_at", "reason"), ""),
            },
        )


def _within(scope: Scope) -> Document:
    if scope.networks is None:
        return {}
    return {"network": {"$in": sorted(scope.networks)}}


def _document(conflict: Conflict, origin: Origin, at: datetime) -> Document:
    return {
        "_id": _id_of(conflict),
        "network": conflict.network,
        "kind": conflict.kind.value,
        "scheme": conflict.identifier.scheme,
        "value": conflict.identifier.value,
        "device_id": conflict.device_id,
        "other_device_id": conflict.other_device_id,
        "other_value": conflict.other_value,
        "devices": sorted({conflict.device_id, conflict.other_device_id}),
        "state": OPEN,
        "noticed_at": at,
        "source": origin.source,
        "message_id": origin.message_id,
    }


def _id_of(conflict: Conflict) -> str:
    said = "\x1f".join(conflict.key)
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def identifier_in(conflict: Document) -> Identifier:
    """Return the identifier that a listed conflict is about."""
    return Identifier(conflict["scheme"], conflict["value"])
