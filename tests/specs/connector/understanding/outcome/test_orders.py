"""Orders and questions: what somebody wants to be done has not happened."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Configuration, Contact, Reason
from tests.specs.connector.understanding.samples import (
    OF_RECORD,
    compressed,
    events,
    header,
    linkage,
    message,
    meter_config,
    names,
    only,
    read,
    readings,
    refused,
)

LINK = linkage(f"<Meter>{names()}</Meter><UsagePoint><mRID>UP-1</mRID></UsagePoint>")
CONFIG = meter_config(names())


@pytest.mark.parametrize("root", ["RequestMessage", "Message", "CreateMeterConfig"])
@pytest.mark.parametrize("verb", ["create", "CHANGE", "delete", "close", "cancel"])
@pytest.mark.parametrize("payload", [CONFIG, LINK, "<ID>S1</ID>"])
def test_a_configuration_that_is_asked_for_is_no_fact(root: str, verb: str, payload: str) -> None:
    unreadable = refused(message(payload, verb=verb, noun="MeterConfig", root=root))
    assert unreadable.reason is Reason.NOT_A_REPORT
    assert "order" in unreadable.detail


@pytest.mark.parametrize("root", ["RequestMessage", "Message", "EventMessage", "CreateMeterConfig"])
def test_what_is_told_in_the_past_tense_has_happened(root: str) -> None:
    assert only(read(message(CONFIG, verb="created", noun="MeterConfig", root=root)))


@pytest.mark.parametrize("verb", ["create", "Change", "delete"])
def test_an_event_message_in_the_imperative_is_an_event(verb: str) -> None:
    content = only(read(message(CONFIG, verb=verb, noun="MeterConfig"))).content
    assert isinstance(content, Configuration)
    assert content.removal == (verb == "delete")


def test_the_ids_of_a_request_are_no_removal() -> None:
    body = f"<RequestMessage>{header('delete', 'MeterConfig')}<Request><ID>S1</ID></Request></RequestMessage>"
    assert refused(body).reason is Reason.NOT_A_REPORT


def test_operations_that_are_to_be_executed_are_orders_and_those_executed_are_facts() -> None:
    operation = f"<Operation><noun>MeterConfig</noun><verb>delete</verb>{CONFIG}</Operation>"
    payload = f"<OperationSet>{operation}</OperationSet>"
    arguments = {"noun": "OperationSet", "root": "RequestMessage"}
    assert refused(message(payload, verb="execute", **arguments)).reason is Reason.NOT_A_REPORT
    content = only(read(message(payload, verb="executed", **arguments))).content
    assert isinstance(content, Configuration)
    assert content.removal


def test_a_query_among_operations_or_inside_of_a_message_is_none() -> None:
    operation = f"<Operation><noun>MeterConfig</noun><verb>get</verb>{CONFIG}</Operation>"
    payload = f"<OperationSet>{operation}</OperationSet>"
    assert (
        refused(message(payload, verb="executed", noun="OperationSet")).reason
        is Reason.NOT_A_REPORT
    )
    inner = message(CONFIG, verb="delete", noun="MeterConfig", root="RequestMessage")
    assert refused(message(compressed(inner), noun="MeterConfig")).reason is Reason.NOT_A_REPORT


def test_a_source_of_record_publishes_by_requests() -> None:
    body = message(CONFIG, verb="create", noun="MeterConfig", root="RequestMessage")
    assert only(read(body, OF_RECORD)).device_identifier == "100200300"
    asked = message(CONFIG, verb="get", noun="MeterConfig", root="RequestMessage")
    assert refused(asked, OF_RECORD).reason is Reason.NOT_A_REPORT


@pytest.mark.parametrize("verb", ["create", "created", "Create"])
def test_an_event_in_a_request_has_happened(verb: str) -> None:
    assert only(read(message(events(), verb=verb, root="RequestMessage")))


def test_an_event_that_is_to_be_closed_has_not_ended() -> None:
    body = message(events(), verb="close", root="RequestMessage")
    assert refused(body).reason is Reason.NOT_A_REPORT


def test_values_in_a_request_were_measured_and_a_reading_without_is_a_question() -> None:
    meter = f"<Meter>{names()}</Meter>"
    arguments = {"verb": "create", "noun": "MeterReadings", "root": "RequestMessage"}
    told = message(readings(f"{meter}<Readings><value>1</value></Readings>"), **arguments)
    assert only(read(told)).content == Contact(reading_count=1)
    asked = refused(
        message(readings(f'{meter}<Readings><ReadingType ref="0"/></Readings>'), **arguments)
    )
    assert (asked.reason, "question" in asked.detail) == (Reason.NOT_A_REPORT, True)
