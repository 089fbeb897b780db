"""The checker compares the journal with the register, device by device, and repairs what the register lacks.

Following the change stream is enough while nothing goes wrong outside of our programs. A register restored from an old
backup, or a device set aside, is found here.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from pymongo.errors import PyMongoError

from contract_limits import REVISIONS_PER_COMPARISON
from device_hub.journal.heads import Heads
from device_hub.journal.journal import Journal
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.register.client import REGISTER_TROUBLE, RegisterClient, remedy_of, trouble_told
from device_hub.register.gaps import RegisterGaps
from device_hub.register.provisioning import Provisioning
from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

_PACE_SECONDS = 0.05
_SETTLE_SECONDS = 5.0
# Commits of one device are small as a rule; the largest that there can be make some 25 MB.
_REPAIR_GROUP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    journal: Journal
    heads: Heads
    provisioning: Provisioning
    register: RegisterClient
    every: timedelta
    gaps: RegisterGaps
    settle_seconds: float = _SETTLE_SECONDS

    async def run(self) -> None:
        """Check for ever. Trouble with a neighbour costs one round."""
        while True:
            await asyncio.sleep(self.every.total_seconds())
            try:
                await self.check()
            except (PyMongoError, *REGISTER_TROUBLE) as error:
                log.warning("check of the register postponed", error=str(error))
                self.gaps.troubled(trouble_told(error), remedy_of(error))

    async def check(self) -> int:
        """Compare all devices once; returns how many had to be repaired."""
        repaired = compared = 0
        last = ""
        while True:
            end_if_cancelled()
            page = await self.heads.after(last, REVISIONS_PER_COMPARISON)
            if not page:
                break
            compared += len(page)
            last = page[-1][0]
            expected = dict(page)
            behind = await self.register.behind(expected)
            if behind:
                # A commit that is under way needs no repair: check again.
                await asyncio.sleep(self.settle_seconds)
                behind = await self.register.behind({one: expected[one] for one in behind})
            for device_id, revision in behind.items():
                try:
                    await self._repair(device_id, revision)
                except WrittenByNewerHub as error:
                    log.warning("left to a newer hub", device_id=device_id, why=str(error))
            repaired += len(behind)
            lacking = (
                await self.register.behind({one: expected[one] for one in behind}) if behind else {}
            )
            self.gaps.compared(expected, lacking)
            await asyncio.sleep(_PACE_SECONDS)
        self.gaps.round_ended(compared=compared, repaired=repaired)
        log.info("register compared with the journal", devices=compared, repaired=repaired)
        return repaired

    async def _repair(self, device_id: str, revision: int) -> None:
        log.warning("register is behind, repairing", device_id=device_id, revision=revision)
        while True:
            commits = await self.journal.commits(device_id, after=revision, limit=_REPAIR_GROUP)
            if not commits:
                return
            await self.provisioning.deliver(commits)
            revision = commits[-1]["revision"]
