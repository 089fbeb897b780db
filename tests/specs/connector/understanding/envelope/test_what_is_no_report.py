"""Messages that are well formed and report nothing: requests, replies, faults, tests, and what is no message."""

import pytest

from iec_connector.understanding import Reason
from tests.specs.connector.understanding.samples import (
    events,
    header,
    message,
    readings,
    refused,
)


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
        (message("<EndDeviceControls/>", noun="EndDeviceControls"), Reason.PAYLOAD_MISSING),
        (message("<Weather/>", noun="Weather"), Reason.NOUN_UNKNOWN),
        (f"<EventMessage>{header(noun='Weather')}</EventMessage>", Reason.NOUN_UNKNOWN),
        (message(readings(), verb="deleted"), Reason.NOT_A_REPORT),
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


def test_a_soap_fault_tells_the_errors_in_its_detail() -> None:
    reply = "<Reply><Result>FAILED</Result><Error><code>2.4</code><details>no meter</details></Error></Reply>"
    fault = (
        "<s:Fault><faultcode>s:Client</faultcode><detail><MeterConfigFaultMessage>"
        f"{reply}</MeterConfigFaultMessage></detail></s:Fault>"
    )
    body = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{fault}</s:Body></s:Envelope>'
    unreadable = refused(body)
    assert unreadable.reason is Reason.FAULT_MESSAGE
    assert unreadable.detail == "a SOAP fault: s:Client, FAILED; 2.4 no meter"


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
