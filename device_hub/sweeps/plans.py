"""The sweep of plans: finds devices with a due plan in the heads, and gives each a turn, at a limited pace.

Unlike silence, a plan does not wait after a pause of the hub: missing contacts change nothing about it. A command
after the time of a plan carries it out, too; the sweep is for devices without commands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from pymongo.errors import PyMongoError

from device_hub.journal.heads import Heads
from device_hub.sweeps.due_devices import Pace, ask_each_due
from service_chassis.retries import Retries


class Planned(Protocol):
    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
        """Let the device carry out what was planned until ``at``; raises DeviceUnreachable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSweep:
    heads: Heads
    devices: Planned
    every: timedelta
    pace: Pace
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Sweep for ever. Trouble with the database or a device causes delay."""
        retries = Retries("sweep of plans")
        await retries.for_ever(self.sweep, PyMongoError, every_seconds=self.every.total_seconds())

    async def sweep(self) -> int:
        """Give every device with a due plan a turn; return how many got one."""
        return await ask_each_due(
            "plans",
            self.heads.planned_until(self.now()),
            lambda device_id: self.devices.carry_out_plans(device_id, self.now()),
            self.pace,
        )
