"""Every envelope that real head-end systems use."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

import pytest

from iec_connector.understanding import Configuration, Meaning, Reason
from tests.specs.understanding.samples import (
    compressed,
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
    refused,
    source,
)


@pytest.mark.parametrize("root", ["EventMessage", "RequestMessage", "ResponseMessage", "Message"])
def test_each_root_of_the_standard_is_taken(root: str) -> None:
    assert event_of(message(events(), root=root)).meaning is Meaning.POWER_LOST


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


def test_a_payload_in_the_messages_own_namespace_is_taken() -> None:
    inside = events().replace(' xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#"', "")
    assert event_of(message(inside)).code == "3.26.0.85"


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


def test_comments_instructions_and_cdata_do_no_harm() -> None:
    body = message(
        events(
            event(
                device="<!-- the meter --><Assets><?hes x?><mRID>12<!-- odd -->34</mRID></Assets>",
                more="<reason><![CDATA[a < b]]></reason>",
            )
        )
    )
    report = only(read(body))
    assert report.device_identifier == "1234"
    assert event_of(body).reason == "a < b"


def test_a_payload_as_text_in_cdata_is_taken() -> None:
    assert event_of(message(f"<![CDATA[{events()}]]>")).code == "3.26.0.85"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.encode("latin-1"),
        lambda text: b'<?xml version="1.0" encoding="windows-1252"?>' + text.encode("cp1252"),
        lambda text: b'<?xml version="1.0" encoding="utf-16"?>' + text.encode(),
        lambda text: b"  \r\n<?xml version='1.0'?>\n" + text.encode(),
        lambda text: text.encode() + b"\0",
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: '<?xml version="1.0" encoding="ISO-8859-1"?>' + text,
        lambda text: '\n<?xml version="1.0" encoding="UTF-16" standalone="yes"?>\n' + text,
    ],
)
def test_every_encoding_says_the_same(encode: object) -> None:
    assert callable(encode)
    body = encode(message(events(event(more="<reason>Zürich</reason>"))))
    assert event_of(body).reason == "Zürich"


def test_a_compressed_payload_is_taken() -> None:
    assert event_of(message(compressed(events()) + "<Format>XML</Format>")).code == "3.26.0.85"


@pytest.mark.parametrize(
    "packed",
    [
        base64.encodebytes(gzip.compress(events().encode())).decode().replace("\n", "\n   "),
        base64.b64encode(gzip.compress(events().encode())).decode().rstrip("="),
        base64.b64encode(zlib.compress(events().encode())).decode(),
        base64.b64encode(events().encode()).decode(),
        base64.b64encode(gzip.compress(b"\xef\xbb\xbf" + events().encode())).decode(),
        base64.b64encode(gzip.compress(events().encode("utf-16"))).decode(),
        base64.b64encode(gzip.compress(message(events()).encode())).decode(),
        base64.b64encode(
            gzip.compress(events().encode()[:50]) + gzip.compress(events().encode()[50:])
        ).decode(),
    ],
)
def test_compressed_payloads_of_all_kinds_are_taken(packed: str) -> None:
    assert event_of(message(f"<Compressed>\n{packed}\n</Compressed>")).code == "3.26.0.85"


def test_a_uuencoded_payload_is_taken() -> None:
    data = gzip.compress(events().encode())
    lines = [
        binascii.b2a_uu(data[start : start + 45]).decode() for start in range(0, len(data), 45)
    ]
    text = "begin 644 payload.gz\n" + "".join(lines) + "`\nend\n"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    assert event_of(message(f"<Compressed>{escaped}</Compressed>")).code == "3.26.0.85"


def test_a_place_inside_of_a_compressed_payload_names_both_documents() -> None:
    unreadable = refused(
        message(compressed("<EndDeviceEvents>\n<EndDeviceEvent/>\n</EndDeviceEvents>"))
    )
    assert unreadable.place == (
        "/EventMessage/Payload/Compressed, line 1, inflated: /EndDeviceEvents/EndDeviceEvent, line 2"
    )


def test_an_operation_set_gives_the_reports_of_each_operation_in_order() -> None:
    understood = read_file("sap_operation_set.xml")
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


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"<RequestMessage>{header('get', 'MeterConfig')}</RequestMessage>", Reason.NOT_A_REPORT),
        (
            message("<GetMeterReadings><EndDevice/></GetMeterReadings>", verb="create", noun="x"),
            Reason.NOT_A_REPORT,
        ),
        (
            f"<ResponseMessage>{header('reply')}<Reply><Result>OK</Result></Reply></ResponseMessage>",
            Reason.NOT_A_REPORT,
        ),
        (f"<EventMessage>{header()}</EventMessage>", Reason.PAYLOAD_MISSING),
        (message(""), Reason.PAYLOAD_MISSING),
        (message("<EndDeviceEvents/>"), Reason.PAYLOAD_MISSING),
        ("<EventMessage><Header><Verb>created</Verb></Header></EventMessage>", Reason.NOUN_MISSING),
        (message("<EndDeviceControls/>", noun="EndDeviceControls"), Reason.NOUN_UNKNOWN),
        (message("<Weather/>", noun="Weather"), Reason.NOUN_UNKNOWN),
        (f"<EventMessage>{header(noun='Weather')}</EventMessage>", Reason.NOUN_UNKNOWN),
        (message(events(), verb="deleted"), Reason.NOT_A_REPORT),
        ("<html><body>502 Bad Gateway</body></html>", Reason.ENVELOPE_UNKNOWN),
        (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
            Reason.PAYLOAD_MISSING,
        ),
        (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>',
            Reason.ENVELOPE_UNKNOWN,
        ),
        (f"<Batch>{message(events())}{message(events())}</Batch>", Reason.ENVELOPE_UNKNOWN),
    ],
)
def test_what_is_no_report_is_refused_with_its_reason(body: str, reason: Reason) -> None:
    assert refused(body).reason is reason


def test_a_fault_message_says_what_the_other_side_complained_about() -> None:
    unreadable = refused(
        "<FaultMessage><Reply><Result>FAILED</Result><Error><code>2.4</code><level>FATAL</level>"
        "<reason>InvalidMeter</reason><details>no such meter</details></Error></Reply></FaultMessage>"
    )
    assert unreadable.reason is Reason.FAULT_MESSAGE
    assert unreadable.detail == "a fault: FAILED; 2.4 FATAL InvalidMeter no such meter"
    assert (
        refused("<MeterReadingsFaultMessage><Reply/></MeterReadingsFaultMessage>").reason
        is Reason.FAULT_MESSAGE
    )


@pytest.mark.parametrize(
    "fault",
    [
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>no route</faultstring></s:Fault>",
        "<s:Fault><s:Code><s:Value>s:Server</s:Value></s:Code><s:Reason><s:Text>no route</s:Text></s:Reason></s:Fault>",
    ],
)
def test_a_soap_fault_says_its_reason(fault: str) -> None:
    body = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{fault}</s:Body></s:Envelope>'
    unreadable = refused(body)
    assert unreadable.reason is Reason.FAULT_MESSAGE
    assert unreadable.detail == "a SOAP fault: s:Server, no route"


@pytest.mark.parametrize("context", ["PRODUCTION", "production", "", "?"])
def test_production_and_no_context_are_taken(context: str) -> None:
    assert read(message(events(), more=f"<Context>{context}</Context>")).reports


def test_a_message_of_a_test_system_is_refused_with_what_is_known_of_it() -> None:
    unreadable = refused(
        message(events(), more="<Context>TESTING</Context><MessageID>m-7</MessageID>")
    )
    assert unreadable.reason is Reason.CONTEXT_NOT_ACCEPTED
    assert (unreadable.verb, unreadable.noun, unreadable.message_id, unreadable.network) == (
        "created",
        "EndDeviceEvents",
        "m-7",
        "north",
    )


def test_the_brokers_id_stands_in_for_a_missing_message_id() -> None:
    understood = read(message(events(), more=""), broker_message_id="ID:broker-1")
    assert understood.reports[0].origin.message_id == "ID:broker-1"
    assert understood.header.message_id == ""
