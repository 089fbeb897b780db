"""A statement about a usage point goes to the device that is there, as the heads know it.

A head-end system may describe a usage point without its meter (UsagePointConfig). Nothing is guessed: where no device
is known, or several are, the report is refused, and the message waits in the quarantine for an operator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pymongo.errors import PyMongoError

from device_hub.wire.verdicts import postponed, told

# The scheme of an identifier that names no device, but where it is.
USAGE_POINT: Final = "usage_point"


class Places(Protocol):
    async def at(self, places: set[str]) -> dict[str, list[str]]:
        """Return which devices are at each place; a place is "<network>/<usage point>"."""
        ...


@dataclass(frozen=True, slots=True)
class UsagePoints:
    places: Places

    async def find(self, reports: Sequence[Report], verdicts: list[Verdict | None]) -> None:
        """Give each report about a usage point its device, or its verdict. One query; none without such reports."""
        about = {
            index: f"{report.network}/{report.device_identifier}"
            for index, report in enumerate(reports)
            if verdicts[index] is None and _is_about_a_place(report)
        }
        if not about:
            return
        try:
            found = await self.places.at(set(about.values()))
        except PyMongoError as error:
            for index in about:
                verdicts[index] = postponed(reports[index].report_id, told(error))
            return
        for index, place in about.items():
            devices = found.get(place, [])
            if len(devices) == 1:
                reports[index].device_identifier = devices[0].partition("/")[2]
                reports[index].ClearField("identifiers")
            else:
                verdicts[index] = _refused(reports[index], devices)


def _is_about_a_place(report: Report) -> bool:
    return bool(report.identifiers) and report.identifiers[0].scheme == USAGE_POINT


def _refused(report: Report, devices: Sequence[str]) -> Verdict:
    there = f"{len(devices)} devices are" if devices else "no device is"
    return Verdict(
        report_id=report.report_id,
        outcome=Verdict.OUTCOME_REFUSED,
        reason=ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
        detail=f"device_identifier: {there} known at usage point {report.device_identifier!r}",
    )
