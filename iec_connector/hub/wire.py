"""Translates reports into the hub's contract. The only place where the connector knows both shapes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, assert_never

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import report_pb2

from iec_connector.hub.fitting import fitted
from iec_connector.understanding import (
    Configuration,
    Contact,
    ControlOutcome,
    DeviceEvent,
    Lifecycle,
    Linkage,
    LinkageChange,
    Meaning,
    Outcome,
    SwitchState,
)

if TYPE_CHECKING:
    from datetime import datetime

    from iec_connector.understanding import Origin, Report
    from iec_connector.understanding.identifiers import Identifier


def _identifier(each: Identifier) -> report_pb2.Identifier:
    return report_pb2.Identifier(scheme=each.scheme, value=each.value, identifies=each.identifies)


def report_to_wire(report: Report) -> report_pb2.Report:
    """The message of ``report``; field by field the same, as far as the hub takes it (`fitted`)."""
    wire = report_pb2.Report(
        report_id=report.report_id,
        network=report.network,
        device_identifier=report.device_identifier,
        received_time=_timestamp(report.received_at),
        occurred_time=_timestamp(report.occurred_at),
        stated_time=_timestamp(report.stated_at),
        zone_assumed=report.zone_assumed,
        said_time=_timestamp(report.said_at),
        plan_withdrawn=report.plan_withdrawn,
        origin=_origin(report.origin),
        identifiers=map(_identifier, report.identifiers),
        nil_identifiers=map(_identifier, report.nil_identifiers),
    )
    match report.content:
        case Configuration() as configuration:
            wire.configuration.CopyFrom(_configuration(configuration))
        case DeviceEvent() as event:
            wire.event.CopyFrom(_event(event))
        case Linkage() as linkage:
            wire.linkage.change = _CHANGES[linkage.change]
            wire.linkage.usage_point = linkage.usage_point
            wire.linkage.area = linkage.area
            wire.linkage.parent = linkage.parent
        case Contact() as contact:
            # Set even when it is 0: without it the report would have no content.
            wire.contact.SetInParent()
            wire.contact.reading_count = contact.reading_count
        case ControlOutcome() as control:
            wire.control.CopyFrom(_control(control))
        case _:
            assert_never(report.content)
    return fitted(wire)


def _timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(at)
    return timestamp


def _origin(origin: Origin) -> report_pb2.Origin:
    return report_pb2.Origin(
        source=origin.source,
        message_id=origin.message_id,
        correlation_id=origin.correlation_id,
        verb=origin.verb,
        noun=origin.noun,
        message_time=_timestamp(origin.message_at),
        index=origin.index,
    )


def _configuration(said: Configuration) -> report_pb2.Configuration:
    return report_pb2.Configuration(
        lifecycle=_LIFECYCLES[said.lifecycle],
        **{name: getattr(said, name) for name in _TEXTS},
        names=said.names,
        switch_state=_SWITCH_STATES[said.switch_state],
        life_dates=said.life_dates,
        removal=said.removal,
    )


def _event(said: DeviceEvent) -> report_pb2.DeviceEvent:
    return report_pb2.DeviceEvent(
        code=said.code,
        meaning=_MEANINGS[said.meaning],
        code_name=said.code_name,
        severity=said.severity,
        reason=said.reason,
        event_mrid=said.event_mrid,
        issuer_tracking_id=said.issuer_tracking_id,
        details=said.details,
        firmware_version=said.firmware_version,
        usage_point=said.usage_point,
        author=said.author,
        remark=said.remark,
        status=said.status,
        latitude=said.latitude,
        longitude=said.longitude,
        ended=said.ended,
    )


def _control(said: ControlOutcome) -> report_pb2.ControlOutcome:
    return report_pb2.ControlOutcome(
        outcome=_OUTCOMES[said.outcome],
        code=said.code,
        code_name=said.code_name,
        action=said.action,
        control_mrid=said.control_mrid,
        issuer_tracking_id=said.issuer_tracking_id,
        author=said.author,
        status=said.status,
        reason=said.reason,
        remark=said.remark,
        details=said.details,
    )


# By name, so that a value that one side has and the other has not is noticed when this file is imported.
_LIFECYCLES = {each: report_pb2.Lifecycle.Value(f"LIFECYCLE_{each.name}") for each in Lifecycle}
_SWITCH_STATES = {
    each: report_pb2.SwitchState.Value(f"SWITCH_STATE_{each.name}") for each in SwitchState
}
_MEANINGS = {each: report_pb2.Meaning.Value(f"MEANING_{each.name}") for each in Meaning}
_OUTCOMES = {
    each: report_pb2.ControlOutcome.Outcome.Value(f"OUTCOME_{each.name}") for each in Outcome
}
_CHANGES = {each: report_pb2.Linkage.Change.Value(f"CHANGE_{each.name}") for each in LinkageChange}
_TEXTS = tuple(field.name for field in fields(Configuration) if type(field.default) is str)
