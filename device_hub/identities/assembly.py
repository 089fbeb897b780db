"""The parts of identities, put together for one process of the hub."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from device_hub.device.rules import Rules
from device_hub.identities.conflicts.conflict_list import ConflictList
from device_hub.identities.conflicts.deciding import Deciding
from device_hub.identities.conflicts.joining import Joining
from device_hub.identities.placing import Identities
from device_hub.identities.rebuild import Rebuild
from device_hub.identities.stored.cache import Cache
from device_hub.identities.stored.claim_store import ClaimStore
from device_hub.identities.stored.joined import Joined
from device_hub.identities.stored.watching import CLAIMS, JOINS, Watching
from device_hub.journal.heads import Heads
from device_hub.journal.journal import Journal, open_collection

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParts:
    identities: Identities
    claims: ClaimStore
    conflicts: ConflictList
    deciding: Deciding
    joining: Joining
    watching: Watching
    rebuild: Rebuild

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self.claims.prepare()
        await self.conflicts.prepare()


def open_identities(
    database: AsyncDatabase[Document],
    *,
    journal: Journal,
    heads: Heads,
    rules: Rules,
    cached: int,
    now: Callable[[], datetime],
) -> IdentityParts:
    """Return the parts; ``cached``: looks of names that are kept in memory. Nothing is read yet."""
    writer = secrets.token_hex(8)
    cache, joined = Cache(cached), Joined()
    claims = ClaimStore(open_collection(database, CLAIMS), writer=writer, now=now)
    conflicts = ConflictList(open_collection(database, "identity_conflicts"), now=now)
    identities = Identities(claims=claims, conflicts=conflicts, joined=joined, cache=cache)
    return IdentityParts(
        identities=identities,
        claims=claims,
        conflicts=conflicts,
        deciding=Deciding(
            journal=journal, rules=rules, claims=claims, conflicts=conflicts, cache=cache, now=now
        ),
        joining=Joining(
            journal=journal,
            rules=rules,
            joins=open_collection(database, JOINS),
            joined=joined,
            conflicts=conflicts,
            now=now,
        ),
        watching=Watching(database=database, cache=cache, joined=joined, writer=writer),
        rebuild=Rebuild(
            journal=journal,
            commits=open_collection(database, "commits"),
            heads=heads,
            identities=identities,
            positions=open_collection(database, "positions"),
            joins=open_collection(database, JOINS),
            rules=rules,
        ),
    )
