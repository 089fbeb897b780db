"""Laws of understanding that hold for anything that may arrive."""

from __future__ import annotations

import copy

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import Understood, Unreadable, understand
from iec_connector.understanding.element import namespace
from tests.examples import examples
from tests.specs.connector.understanding.samples import (
    MESSAGES,
    NORTH,
    NOW,
    compressed,
    events,
    message,
    meter_config,
    readings,
    source,
)

_SAMPLES = [path.read_bytes() for path in sorted(MESSAGES.iterdir())]
_SAMPLES.append(message(compressed(events())).encode())
_PIECES = [
    b"<",
    b">",
    b"</",
    b"/>",
    b"?",
    b"&",
    b'"',
    b"\0",
    b"\xff",
    b"<!--",
    b"]]>",
    b"<Names>",
    b"<ID>1</ID>",
]
_PIECES += [
    b"1970-01-01",
    b"9999-12-31T23:59:59Z",
    b"<Compressed>H4sI</Compressed>",
    b"<Meter/>",
    b"deleted",
    b"get",
]


def settle(body: str | bytes) -> Understood | None:
    try:
        understood = understand(body, NORTH, received_at=NOW)
    except Unreadable as unreadable:
        found = unreadable
    else:
        return check(understood)
    assert found.reason
    assert found.detail
    return None


def check(understood: Understood) -> Understood:
    assert understood.reports or (understood.passed_over and not understood.problems)
    for report in understood.reports:
        assert report_to_wire(report).WhichOneof("content")
        assert 1 <= len(report.device_identifier) <= 128
        assert "/" not in report.device_identifier
    return understood


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"<?xml version='1.0' encoding='utf-16'")
def test_any_bytes_are_understood_or_refused(body: bytes) -> None:
    settle(body)


@given(st.text(max_size=300))
@example("\ud800<a/>")
def test_any_text_is_understood_or_refused(body: str) -> None:
    settle(body)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from(_SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 80)))
        piece = draw(
            st.one_of(st.sampled_from(_PIECES), st.binary(max_size=6), st.just(body[start:end] * 2))
        )
        body = body[:start] + piece + body[end:]
    return body


@given(mutated())
def test_any_damaged_message_is_understood_or_refused(body: bytes) -> None:
    settle(body)
    settle(body.decode("latin-1"))


