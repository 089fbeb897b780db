"""Devices, wherever they live: those of this process are called directly, the others by way of the own sidecar."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report

from device_hub.actors.residents import Residents


class ByDapr(Protocol):
    """The way to a device that may live anywhere; raises DeviceUnreachable."""

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]: ...

    async def check_silence(self, device_id: str, at: datetime) -> Verdict: ...

    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class Devices:
    """At most ``slots`` turns are under way at once, over all callers; more wait.

    Each method raises DeviceUnreachable when Dapr does not reach the device; the turn may or may not have been taken.
    """

    residents: Residents
    by_dapr: ByDapr
    slots: asyncio.Semaphore

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        """Give ``device_id`` its reports, in order; return one verdict each."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.record(reports)
            return await self.by_dapr.record(device_id, reports)

    async def check_silence(self, device_id: str, at: datetime) -> Verdict:
        """Let the device look whether it has been silent for too long by ``at``."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.check_silence(at)
            return await self.by_dapr.check_silence(device_id, at)

    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
        """Let the device carry out what was planned until ``at``."""
        async with self.slots:
            resident = self.residents.at_home(device_id)
            if resident is not None:
                return await resident.carry_out_plans(at)
            return await self.by_dapr.carry_out_plans(device_id, at)
