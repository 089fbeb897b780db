"""A row of a shipment file as a report to device_hub, and the row's result by the hub's verdict."""

from collections.abc import Mapping
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict as HubVerdict
from meterpark.device_hub.v1.report_pb2 import Configuration, Origin, Report

from smoc_service.imports.core.shipment_import import Row, ShipmentImport, Verdict
from smoc_service.register.device import network_of

_DETAIL_AT_MOST: Final = 300
# A postponed row stays READY: it is sent again.
_VERDICTS: Final = {
    HubVerdict.OUTCOME_RECORDED: Verdict.IMPORTED,
    HubVerdict.OUTCOME_UNCHANGED: Verdict.UNCHANGED,
    HubVerdict.OUTCOME_REFUSED: Verdict.REFUSED,
}


def to_report(import_: ShipmentImport, row: Row) -> Report:
    """Return the same report however often the row is sent: its id is made of import and line."""
    told = Timestamp()
    told.FromDatetime(import_.run_at or import_.updated_at)
    return Report(
        report_id=f"import-{import_.import_id}-{row.line}",
        network=network_of(row.device_id),
        device_identifier=row.device_id.partition("/")[2],
        received_time=told,
        origin=Origin(source=f"import:{import_.import_id}", noun="Shipment", index=row.line),
        configuration=_configuration(row.attributes),
    )


def _configuration(attributes: Mapping[str, str]) -> Configuration:
    said = Configuration()
    for word, text in attributes.items():
        setattr(said, word, text)
    return said


def row_after(row: Row, verdict: HubVerdict) -> Row:
    return Row(
        line=row.line,
        device_id=row.device_id,
        verdict=_VERDICTS.get(verdict.outcome, Verdict.READY),
        detail=verdict.detail[:_DETAIL_AT_MOST],
    )
