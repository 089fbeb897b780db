"""Reports as they leave for the hub: nothing is lost, nothing is added."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from meterpark.device_hub.v1 import report_pb2

from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import (
    Configuration,
    Contact,
    Content,
    DeviceEvent,
    Lifecycle,
    Linkage,
    LinkageChange,
    Meaning,
    Origin,
    Report,
    SwitchState,
)

AT = datetime(2026, 2, 28, 9, 15, 0, 123456, tzinfo=UTC)


def report(content: Content, **more: Any) -> Report:
    return Report(
        report_id="0" * 32,
        network="north",
        device_identifier="100200300",
        received_at=AT,
        origin=Origin(source="hes-north"),
        content=content,
        **more,
    )


def filled(kind: type[Any]) -> Any:
    """An instance whose texts are the names of their fields."""
    special: dict[str, Any] = {
        "lifecycle": Lifecycle.ERROR,
        "switch_state": SwitchState.DISCONNECTED,
        "meaning": Meaning.FAULT_CLEARED,
        "change": LinkageChange.UNLINKED,
        "names": {"MeterUniqueID": "M-1"},
        "life_dates": {"receivedDate": "2025-12-01"},
        "details": {"DeviceProtocolCode": "1.2.17"},
        "removal": True,
        "reading_count": 7,
    }
    return kind(**{each.name: special.get(each.name, each.name) for each in fields(kind)})


@pytest.mark.parametrize(
    ("content", "which"),
    [
        (filled(Configuration), "configuration"),
        (filled(DeviceEvent), "event"),
        (filled(Linkage), "linkage"),
        (filled(Contact), "contact"),
    ],
)
def test_every_field_of_a_content_arrives_under_its_name(content: Content, which: str) -> None:
    wire = report_to_wire(report(content))
    assert wire.WhichOneof("content") == which
    told = getattr(wire, which)
    assert {each.name for each in told.DESCRIPTOR.fields} == {each.name for each in fields(content)}
    for each in fields(content):
        said, value = getattr(told, each.name), getattr(content, each.name)
        if isinstance(value, str) and not isinstance(
            value, Lifecycle | SwitchState | Meaning | LinkageChange
        ):
            assert said == value
        elif isinstance(value, dict):
            assert dict(said) == value
        elif isinstance(value, bool) or each.name == "reading_count":
            assert said == value
    assert len(told.ListFields()) == len(fields(content))


def test_a_contact_without_readings_is_still_a_contact() -> None:
    assert report_to_wire(report(Contact())).WhichOneof("content") == "contact"


def test_enumerations_keep_their_names() -> None:
    wire = report_to_wire(report(DeviceEvent(code="3.26.0.85", meaning=Meaning.POWER_LOST)))
    assert wire.event.meaning == report_pb2.MEANING_POWER_LOST
    assert (
        report_to_wire(report(Configuration())).configuration.lifecycle
        == report_pb2.LIFECYCLE_UNSPECIFIED
    )
    assert len(report_pb2.Meaning.keys()) == len(Meaning)
    assert len(report_pb2.Lifecycle.keys()) == len(Lifecycle)
    assert len(report_pb2.SwitchState.keys()) == len(SwitchState)


def test_times_are_exact_and_absent_ones_stay_absent() -> None:
    wire = report_to_wire(report(Contact()))
    assert wire.received_time.ToDatetime(tzinfo=UTC) == AT
    assert not wire.HasField("occurred_time")
    assert not wire.origin.HasField("message_time")
    assert (
        report_to_wire(report(Contact(), occurred_at=AT)).occurred_time.ToDatetime(tzinfo=UTC) == AT
    )
