"""Who gets an answer, and what it says."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from iec_connector.reading.reading import RefusedPart, Result
from iec_connector.replies.response import reply_destination, response
from iec_connector.understanding import Header, Understood

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
NAMESPACE = "{http://iec.ch/TC57/2011/schema/message}"
ALLOWED = ("queue://IEC20_OUT_north", "queue://REPLY.*")


def header(**said: str) -> Header:
    return Header(verb="created", noun="EndDeviceEvents", ack_required=True, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "jms_reply_to", "expected"),
    [
        ("queue://IEC20_OUT_north", "", "queue://IEC20_OUT_north"),
        ("IEC20_OUT_north", "", "queue://IEC20_OUT_north"),
        ("", "queue://REPLY.HES", "queue://REPLY.HES"),
        ("NONE", "queue://REPLY.HES", "queue://REPLY.HES"),
        ("queue://ELSEWHERE", "queue://REPLY.HES", "queue://REPLY.HES"),
        ("Default", "", None),
        ("?", "", None),
        ("", "", None),
        ("http://169.254.169.254/latest", "", None),
        ("queue://IEC20_OUT_north.EVIL", "", None),
        ("queue://IEC20_OUT_north?consumer.prefetchSize=1", "", None),
        ("topic://IEC20_OUT_north", "", None),
        ("", "temp-queue://ID:hes-1", None),
    ],
)
def test_only_an_address_that_the_configuration_allows_is_used(
    address: str, jms_reply_to: str, expected: str | None
) -> None:
    found = reply_destination(header(reply_address=address), jms_reply_to, ALLOWED)
    assert (found.address if found else None) == expected


def answer(*refused: RefusedPart, taken: int, **said: str) -> etree._Element:
    understood = Understood(header=header(**said), network="north", reports=())
    result = Result(found=understood, taken_count=taken, refused=refused)
    message = response(understood.header, result, AT)
    assert message.correlation_id == (said.get("message_id") or said.get("correlation_id", ""))
    return etree.fromstring(str(message.body).encode())


def text(root: etree._Element, path: str) -> str | None:
    return root.findtext("/".join(NAMESPACE + step for step in path.split("/")))


def test_everything_taken_is_ok_and_names_the_message_it_answers() -> None:
    root = answer(taken=3, message_id="m-17")
    assert root.tag == f"{NAMESPACE}ResponseMessage"
    assert text(root, "Header/Verb") == "reply"
    assert text(root, "Header/Noun") == "EndDeviceEvents"
    assert text(root, "Header/Timestamp") == "2026-03-01T10:00:00.000Z"
    assert text(root, "Header/CorrelationID") == "m-17"
    assert text(root, "Reply/Result") == "OK"
    assert text(root, "Reply/Error") is None


def test_without_a_message_id_the_caller_s_correlation_id_is_echoed() -> None:
    assert text(answer(taken=1, correlation_id="1001"), "Header/CorrelationID") == "1001"


PART = RefusedPart(index=2, reason="TIME_INVALID", detail="year <10000>\x00", place="/a[3]")


def test_some_parts_refused_is_partial_with_one_error_per_part() -> None:
    root = answer(PART, PART, taken=1, message_id="m-17")
    assert text(root, "Reply/Result") == "PARTIAL"
    assert len(root.findall(f".//{NAMESPACE}Error")) == 2
    assert text(root, "Reply/Error/code") == "TIME_INVALID"
    assert text(root, "Reply/Error/details") == "part 2: year <10000>\ufffd"
    assert text(root, "Reply/Error/xpath") == "/a[3]"


def test_nothing_taken_is_failed() -> None:
    assert text(answer(PART, taken=0, message_id="m-17"), "Reply/Result") == "FAILED"
