"""Laws of understanding that hold for anything that may arrive."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from iec_connector.understanding import Understood, Unreadable, understand
from iec_connector.wire import report_to_wire
from tests.specs.understanding.samples import (
    MESSAGES,
    NORTH,
    NOW,
    compressed,
    events,
    message,
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
    assert understood.reports
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
