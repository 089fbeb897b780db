"""The batch door: splits a batch by device, gives each device its turn, and puts one verdict per report together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from grpc import StatusCode
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import REPORTS_PER_CALL
from device_hub.actors.turns_client import DeviceUnreachable
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.usage_points import UsagePoints
from device_hub.identities.placing import Unplaced
from device_hub.traces import TURNS
from device_hub.wire.reports import device_id_of, fault_of
from device_hub.wire.verdicts import postponed
from service_chassis.refusals import CallRefused, argument_invalid
from service_traces.traces import OFF, Traces

BATCH_LIMIT: Final = REPORTS_PER_CALL


class Devices(Protocol):
    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report, in order, or raise DeviceUnreachable."""
        ...


class Places(Protocol):
    async def place(self, reports: Sequence[Report]) -> Unplaced | None:
        """Give each report the identifier of its device; return which could not be placed now."""
        ...


@dataclass(frozen=True, slots=True)
class ReportsDoor:
    """``identities``: which device is meant; None: the one that the report names. ``usage_points``: which is there."""

    devices: Devices
    reports_first: ReportsFirst
    identities: Places | None = None
    usage_points: UsagePoints | None = None
    traces: Traces = OFF

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report, in order; trouble of one report does not affect the others.

        Raises CallRefused for an empty batch or one with more than 500 reports.
        """
        if not self.traces.is_on:
            return await self._record(reports)
        contexts = (report.origin.traceparent for report in reports)
        with self.traces.of(TURNS, contexts, meterpark__reports=len(reports)):
            return await self._record(reports)

    async def _record(self, reports: Sequence[Report]) -> list[Verdict]:
        check_batch(reports)
        verdicts = [fault_of(report) for report in reports]
        if self.usage_points is not None:
            await self.usage_points.find(reports, verdicts)
        await find_devices(self.identities, reports, verdicts)
        by_device = indexes_by_device(reports, verdicts)
        with self.reports_first.under_way():
            answers = await asyncio.gather(
                *(
                    self._of_one_device(device_id, [reports[index] for index in indexes])
                    for device_id, indexes in by_device.items()
                )
            )
        for indexes, answer in zip(by_device.values(), answers, strict=True):
            for index, verdict in zip(indexes, answer, strict=True):
                verdicts[index] = verdict
        return [verdict for verdict in verdicts if verdict is not None]

    async def _of_one_device(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        try:
            verdicts = await self.devices.record(device_id, reports)
        except DeviceUnreachable as error:
            return [postponed(report.report_id, str(error)) for report in reports]
        moved = [index for index, verdict in enumerate(verdicts) if verdict.device_id]
        if not moved:
            return verdicts
        # The device was joined into another while these reports were under way; no device is joined twice.
        into = verdicts[moved[0]].device_id
        left = [reports[index] for index in moved]
        for report in left:
            report.device_identifier = into.partition("/")[2]
        try:
            answers = await self.devices.record(into, left)
        except DeviceUnreachable as error:
            answers = [postponed(report.report_id, str(error)) for report in left]
        for index, answer in zip(moved, answers, strict=True):
            answer.ClearField("device_id")
            verdicts[index] = answer
        return verdicts


def check_batch(reports: Sequence[Report]) -> None:
    """Raise CallRefused for an empty batch or one with more than 500 reports."""
    if not reports:
        raise argument_invalid("reports", "the batch is empty")
    if len(reports) > BATCH_LIMIT:
        raise CallRefused(
            StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
            f"{len(reports)} reports in one batch, {BATCH_LIMIT} are allowed",
            limit=str(BATCH_LIMIT),
        )


async def find_devices(
    identities: Places | None, reports: Sequence[Report], verdicts: list[Verdict | None]
) -> None:
    """Find the devices of the reports without a verdict; postpone those that cannot be placed now."""
    if identities is None:
        return
    open_ones = [index for index, verdict in enumerate(verdicts) if verdict is None]
    unplaced = await identities.place([reports[index] for index in open_ones])
    if unplaced is not None:
        for position in unplaced.positions:
            index = open_ones[position]
            verdicts[index] = postponed(reports[index].report_id, unplaced.why)


def indexes_by_device(
    reports: Sequence[Report], verdicts: Sequence[Verdict | None]
) -> dict[str, list[int]]:
    """Return where in the batch each device's reports stand, without those that have their verdict already."""
    by_device: dict[str, list[int]] = {}
    for index, report in enumerate(reports):
        if verdicts[index] is None:
            by_device.setdefault(device_id_of(report), []).append(index)
    return by_device
