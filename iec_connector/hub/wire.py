"""Translates reports into the hub's contract. The only place where the connector knows both shapes."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

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
    from collections.abc import Iterable

    from iec_connector.understanding import Origin, Report
    from iec_connector.understanding.identifiers import Identifier


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What becomes a message inside of another: written into it directly, where a message would be copied. The stubs of
# protobuf want a message there, so the types of fields end at `Any`.
_Fields = dict[str, Any]


def report_to_wire(report: Report) -> report_pb2.Report:
    """The message of ``report``; field by field the same, as far as the hub takes it (`fitted`)."""
    said = report.content
    content: _Fields
    match said:
        case Configuration():
            content = {"configuration": _configuration(said)}
        case DeviceEvent():
            content = {"event": _event(said)}
        case Linkage():
            content = {"linkage": {**_said(said, _LINKAGE_TEXTS), "change": _CHANGES[said.change]}}
        case Contact():
            # Set even when it is 0: without it the report would have no content.
            content = {"contact": {"reading_count": said.reading_count}}
        case ControlOutcome():
            content = {"control": _control(said)}
        case _:
            assert_never(said)
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
        **content,
    )
    return fitted(wire)


def _identifier(each: Identifier) -> Any:
    return {"scheme": each.scheme, "value": each.value, "identifies": each.identifies}


def _timestamp(at: datetime | None) -> Any:
    if at is None:
        return None
    since = at - _EPOCH
    return {
        "seconds": since.days * 86_400 + since.seconds,
        "nanos": since.microseconds * 1_000,
    }


def _said(content: object, names: Iterable[str]) -> _Fields:
    """The fields of these names that are not empty; both shapes have the same names."""
    return {name: value for name in names if (value := getattr(content, name))}


def _origin(origin: Origin) -> Any:
    return {
        "source": origin.source,
        "message_id": origin.message_id,
        "correlation_id": origin.correlation_id,
        "verb": origin.verb,
        "noun": origin.noun,
        "message_time": _timestamp(origin.message_at),
        "index": origin.index,
    }


def _configuration(said: Configuration) -> _Fields:
    return {
        **_said(said, _CONFIGURATION_FIELDS),
        "lifecycle": _LIFECYCLES[said.lifecycle],
        "switch_state": _SWITCH_STATES[said.switch_state],
    }


def _event(said: DeviceEvent) -> _Fields:
    return {**_said(said, _EVENT_FIELDS), "meaning": _MEANINGS[said.meaning]}


def _control(said: ControlOutcome) -> _Fields:
    return {**_said(said, _CONTROL_FIELDS), "outcome": _OUTCOMES[said.outcome]}


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
_CONFIGURATION_FIELDS = tuple(
    field.name for field in fields(Configuration) if field.name not in ("lifecycle", "switch_state")
)
_EVENT_FIELDS = tuple(field.name for field in fields(DeviceEvent) if field.name != "meaning")
_LINKAGE_TEXTS = tuple(field.name for field in fields(Linkage) if field.name != "change")
_CONTROL_FIELDS = tuple(field.name for field in fields(ControlOutcome) if field.name != "outcome")
