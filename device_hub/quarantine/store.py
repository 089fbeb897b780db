"""The quarantine: messages that could not be read, or of which a part was refused, until an operator deals with them.

States: OPEN -> REPLAY_REQUESTED -> RESOLVED, or back to OPEN with the new reason. A resolved message that comes
again and fails again is opened again. The connector reads them again (it alone understands messages); a lease keeps
two connectors from taking the same. Large bodies lie in parts beside the messages (``quarantine_bodies``).

A caller sees the messages of its networks. Those of an unknown network are for callers that see all networks.
For other callers they do not exist.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.counts import (
    ReasonCount,
    ReplayProgress,
    count_by_reason,
    prepare_counts,
    progress_of_replay,
)
from device_hub.quarantine.pages import Page, bounded_count, within_bytes
from device_hub.quarantine.states import OPEN, REPLAY_REQUESTED, RESOLVED, within
from device_hub.wire.page_tokens import from_token, to_token
from service_chassis.scope import Scope

Document = dict[str, Any]

_PAGES = "quarantine"

LEASE = timedelta(seconds=60)

CLAIMED_BYTES = 8 * 1024 * 1024
"""A claim ends when the bodies that it has taken reach this; one body may exceed it."""


class QuarantinedMessageUnknown(Exception):
    """No quarantined message has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The caller that asks for messages to be read again, and the id of the request ("" without one)."""

    username: str = ""
    replay_id: str = ""


NOBODY = Requester()


class Quarantine:
    def __init__(
        self,
        messages: AsyncCollection[Document],
        bodies: QuarantinedBodies,
        *,
        resolved_kept: timedelta,
    ) -> None:
        self._messages = messages
        self.bodies = bodies
        self._resolved_kept = resolved_kept

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self.bodies.prepare()
        newest_first = [("quarantined_at", DESCENDING), ("_id", DESCENDING)]
        await self._messages.create_index(newest_first, name="newest_first")
        await self._messages.create_index(
            [("state", ASCENDING), *newest_first], name="by_state_newest_first"
        )
        await self._messages.create_index(
            [("reason", ASCENDING), *newest_first], name="by_reason_newest_first"
        )
        await self._messages.create_index(
            [("network", ASCENDING), *newest_first], name="by_network_newest_first"
        )
        await prepare_counts(self._messages)
        await self._messages.create_index(
            "forgotten_at", name="forget_resolved", expireAfterSeconds=0
        )

    async def store(self, messages: Sequence[Document], at: datetime) -> None:
        """Store messages (each with ``_id``); one that lies here already is opened again with its new reason.

        Raises BodyIncomplete, and stores nothing, when parts of a body are missing.
        """
        in_parts = [message for message in messages if message.get("body_id")]
        for message in in_parts:
            size = message["kept_size_bytes"]
            await self.bodies.keep(message["_id"], message["body_id"], size, at)
        await self._messages.bulk_write(
            [
                UpdateOne(
                    {"_id": message["_id"]},
                    {
                        "$set": {
                            **{key: value for key, value in message.items() if key != "_id"},
                            "state": OPEN,
                            "changed_at": at,
                        },
                        "$setOnInsert": {"quarantined_at": at, "replay_count": 0},
                        "$unset": dict.fromkeys(
                            ("forgotten_at", "lease", "lease_until", "replay_id"), ""
                        ),
                    },
                    upsert=True,
                )
                for message in messages
            ],
            ordered=False,
        )
        for message in in_parts:
            await self.bodies.drop_others(message["_id"], message["body_id"])

    async def get(self, quarantine_id: str, scope: Scope) -> Document:
        found = await self._messages.find_one({**within(scope), "_id": quarantine_id})
        if found is None:
            raise QuarantinedMessageUnknown(quarantine_id)
        return found

    async def page(
        self,
        scope: Scope,
        *,
        state: str | None,
        reason: str | None,
        page_size: int,
        page_token: str,
    ) -> Page:
        """Return messages without their bodies, newest first; paging is by key. A page ends early at 4 MiB."""
        query = within(scope)
        if state:
            query["state"] = state
        if reason:
            query["reason"] = reason
        total, is_minimum = await bounded_count(self._messages, query)
        if (behind := from_token(_PAGES, page_token)) is not None:
            at, last = behind
            query["$or"] = [
                {"quarantined_at": {"$lt": at}},
                {"quarantined_at": at, "_id": {"$lt": last}},
            ]
        found = (
            await self._messages.find(query, {"body": False})
            .sort([("quarantined_at", DESCENDING), ("_id", DESCENDING)])
            .limit(page_size + 1)
            .to_list()
        )
        page = within_bytes(found[:page_size])
        token = _token_of(page[-1]) if len(found) > len(page) else ""
        return Page(
            messages=page,
            next_page_token=token,
            total_count=max(total, len(page)),
            total_is_minimum=is_minimum,
        )

    async def request_replay(
        self,
        ids: Sequence[str],
        scope: Scope,
        *,
        all_open: bool,
        reason: str,
        at: datetime,
        by: Requester = NOBODY,
    ) -> tuple[int, int]:
        """Request a replay of messages; return how many were requested and how many cannot be replayed.

        A request with an id asks for each message once, however often it comes: not again for one that was read again
        meanwhile and failed.

        Raises QuarantinedMessageUnknown, and requests nothing, when an id is unknown.
        """
        query = within(scope)
        if all_open:
            query["state"] = OPEN
            if reason:
                query["reason"] = reason
        else:
            wanted = sorted(set(ids))
            known = {
                found["_id"]
                async for found in self._messages.find(
                    {**query, "_id": {"$in": wanted}}, {"_id": True}
                )
            }
            for one in wanted:
                if one not in known:
                    raise QuarantinedMessageUnknown(one)
            query["_id"] = {"$in": wanted}
            # A resolved one is about to be forgotten with its body.
            await self.bodies.keep_all(wanted)
        not_replayable = await self._messages.count_documents({**query, "truncated": True})
        if by.replay_id:
            query["replay_id"] = {"$ne": by.replay_id}
        wanted_state = OPEN if all_open else {"$ne": REPLAY_REQUESTED}
        asked = await self._messages.update_many(
            {**query, "truncated": {"$ne": True}, "state": wanted_state},
            {
                "$set": {
                    "state": REPLAY_REQUESTED,
                    "changed_at": at,
                    "replay_username": by.username,
                    "replay_id": by.replay_id,
                },
                "$unset": {"forgotten_at": "", "lease": "", "lease_until": ""},
            },
        )
        return asked.modified_count, not_replayable

    async def count_by_reason(self, scope: Scope) -> list[ReasonCount]:
        """Count messages by reason; raise TooManyToCount."""
        return await count_by_reason(self._messages, scope)

    async def replay_progress(self, replay_id: str, scope: Scope) -> ReplayProgress:
        """Return how far the request of this id is."""
        return await progress_of_replay(self._messages, replay_id, scope)

    async def claim(self, limit: int, at: datetime) -> list[Document]:
        """Take up to ``limit`` messages to be read again, leased for a minute, the oldest first.

        It ends early when their bodies are large; one that is larger than what a claim may hold comes all the same.
        """
        claimed: list[Document] = []
        size = 0
        while len(claimed) < limit and size < CLAIMED_BYTES:
            found = await self._messages.find_one_and_update(
                {
                    "state": REPLAY_REQUESTED,
                    "$or": [{"lease_until": {"$exists": False}}, {"lease_until": {"$lt": at}}],
                },
                {"$set": {"lease": secrets.token_urlsafe(16), "lease_until": at + LEASE}},
                sort=[("quarantined_at", ASCENDING), ("_id", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                break
            claimed.append(found)
            size += found.get("kept_size_bytes", len(found.get("body", b"")))
        return claimed

    async def read_claimed(
        self, quarantine_id: str, lease: str, offset: int, at: datetime
    ) -> bytes:
        """Return a piece of a leased message's body from ``offset`` on, and lease it for another minute.

        Raises QuarantinedMessageUnknown when the lease is not (or no longer) held.
        """
        found = await self._messages.find_one_and_update(
            {"_id": quarantine_id, "lease": lease, "state": REPLAY_REQUESTED},
            {"$set": {"lease_until": at + LEASE}},
        )
        if found is None:
            raise QuarantinedMessageUnknown(quarantine_id)
        return await self.body_of(found, offset)

    async def body_of(self, message: Document, offset: int) -> bytes:
        """Return a piece of the body from ``offset`` on; empty at its end."""
        if message.get("body_id"):
            return await self.bodies.read(message["_id"], message["body_id"], offset)
        return bytes(message.get("body", b""))[offset:]

    async def complete(self, quarantine_id: str, lease: str, at: datetime) -> bool:
        """Mark a leased message as read with success; False when the lease is not (or no longer) held."""
        held = {"_id": quarantine_id, "lease": lease, "state": REPLAY_REQUESTED}
        if await self._messages.find_one(held, {"body_id": True}) is None:
            return False
        # Before the message: when this ends in between, the message is read again, and decided again.
        await self.bodies.forget(quarantine_id, at + self._resolved_kept)
        done = await self._messages.update_one(
            held,
            {
                "$set": {
                    "state": RESOLVED,
                    "changed_at": at,
                    "forgotten_at": at + self._resolved_kept,
                },
                "$unset": {"lease": "", "lease_until": ""},
                "$inc": {"replay_count": 1},
            },
        )
        return done.modified_count == 1

    async def fail_again(
        self, quarantine_id: str, lease: str, *, reason: str, detail: str, place: str, at: datetime
    ) -> bool:
        """Open a leased message again with the reason why it still cannot be read."""
        await self.bodies.keep_all([quarantine_id])
        done = await self._messages.update_one(
            {"_id": quarantine_id, "lease": lease, "state": REPLAY_REQUESTED},
            {
                "$set": {
                    "state": OPEN,
                    "changed_at": at,
                    "reason": reason,
                    "detail": detail,
                    "place": place,
                },
                "$unset": {"lease": "", "lease_until": ""},
                "$inc": {"replay_count": 1},
            },
        )
        return done.modified_count == 1

    async def waiting(self, state: str) -> tuple[int, datetime | None]:
        """Return how many messages are in ``state`` (counted to 1,000), and since when the oldest of them."""
        count = await self._messages.count_documents({"state": state}, limit=1_000, maxTimeMS=2_000)
        oldest = await self._messages.find_one(
            {"state": state},
            {"quarantined_at": True, "changed_at": True},
            sort=[("quarantined_at", ASCENDING), ("_id", ASCENDING)],
            max_time_ms=2_000,
        )
        if oldest is None:
            return 0, None
        return count, oldest["changed_at"] if state == REPLAY_REQUESTED else oldest[
            "quarantined_at"
        ]


def _token_of(document: Document) -> str:
    return to_token(_PAGES, document["quarantined_at"], document["_id"])
