"""Rebuilds claims from the journal: at a hub's first start with identifiers, and when an operator requests it.

It takes minutes, and a supervisor may end a hub that does not serve sooner. So the progress is stored, and the next
start continues from there.

A device has been called by its id ever since it was first heard; the names that its journal says it learned, and those
that its configurations gave it before names were learned, follow. What contradicts goes to the list, as from reports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from contract_limits import IDENTIFIERS_PER_REPORT
from device_hub.device.attributes import NAMES
from device_hub.device.rules import Rules
from device_hub.device.state import Device
from device_hub.device.values import Identifier
from device_hub.identities.placing import Identities, Named
from device_hub.identities.rules.names import (
    MRID,
    SERIAL_NUMBER,
    UNKNOWN,
    UTILITY_NUMBER,
    is_name,
    scheme_of,
)
from device_hub.journal.heads import Heads, head_of
from device_hub.journal.journal import Journal

log = structlog.get_logger()

Document = dict[str, Any]

_MARK: Final = "identities"
_GROUP: Final = 500
# Heads follow the journal; what was committed lately may not have one yet.
_LATELY: Final = timedelta(hours=1)
_NO_NAMES: Final = frozenset({"(removed)", "more are not kept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """``positions``: where it is kept that the claims were made once, or how far that came."""

    journal: Journal
    commits: AsyncCollection[Document]
    heads: Heads
    identities: Identities
    positions: AsyncCollection[Document]
    joins: AsyncCollection[Document]
    rules: Rules
    group: int = _GROUP

    async def once(self, now: datetime) -> None:
        """Make the claims unless that was done; some ten minutes for a million devices, in however many starts."""
        mark = await self.positions.find_one({"_id": _MARK}) or {}
        if "built_at" not in mark:
            await self.run(mark.get("begun_at", now), after=mark.get("adopted_until", ""))

    async def run(self, now: datetime, *, after: str = "") -> int:
        """Claim what the journal says of the devices behind ``after``; returns for how many. ``now``: when it began.

        Safe to run twice, and beside reports.
        """
        count = 0
        last = after
        while found := await self.heads.after(last, self.group):
            last = found[-1][0]
            count += await self._adopt([device_id for device_id, _ in found])
            await self.positions.update_one(
                {"_id": _MARK}, {"$set": {"adopted_until": last, "begun_at": now}}, upsert=True
            )
            if count % (20 * _GROUP) == 0:
                log.info("identities are being made from the journal", devices=count)
        count += await self._adopt_late(now)
        await self.positions.update_one(
            {"_id": _MARK}, {"$set": {"built_at": now, "devices": count}}, upsert=True
        )
        log.info("identities are made", devices=count)
        return count

    async def _adopt_late(self, begun_at: datetime) -> int:
        """Devices whose head may be missing: those of the last commits that were followed, and of all since.

        And those that another replica first heard of since this began.
        """
        position = await self.positions.find_one({"_id": "register"}) or {}
        last_id = position.get("last_id")
        since: Document = {}
        if last_id is not None:
            known_until = min(last_id.generation_time, begun_at) - _LATELY
            since = {"_id": {"$gt": ObjectId.from_datetime(known_until)}}
        late = await self.commits.aggregate(
            [{"$match": since}, {"$group": {"_id": "$device_id"}}], batchSize=_GROUP
        )
        count = 0
        group: list[str] = []
        async for one in late:
            group.append(one["_id"])
            if len(group) == self.group:
                count += await self._adopt(group)
                group = []
        return count + await self._adopt(group)

    async def _adopt(self, device_ids: Sequence[str]) -> int:
        if not device_ids:
            return 0
        found = await self.journal.newest_of(device_ids)
        await self.heads.complete(
            [
                head_of(device_id, memory.revision, memory.device, self.rules)
                for device_id, memory in found.items()
            ]
        )
        await self._restore_joins({id_: one.device.joined_into for id_, one in found.items()})
        await self.identities.adopt(
            [
                Named(
                    network=memory.device.network,
                    said=names_in(memory.device),
                    device_id=device_id,
                )
                for device_id, memory in found.items()
            ]
        )
        return len(found)

    async def _restore_joins(self, into: Mapping[str, str]) -> None:
        for joined, kept in into.items():
            if kept:
                await self.joins.update_one(
                    {"_id": joined}, {"$setOnInsert": {"into": kept}}, upsert=True
                )
                self.identities.joined.note(joined, kept)


def names_in(whole: Device) -> list[Identifier]:
    """Return the names that a device's journal knows without its parts, the one that it is called by first."""
    device = whole.own or whole
    said = device.attributes
    known = [
        *sorted(device.identifiers),
        Identifier(SERIAL_NUMBER, said.get("serial_number", "")),
        Identifier(MRID, said.get("mrid", "")),
        Identifier(UTILITY_NUMBER, said.get("utility_number", "")),
        *(
            Identifier(scheme_of(word.removeprefix(NAMES)), text)
            for word, text in said.items()
            if word.startswith(NAMES) and text not in _NO_NAMES
        ),
    ]
    known = [one for one in known if is_name(one)]
    own = Identifier(UNKNOWN, device.identifier)
    chosen = next((one for one in known if one.value == device.identifier), own)
    return list(dict.fromkeys([chosen, *known]))[: 4 * IDENTIFIERS_PER_REPORT]
