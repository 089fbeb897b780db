"""Carries out an operator's decision about a conflict of identities: in the list, the journal and the claims."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from device_hub.device.commands import Identify
from device_hub.device.rules import Rules
from device_hub.identities.conflicts.conflict_list import (
    ASSIGNED,
    DISMISSED,
    ConflictList,
    identifier_in,
)
from device_hub.identities.rules.claims import Claim
from device_hub.identities.rules.names import is_name
from device_hub.identities.stored.cache import Cache
from device_hub.identities.stored.claim_store import ClaimStore
from device_hub.journal.journal import Journal
from device_hub.turns.turn import (
    recall,
    take_turn,
)
from service_chassis.scope import Scope

Document = dict[str, Any]


class NotOfTheConflict(Exception):
    """The device is none of the conflict's two, or nothing was ever reported about it."""


class NamesNobody(Exception):
    """The conflict is about a value that no device can be called by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    journal: Journal
    rules: Rules
    claims: ClaimStore
    conflicts: ConflictList
    cache: Cache
    now: Callable[[], datetime]

    async def dismiss(self, conflict_id: str, scope: Scope, *, by: str, reason: str) -> Document:
        """Leave all as it is. Raises ConflictUnknown, ConflictDecided."""
        return await self.conflicts.decide(
            conflict_id, scope, state=DISMISSED, device_id="", by=by, reason=reason
        )

    async def assign(
        self, conflict_id: str, scope: Scope, *, device_id: str, by: str, reason: str
    ) -> Document:
        """Give the conflict's identifier to one of its devices; what fails half-way is fixed by asking again.

        Raises ConflictUnknown, ConflictDecided, NotOfTheConflict, NamesNobody, and what a turn raises.
        """
        conflict = await self.conflicts.get(conflict_id, scope)
        if not is_name(identifier_in(conflict)):
            raise NamesNobody
        memory = await recall(self.journal, device_id)
        if device_id not in conflict["devices"] or not memory.device.is_known:
            raise NotOfTheConflict(device_id)
        # The first decision counts. The steps that follow may be repeated without harm.
        decided = await self.conflicts.decide(
            conflict_id, scope, state=ASSIGNED, device_id=device_id, by=by, reason=reason
        )
        identifier = identifier_in(conflict)
        await take_turn(
            self.journal,
            memory,
            device_id=device_id,
            report_id=f"conflict-{conflict_id}",
            command=Identify(identifier=identifier, at=self.now(), by=by, reason=reason),
            rules=self.rules,
        )
        claim = Claim(conflict["network"], identifier, (device_id,))
        await self.claims.pin(claim)
        # Whoever is told of the decision may rely on it here at once; other processes hear of it (`watching`).
        self.cache.forget(claim.look)
        self.cache.forget_names(None)
        return decided
