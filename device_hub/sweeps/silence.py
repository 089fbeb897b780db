"""The silence sweep: finds devices that were silent for too long, and gives each a turn, at a limited pace.

Decision and reasons: docs/decisions/0012. A million devices that were away never get their turns all at once: the pace
is limited. After a pause of the hub itself the sweep waits as long as the pause was, because no device could be heard
meanwhile.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from device_hub.journal.heads import Heads
from device_hub.sweeps.due_devices import Pace, ask_each_due
from service_chassis.retries import Retries

log = structlog.get_logger()

_MARK = "silence-sweep"
_NOTED_EVERY = 200


class Devices(Protocol):
    async def check_silence(self, device_id: str, at: datetime) -> Verdict:
        """Let the device look whether it has been silent for too long; raises DeviceUnreachable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceSweep:
    heads: Heads
    devices: Devices
    marks: AsyncCollection[dict[str, Any]]
    every: timedelta
    silence_after: timedelta
    pace: Pace
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Sweep for ever. Trouble with the database or a device causes delay."""
        quiet_until: datetime | None = None

        async def once() -> None:
            nonlocal quiet_until
            if quiet_until is None:
                quiet_until = await self.quiet_until()
            if self.now() >= quiet_until:
                await self.sweep()
            await self._note(quiet_until=quiet_until)

        retries = Retries("silence sweep")
        await retries.for_ever(once, PyMongoError, every_seconds=self.every.total_seconds())

    async def sweep(self) -> int:
        """Check every device whose silence is due; returns how many were checked."""
        return await ask_each_due(
            "silence",
            self._due(),
            lambda device_id: self.devices.check_silence(device_id, self.now()),
            self.pace,
        )

    async def _due(self) -> AsyncIterator[str]:
        count = 0
        async for device_id in self.heads.silent_since(self.now()):
            if count % _NOTED_EVERY == 0:
                # A sweep over many devices takes minutes: the hub was there all the while, not only at its end.
                await self._note()
            count += 1
            yield device_id

    async def _note(self, **more: datetime) -> None:
        await self.marks.update_one(
            {"_id": _MARK}, {"$set": {"swept_at": self.now(), **more}}, upsert=True
        )

    async def quiet_until(self) -> datetime:
        """Return until when the sweep waits, because no device could be heard while the hub was away."""
        mark = await self.marks.find_one({"_id": _MARK})
        if mark is None:
            return self.now()
        swept_at: datetime = mark["swept_at"]
        # A restart does not end the wait of an earlier one.
        before: datetime = mark.get("quiet_until", swept_at)
        away = self.now() - swept_at
        if away <= 3 * self.every:
            return max(self.now(), before)
        wait = min(away, self.silence_after)
        log.info("silence sweep waits after the hub was away", seconds=round(wait.total_seconds()))
        return max(self.now() + wait, before)
