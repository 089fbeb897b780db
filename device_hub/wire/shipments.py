"""Translates shipments of the contract into commands for the device. Admits only facts that a file can know."""

from typing import Final

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.device.attributes import check_place
from device_hub.device.commands import Ship
from device_hub.wire.reports import report_facts

# A caller that acts as smoc_service must not be able to remove a meter, or to act as a head-end system.
SHIPPED_WORDS: Final = (
    "serial_number",
    "utility_number",
    "mrid",
    "model",
    "manufacturer",
    "communication_technology",
    "lot_number",
    "area",
    "latitude",
    "longitude",
)
_SOURCE: Final = "import:"


def shipment_fault_of(report: Report) -> Verdict | None:
    """Return the verdict on a well formed report that no shipment file can make, or None."""
    if report.WhichOneof("content") != "configuration":
        return _refused(report, "content: a shipment is a configuration, and nothing else")
    for field, _ in report.configuration.ListFields():
        if field.name not in SHIPPED_WORDS:
            return _refused(report, f"configuration.{field.name}: no shipment file says that")
    if not report.origin.source.startswith(_SOURCE):
        return _refused(report, f'origin.source: does not begin with "{_SOURCE}"')
    return None


def shipped_attributes(report: Report) -> dict[str, str]:
    return {field.name: str(text) for field, text in report.configuration.ListFields()}


def to_ship(report: Report) -> Ship:
    """Return the device's command; the report has no fault.

    Raises TimeOutOfRange, and Refused(ARGUMENT_INVALID) for invalid coordinates.
    """
    attributes = shipped_attributes(report)
    check_place(attributes)
    return Ship(facts=report_facts(report), attributes=attributes)


def _refused(report: Report, detail: str) -> Verdict:
    return Verdict(
        report_id=report.report_id,
        outcome=Verdict.OUTCOME_REFUSED,
        reason=ErrorReason.ERROR_REASON_ARGUMENT_INVALID,
        detail=detail,
    )