_TAGS = [
    "EventMessage",
    "Message",
    "Header",
    "Verb",
    "Noun",
    "Payload",
    "MeterConfig",
    "Meter",
    "Names",
    "name",
]
_TAGS += [
    "NameType",
    "EndDeviceEvents",
    "EndDeviceEvent",
    "createdDateTime",
    "Assets",
    "mRID",
    "ID",
    "OperationSet",
]
_TAGS += [
    "MeterReadings",
    "MeterReading",
    "Readings",
    "timeStamp",
    "MasterDataLinkageConfig",
    "UsagePoint",
    "status",
]
_TAGS += [
    "Operation",
    "EndDeviceEventType",
    "Envelope",
    "Body",
    "Fault",
    "Reply",
    "Compressed",
    "PublishEvent",
    "Foo",
]
_VALUES = st.sampled_from(
    ["", "?", "1", "created", "MeterConfig", "2026-02-28T09:15:00Z", "3.26.0.85", "a/b", "<x/>"]
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> str:
    tag = draw(st.sampled_from(_TAGS))
    children = draw(st.lists(trees(depth=depth + 1), max_size=4)) if depth < 5 else []
    attribute = draw(
        st.sampled_from(["", ' ref="3.26.0.85"', ' xmlns="http://vendor.example/x"', ' xmlns=""'])
    )
    return f"<{tag}{attribute}>{''.join(children) or draw(_VALUES)}</{tag}>"


@given(trees())
def test_any_tree_of_known_elements_is_understood_or_refused(body: str) -> None:
    settle(body)


_SHAPES = [
    *_SAMPLES[:-1],
    *(
        f'<{root} xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>{verb}</Verb><Noun>x</Noun>'
        f"<Timestamp>2026-03-01T10:00:00Z</Timestamp></Header>{{}}<Payload>{payload}</Payload></{root}>".format(
            "<Reply><Result>PARTIAL</Result><Error><code>2.1</code><level>FATAL</level><ID>1</ID>"
            "<xpath>//Meter[2]</xpath><operationId>1</operationId></Error></Reply>"
            if root == "ResponseMessage"
            else ""
        ).encode()
        for root, verb in (
            ("ResponseMessage", "reply"),
            ("RequestMessage", "create"),
            ("Message", "closed"),
        )
        for payload in (
            events(),
            meter_config("<serialNumber>1</serialNumber>", "<serialNumber>2</serialNumber>"),
            readings(
                "<Meter><mRID>1</mRID></Meter><Readings><timeStamp>2026-03-01T09:00:00Z</timeStamp><value>1</value>"
                '<ReadingQualities><ReadingQualityType ref="2.8.0"/></ReadingQualities></Readings>'
            ),
            (
                "<OperationSet><Operation><operationId>1</operationId><verb>delete</verb>"
                f"{meter_config('<mRID>1</mRID>')}</Operation></OperationSet>"
            ),
        )
    ),
]
_SNIPPETS = [
    *(
        "<Reply><Result>FAILED</Result></Reply>",
        "<Reply><Result>PARTIAL</Result><Error><ID>1</ID></Error></Reply>",
    ),
    *(
        "<Error><xpath>//*[@x='1']/a:b[2]</xpath></Error>",
        "<Compressed>true</Compressed>",
        "<ID>1</ID>",
    ),
    *(
        "<EndDeviceEventDetails><value><a><b>1</b></a></value></EndDeviceEventDetails>",
        "<Request/>",
    ),
    *(
        "<EndDeviceEventType ref='T1'/>",
        "<EndDeviceEventType><mRID>T1</mRID><type>3</type></EndDeviceEventType>",
    ),
    *(
        "<ReadingQualityType><mRID>Q</mRID><category>8</category></ReadingQualityType>",
        "<value>n/a</value>",
    ),
    *(
        "<status><dateTime>n/a</dateTime><value>Active</value></status>",
        "<timePeriod><end>2000</end></timePeriod>",
    ),
    "<ConfigurationEvents><effectiveDateTime>2000-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>",
]
_TEXT_VALUES = [
    *(
        "",
        "?",
        "FAILED",
        "PARTIAL",
        "OK",
        "0.3",
        "delete",
        "get",
        "execute",
        "closed",
        "n/a",
        "T1",
        "2.8.0",
    ),
    *(
        "1970-01-01",
        "2000-01-01T00:00:01Z",
        "/",
        "//Meter[999999999999]",
        "[",
        "a" * 300,
        "EndDeviceControls",
    ),
]
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@st.composite
def reshaped(draw: st.DrawFn) -> bytes:
    """A real shape with elements taken out, doubled, moved, renamed, emptied, or put in."""
    root = etree.fromstring(draw(st.sampled_from(_SHAPES)))
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter("*"))
        element = elements[draw(st.integers(0, len(elements) - 1))]
        space = namespace(str(element.tag))
        match draw(st.sampled_from(["out", "twice", "move", "name", "text", "in", "nil"])):
            case "out" if element is not root:
                element.getparent().remove(element)  # type: ignore[union-attr]
            case "twice" if element is not root and len(elements) < 300:
                element.addnext(copy.deepcopy(element))
            case "move":
                onto = elements[draw(st.integers(0, len(elements) - 1))]
                onto.append(copy.deepcopy(element)) if len(elements) < 300 else None
            case "name":
                element.tag = (f"{{{space}}}" if space else "") + draw(st.sampled_from(_TAGS))
            case "text":
                element.text = draw(st.sampled_from(_TEXT_VALUES))
            case "in":
                element.append(etree.fromstring(draw(st.sampled_from(_SNIPPETS))))
            case _:
                element.set(_NIL, "true")
    return etree.tostring(root)


@examples(300)
@given(reshaped())
def test_any_message_whose_elements_are_mixed_up_is_understood_or_refused(body: bytes) -> None:
    settle(body)


@given(st.sampled_from(_SHAPES), st.sampled_from(["FAILED", "Failure", "rejected"]))
def test_no_message_with_a_failed_reply_is_ever_a_fact(shape: bytes, result: str) -> None:
    root = etree.fromstring(shape)
    headers = root.xpath("//*[translate(local-name(), 'HP', 'hp')='header' and ../*]")
    assert isinstance(headers, list)
    header = headers[-1]
    assert isinstance(header, etree._Element)
    reply = etree.fromstring(f"<Reply><Result>{result}</Result></Reply>")
    header.addnext(reply)
    assert settle(etree.tostring(root)) is None


@given(st.integers(0, 6), st.integers(1, 6))
def test_no_part_is_swallowed(bad: int, good: int) -> None:
    one = (
        "<EndDeviceEvent><createdDateTime>2026-02-28T09:15:00Z</createdDateTime>{}</EndDeviceEvent>"
    )
    parts = [one.format("")] * bad
    parts += [
        one.format('<Assets><mRID>1</mRID></Assets><EndDeviceEventType ref="3.26.0.85"/>')
    ] * good
    understood = understand(message(events(*parts)), source(), received_at=NOW)
    assert (len(understood.reports), len(understood.problems)) == (good, bad)
    indexes = [r.origin.index for r in understood.reports] + [p.index for p in understood.problems]
    assert sorted(indexes) == list(range(bad + good))
