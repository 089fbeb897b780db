"""Every envelope that real head-end systems use: roots, SOAP, typed messages, and where the payload lies."""

import pytest

from iec_connector.understanding import Configuration, Meaning
from tests.specs.connector.understanding.samples import (
    OF_RECORD,
    event,
    event_of,
    events,
    header,
    message,
    meter_config,
    names,
    only,
    read,
    read_file,
)


@pytest.mark.parametrize("root", ["EventMessage", "RequestMessage", "ResponseMessage", "Message"])
def test_each_root_of_the_standard_is_taken(root: str) -> None:
    assert event_of(message(events(), root=root)).meaning is Meaning.POWER_LOST


def test_lower_camel_case_of_oracle_with_placeholders_is_taken() -> None:
    understood = read_file("oracle_lower_camel.xml")
    report = only(understood)
    assert report.device_identifier == "TR-4711"
    assert report.zone_assumed
    assert understood.header.message_id == ""
    assert understood.header.ack_required
    assert understood.header.reply_address == "Default"
    assert understood.header.source == "TRILLIANT"


def test_a_typed_root_in_soap_11_is_taken() -> None:
    understood = read_file("connexo_meter_config.xml")
    assert only(understood).device_identifier == "05206810"
    assert understood.header.correlation_id == "corr-7"


def test_a_typed_root_in_soap_12_is_taken() -> None:
    report = only(read_file("connexo_event.xml"))
    assert report.device_identifier == "c8f0a6b2-63f6-4a52-9a5e-2c0e3c4f1d11"


def test_a_publish_event_of_the_abstract_wsdl_is_taken() -> None:
    understood = read_file("abstract_wsdl_publish_event.xml")
    assert only(understood).device_identifier == "AW8003092"
    assert understood.header.message_id == "p-1"


@pytest.mark.parametrize(
    ("root", "verb"),
    [
        ("CreatedEndDeviceEvents", "created"),
        ("CreateEndDeviceEvents", "create"),
        ("ChangedEndDeviceEvents", "changed"),
        ("SendEndDeviceEvents", "send"),
    ],
)
def test_a_typed_root_tells_verb_and_noun_when_the_header_does_not(root: str, verb: str) -> None:
    body = (
        f'<{root} xmlns="http://iec.ch/TC57/2011/EndDeviceEventsMessage"><Header/>'
        f"<Payload>{events()}</Payload></{root}>"
    )
    understood = read(body)
    assert (understood.header.verb, understood.header.noun) == (verb, "EndDeviceEvents")


def test_a_typed_response_with_a_payload_is_taken() -> None:
    body = (
        '<MeterConfigResponseMessage xmlns="http://iec.ch/TC57/2011/MeterConfigMessage">'
        + header("reply", "MeterConfig")
        + f"<Reply><Result>OK</Result><Error><code>0.0</code></Error></Reply><Payload>{meter_config(names())}</Payload>"
        "</MeterConfigResponseMessage>"
    )
    assert only(read(body)).device_identifier == "100200300"


def test_a_noun_without_envelope_is_taken() -> None:
    understood = read(meter_config(names()))
    assert only(understood).device_identifier == "100200300"
    assert understood.header.noun == "MeterConfig"


def test_a_payload_directly_under_the_root_is_taken() -> None:
    body = f"<EventMessage>{header()}{events()}</EventMessage>"
    assert event_of(body).code == "3.26.0.85"


def test_items_directly_in_the_payload_are_taken() -> None:
    understood = read(message(event() + event(device=f"<Assets>{names('2')}</Assets>")))
    assert [report.device_identifier for report in understood.reports] == ["100200300", "2"]


def test_elements_in_any_order_are_taken() -> None:
    body = (
        f"<EventMessage><Payload>{events()}</Payload><Header><MessageID>m-9</MessageID>"
        "<Noun>EndDeviceEvents</Noun><Source>s</Source><Revision>2.0</Revision><Verb>created</Verb></Header>"
        "</EventMessage>"
    )
    understood = read(body)
    assert understood.header.message_id == "m-9"
    assert understood.header.verb == "created"


def test_a_reply_inside_of_a_request_with_payload_does_no_harm() -> None:
    body = f"<RequestMessage>{header()}<Reply><Result>OK</Result></Reply><Payload>{events()}</Payload></RequestMessage>"
    assert event_of(body).code == "3.26.0.85"


@pytest.mark.parametrize(
    "noun",
    [
        "EndDeviceEvent",
        "SendEndDeviceEvents",
        "ENDDEVICEEVENTS",
        "end device events",
        "MeterReadings",
        "?",
    ],
)
def test_the_payload_tells_the_noun_whatever_the_header_says(noun: str) -> None:
    assert event_of(message(events(), noun=noun)).code == "3.26.0.85"


@pytest.mark.parametrize(
    "verb", ["created", "create", "CREATE", "Created", "changed", "CHANGE", "reply", ""]
)
def test_verbs_are_taken_in_any_case_and_tense(verb: str) -> None:
    assert event_of(message(events(), verb=verb)).code == "3.26.0.85"


def test_verb_and_noun_are_kept_as_written() -> None:
    understood = read(message(events(), verb="CREATE", noun="SendEndDeviceEvents"))
    origin = understood.reports[0].origin
    assert (origin.verb, origin.noun) == ("CREATE", "SendEndDeviceEvents")


def test_an_operation_set_gives_the_reports_of_each_operation_in_order() -> None:
    understood = read_file("sap_operation_set.xml", OF_RECORD)
    assert understood.problems == ()
    told = [
        (r.device_identifier, type(r.content).__name__, r.origin.verb) for r in understood.reports
    ]
    assert told == [
        ("SAP-100", "Configuration", "create"),
        ("SAP-100", "Linkage", "create"),
        ("SAP-099", "Configuration", "delete"),
    ]
    removed = understood.reports[2].content
    assert isinstance(removed, Configuration)
    assert removed.removal


def test_properties_are_kept() -> None:
    properties = read_file("taipower_readings.xml").header.properties
    assert properties == {"ReadingTypeGroup": "LP", "MessageIndex": "1/1"}


@pytest.mark.parametrize("context", ["PRODUCTION", "production", "", "?"])
def test_production_and_no_context_are_taken(context: str) -> None:
    assert read(message(events(), more=f"<Context>{context}</Context>")).reports


def test_the_brokers_id_stands_in_for_a_missing_message_id() -> None:
    understood = read(message(events(), more=""), broker_message_id="ID:broker-1")
    assert understood.reports[0].origin.message_id == "ID:broker-1"
    assert understood.header.message_id == ""
