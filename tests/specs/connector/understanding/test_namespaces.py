"""Namespaces seen in the wild, none at all, and foreign ones."""

import pytest

from iec_connector.understanding import Configuration, Reason
from tests.specs.connector.understanding.samples import (
    event,
    event_of,
    events,
    message,
    meter_config,
    names,
    only,
    read,
    refused,
    source,
)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://iec.ch/TC57/2011/schema/message",
        "http://www.iec.ch/TC57/2011/schema/message",
        "http://www.iec.ch/TC57/2010/schema/message",
        "http://www.iec.ch/TC57/2008/schema/message",
        "http://xmlns.oracle.com/ouaf/iec",
        "http://www.isotrol.com/STG-CIDE/2013/MeterReadings#",
        "",
    ],
)
def test_each_namespace_seen_in_the_wild_is_taken(namespace: str) -> None:
    assert event_of(message(events(), namespace=namespace)).code == "3.26.0.85"


def test_prefixes_do_not_matter() -> None:
    body = (
        '<x1:EventMessage xmlns:x1="http://iec.ch/TC57/2011/schema/message" '
        'xmlns:y="http://iec.ch/TC57/2011/EndDeviceEvents#"><x1:Header><x1:Verb>created</x1:Verb>'
        "<x1:Noun>EndDeviceEvents</x1:Noun></x1:Header><x1:Payload><y:EndDeviceEvents><y:EndDeviceEvent>"
        "<y:createdDateTime>2026-02-28T09:15:00Z</y:createdDateTime><y:Assets><y:mRID>A1</y:mRID></y:Assets>"
        '<y:EndDeviceEventType ref="3.26.0.85"/></y:EndDeviceEvent></y:EndDeviceEvents></x1:Payload>'
        "</x1:EventMessage>"
    )
    assert only(read(body)).device_identifier == "A1"


def test_a_namespace_that_is_not_on_the_list_is_refused_and_named() -> None:
    unreadable = refused(message(events(), namespace="http://vendor.example/x"))
    assert unreadable.reason is Reason.NAMESPACE_NOT_ALLOWED
    assert "http://vendor.example/x" in unreadable.detail
    assert unreadable.place == "/EventMessage, line 1"


def test_a_source_may_allow_any_namespace() -> None:
    body = message(events(), namespace="http://vendor.example/x")
    assert event_of(body, source(namespaces=("*",))).code == "3.26.0.85"


def test_a_payload_in_a_foreign_namespace_is_refused_not_overlooked() -> None:
    payload = '<EndDeviceEvents xmlns="http://vendor.example/x"/>'
    unreadable = refused(message(payload))
    assert unreadable.reason is Reason.NAMESPACE_NOT_ALLOWED
    assert unreadable.place == "/EventMessage/Payload/EndDeviceEvents, line 1"


def test_one_event_in_a_foreign_namespace_is_a_problem_not_overlooked() -> None:
    payload = events(event(), '<x:EndDeviceEvent xmlns:x="http://vendor.example/x"/>')
    understood = read(message(payload))
    assert len(understood.reports) == 1
    assert [problem.reason for problem in understood.problems] == [Reason.NAMESPACE_NOT_ALLOWED]


def test_foreign_extensions_inside_of_a_meter_say_nothing() -> None:
    meter = (
        f'{names()}<v:serialNumber xmlns:v="http://vendor.example/x">other</v:serialNumber>'
        '<v:deviceState xmlns:v="http://vendor.example/x">ERROR</v:deviceState>'
    )
    content = only(read(message(meter_config(meter), noun="MeterConfig"))).content
    assert isinstance(content, Configuration)
    assert (content.serial_number, content.status) == ("100200300", "")


def test_a_payload_in_the_messages_own_namespace_is_taken() -> None:
    inside = events().replace(' xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#"', "")
    assert event_of(message(inside)).code == "3.26.0.85"
