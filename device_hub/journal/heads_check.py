"""The check of the heads: what is missing or wrong there is found from the journal, and mended.

A device without a head is not missed by anyone else: the sweeps do not find it, and the checker of the register does
not ask for it. So every head is compared, at little load, with what the device's newest commit says.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from device_hub.device.rules import Rules
from device_hub.journal.heads import Head, Heads, head_of
from device_hub.journal.journal import Journal
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.turns.history import Memory
from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

_GROUP: Final = 200
# A million devices take 17 minutes at least, and the hub stays free for reports.
_PACE_SECONDS: Final = 0.2
# The follower writes a head a moment after its commit.
_SETTLE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsCheck:
    journal: Journal
    heads: Heads
    rules: Rules
    # From the start to the first round, and from one to the next.
    every: timedelta
    pace_seconds: float = _PACE_SECONDS
    settle_seconds: float = _SETTLE_SECONDS

    async def run(self) -> None:
        """Check for ever. Trouble with the database costs one round."""
        while True:
            await asyncio.sleep(self.every.total_seconds())
            try:
                await self.check()
            except PyMongoError as error:
                log.warning("check of the heads postponed", error=str(error))

    async def check(self) -> int:
        """Compare the heads of all devices once; return how many were mended."""
        mended = checked = 0
        group: list[str] = []
        async for device_id in self.journal.devices():
            group.append(device_id)
            if len(group) == _GROUP:
                checked += len(group)
                mended += await self._check(group)
                group = []
                await asyncio.sleep(self.pace_seconds)
                end_if_cancelled()
        checked += len(group)
        mended += await self._check(group)
        log.info("heads compared with the journal", devices=checked, mended=mended)
        return mended

    async def _check(self, device_ids: Sequence[str]) -> int:
        wrong = await self._wrong(device_ids)
        if wrong:
            # One whose commit is new needs no mending: look again.
            await asyncio.sleep(self.settle_seconds)
            wrong = await self._wrong([due.device_id for _, due in wrong])
        if wrong:
            await self.heads.mend(wrong)
            _, first = wrong[0]
            log.warning("heads were missing or wrong", mended=len(wrong), first=first.device_id)
        return len(wrong)

    async def _wrong(self, device_ids: Sequence[str]) -> list[tuple[Head | None, Head]]:
        """Return the heads that are missing, or say something else than the journal, with what they should be."""
        # The heads first, so that none of them can rightly be ahead of the journal that is read then.
        stored = await self.heads.stored(device_ids)
        due = [
            head_of(device_id, memory.revision, memory.device, self.rules)
            for device_id, memory in (await self._newest(device_ids)).items()
        ]
        there = [(stored.get(head.device_id), head) for head in due]
        return [(each, head) for each, head in there if each != head]

    async def _newest(self, device_ids: Sequence[str]) -> dict[str, Memory]:
        """Return the devices at their newest revisions, but for those that only a newer hub can read."""
        try:
            return await self.journal.newest_of(device_ids)
        except WrittenByNewerHub as error:
            if len(device_ids) == 1:
                log.warning("left to a newer hub", device_id=device_ids[0], why=str(error))
                return {}
        middle = len(device_ids) // 2
        first, second = device_ids[:middle], device_ids[middle:]
        return {**await self._newest(first), **await self._newest(second)}
