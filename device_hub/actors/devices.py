"""Devices, wherever they live: those of this process are called directly, the others where they live."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns
from meterpark.device_hub.v1.report_pb2 import Report

from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.residents import Residents
from service_chassis.times import to_timestamp


@dataclass(frozen=True, slots=True)
class Devices:
    """At most ``slots`` turns are under way at once, over all callers; more wait.

    Each method raises DeviceUnreachable when Dapr does not reach the device; the turn may or may not have been taken.
    """

    residents: Residents
    elsewhere: Elsewhere
    slots: asyncio.Semaphore

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        """Give ``device_id`` its reports, in order; return one verdict each."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.record(reports)
            turns = DeviceTurns(device_id=device_id, reports=reports)
            return list(await self.elsewhere.ask(turns))

    async def check_silence(self, device_id: str, at: datetime) -> Verdict:
        """Let the device look whether it has been silent for too long by ``at``."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.check_silence(at)
            turns = DeviceTurns(device_id=device_id, silence_checked_time=to_timestamp(at))
            return (await self.elsewhere.ask(turns))[0]

    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
        """Let the device carry out what was planned until ``at``."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.carry_out_plans(at)
            turns = DeviceTurns(device_id=device_id, plans_due_time=to_timestamp(at))
            return (await self.elsewhere.ask(turns))[0]
