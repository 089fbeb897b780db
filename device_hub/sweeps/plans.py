"""The sweep of plans: asks the heads which devices have a plan that is due, and gives each a turn, at a set pace.

Unlike silence, a plan does not wait after a pause of the hub: that nobody could be heard meanwhile changes nothing
about it. What is told to a device after the time of a plan carries it out, too; the sweep is for those that are told
nothing.
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
        """Sweep for ever; trouble with the database or a device costs delay."""
        retries = Retries("sweep of plans")
        await retries.for_ever(self.sweep, PyMongoError, every_seconds=self.every.total_seconds())

    async def sweep(self) -> int:
        """Give every device a turn that has a due plan; returns how many were asked."""
        return await ask_each_due(
            "plans",
            self.heads.planned_until(self.now()),
            lambda device_id: self.devices.carry_out_plans(device_id, self.now()),
            self.pace,
        )
