"""Whatever an AMQP message is, it becomes a message, or says why it is illegible."""

import gzip
import uuid
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import proton
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from jms_transport import Destination, IncomingMessage
from jms_transport.amqp.mapping import incoming
from tests.examples import examples
from tests.neighbours.odd_amqp import encoded, with_data_sections

QUEUE = Destination.parse("queue://IEC20_PUSH")
XML = "<EventMessage>Zähler</EventMessage>"


def read(raw: bytes, most_bytes: int = 1 << 20) -> IncomingMessage:
    return incoming(raw, QUEUE, most_bytes)


def test_a_time_of_creation_that_does_not_exist_is_no_time() -> None:
    message = read(encoded(XML, creation_time=1.78e15))
    assert message.body == XML
    assert message.sent_at is None
    assert message.illegible is None
    ordinary = read(encoded(XML, creation_time=1_772_359_200.5))
    assert ordinary.sent_at == datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "ID:~~:1"},
        {"correlation_id": "c~~"},
        {"reply_to": "REPLY.~~"},
        {"subject": "~~"},
        {"user_id": b"~~"},
        {"properties": {"na~~me": "north"}},
        {"properties": {"name": "no~~rth"}},
        {"annotations": {proton.symbol("x-opt-jms-dest"): "~~"}},
        {"content_type": "text/xml; charset=~~"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_text_beside_the_body_that_is_no_utf_8_does_not_spoil_it(fields: dict[str, Any]) -> None:
    raw = encoded(XML, **fields)
    message = read(raw)
    assert message.body == XML
    assert message.illegible is None
    says_what_it_is(message, raw)


def test_text_that_is_no_utf_8_is_shown_with_escapes_so_that_it_stays_the_same() -> None:
    message = read(encoded(XML, id="ID:~~:1", properties={"network": "no~~rth"}))
    assert message.message_id == r"ID:\xc3(:1"
    assert message.properties == {"network": r"no\xc3(rth"}


def test_a_body_that_is_no_utf_8_comes_as_its_bytes() -> None:
    assert read(encoded("<a>~~</a>")).body == b"<a>\xc3(</a>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({b"\xff\x00": 1, "b": [1, {"c": None}]}, '{"ff00": 1, "b": [1, {"c": null}]}'),
        ({"time": proton.timestamp(1), "id": uuid.UUID(int=7)}, None),
        ([True, 1.5, "x", b"\x01"], '[true, 1.5, "x", "01"]'),
        ({"a": float("nan")}, '{"a": "nan"}'),
        ({"a~~": "b~~"}, '{"a\\\\xc3(": "b\\\\xc3("}'),
        (proton.symbol("name"), "name"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (17, "17"),
        (True, "True"),
        (None, ""),
    ],
    ids=repr,
)
def test_a_body_of_any_type_is_shown_as_text(body: Any, text: str | None) -> None:
    message = read(encoded(body))
    assert isinstance(message.body, str)
    assert message.illegible is None
    if text is not None:
        assert message.body == text


def test_a_binary_value_is_the_body() -> None:
    assert read(encoded(b"<a/>")).body == b"<a/>"


def test_a_sequence_is_shown_whole() -> None:
    sequence = encoded([1, "a"], in_data=True)
    assert read(sequence).body == '[1, "a"]'
    two = sequence + b"\x00\x53\x76\xc0\x03\x01\x54\x02"
    assert read(two).body == '[1, "a", 2]'


def test_lists_without_end_in_each_other_are_cut_off() -> None:
    nested: list[Any] = []
    for _ in range(200):
        nested = [nested]
    message = read(encoded(nested))
    assert "..." in str(message.body)
    assert message.illegible is None


def test_several_data_sections_are_one_body() -> None:
    raw = with_data_sections(encoded(b"<Event", in_data=True), b"Message", b"/>")
    assert read(raw).body == b"<EventMessage/>"


@pytest.mark.parametrize(
    ("given_id", "text"),
    [
        (b"\x01\xff", "01ff"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (proton.ulong(2**63), str(2**63)),
        ("ID:north-1", "ID:north-1"),
        (None, ""),
    ],
    ids=repr,
)
def test_an_id_of_any_type_is_the_same_text_each_time(given_id: Any, text: str) -> None:
    raw = encoded(XML, id=given_id, correlation_id=given_id)
    for message in (read(raw), read(raw)):
        assert message.message_id == text
        assert message.correlation_id == text


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
        ("identity", bytes),
    ],
    ids=["gzip", "x-gzip", "two members", "deflate", "bare deflate", "both", "identity"],
)
def test_a_packed_body_is_unpacked(coding: str, pack: Any) -> None:
    message = read(encoded(pack(XML.encode()), in_data=True, content_encoding=coding))
    assert message.body == XML.encode()
    assert message.illegible is None


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("gzip", gzip.compress(b"x" * 5000), "more than 1000 bytes"),
        ("gzip", gzip.compress(XML.encode())[:-9], "cut off"),
        ("gzip", b"no gzip", "broken"),
        ("gzip", gzip.compress(b"x") + b"junk", "broken"),
        ("deflate", b"\xff\xff\xff", "broken"),
        ("deflate", b"", "empty"),
        ("br", b"x", "'br' is not known"),
        ("gzip,gzip,gzip,gzip", b"x", "packed 4 times"),
    ],
    ids=[
        *("too large", "cut off", "no gzip", "junk behind it", "no deflate", "empty"),
        *("unknown coding", "too often"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_illegible_and_kept(
    coding: str, body: bytes, said: str
) -> None:
    raw = encoded(body, in_data=True, content_encoding=coding, id="ID:1")
    message = read(raw, 1000)
    assert message.illegible is not None
    assert message.illegible.reason == "CONTENT_ENCODING"
    assert said in message.illegible.detail
    assert message.illegible.kind == "amqp"
    assert message.body == raw
    assert message.message_id == "ID:1"


@pytest.mark.parametrize(
    ("content_type", "body", "read_as"),
    [
        ("text/xml; charset=ISO-8859-1", "Zähler".encode("latin-1"), "Zähler"),
        ('application/xml;charset="utf-8"', "Zähler".encode(), "Zähler"),
        ("text/xml; CharSet=windows-1252", "€".encode("cp1252"), "€"),
        ("text/xml; charset=utf-16le", "ä".encode("utf-16-le"), "ä"),
        ("text/xml", b"<a/>", b"<a/>"),
        ("text/xml; charset=klingon", b"<a/>", b"<a/>"),
        ("text/xml; charset=punycode", b"<a/>", b"<a/>"),
        ("text/xml; charset=utf-8", b"\xff", b"\xff"),
        ("text/xml; charset=iso-8859-1", b"\xef\xbb\xbf\xc3\xa4", b"\xef\xbb\xbf\xc3\xa4"),
    ],
)
def test_the_charset_of_the_content_type_is_honoured(
    content_type: str, body: bytes, read_as: str | bytes
) -> None:
    assert read(encoded(body, in_data=True, content_type=content_type)).body == read_as


@pytest.mark.parametrize(
    "raw", [b"", b"abc", b"\x00", b"\x00\x53\x77", b"\x00\x53\x99\x40", b"\x00\x53\x75\x41"]
)
def test_bytes_that_are_no_message_are_illegible_with_their_place(raw: bytes) -> None:
    message = read(raw)
    assert message.illegible is not None
    assert message.illegible.reason == "MESSAGE_MALFORMED"
    assert message.illegible.place.startswith("byte ")
    assert message.body == raw


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.uuids()
    | st.integers(-(2**63), 2**63 - 1).map(proton.timestamp)
    | st.integers(0, 2**64 - 1).map(proton.ulong)
    | st.text(alphabet=st.characters(codec="ascii")).map(proton.symbol)
    | st.just("half ~~ text"),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.text() | st.binary() | st.integers(0, 9), inside, max_size=4)
    ),
    max_leaves=12,
)
IDS = st.none() | st.text() | st.binary() | st.uuids() | st.just("~~")


def says_what_it_is(message: IncomingMessage, raw: bytes) -> None:
    """Whatever came: a body, or the bytes with a reason; and every text around it can be stored and sent."""
    if message.illegible is not None:
        assert message.body == raw
        assert message.illegible.reason
        assert message.illegible.detail
    texts = [message.message_id, message.correlation_id, message.reply_to]
    texts += [str(part) for pair in message.properties.items() for part in pair]
    for text in texts:
        assert text.encode() is not None
    assert message.delivery_count >= 1


FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "id": IDS,
    "correlation_id": IDS,
    "creation_time": st.integers(-(2**53), 2**53).map(float),
    "properties": st.dictionaries(st.text(), VALUES, max_size=3),
    "content_type": st.text(alphabet=st.characters(codec="ascii"), max_size=40),
    "content_encoding": st.sampled_from(["gzip", "deflate", "identity", "gzip,deflate"]),
    "delivery_count": st.integers(0, 2**32 - 1),
}


@given(body=VALUES, fields=st.fixed_dictionaries({}, optional=FIELDS))
@examples(300)
def test_a_message_of_any_values_is_read_or_illegible(body: Any, fields: dict[str, Any]) -> None:
    raw = encoded(body, in_data=isinstance(body, bytes), **fields)
    says_what_it_is(read(raw), raw)


@given(raw=st.binary(max_size=200))
@example(b"\x00\x53\x77\xa1\x01\xff")
@example(b"\x00\x53\x73\xc0\x04\x01\xa1\x01\xff")
@example(b"\x00\x53\x77\x73\xff\xff\xff\xff")  # a character that does not exist
@example(b"\x00\x00\x00\x53\x77\x40")
@examples(500)
def test_any_bytes_are_read_or_illegible(raw: bytes) -> None:
    says_what_it_is(read(raw), raw)


@given(data=st.data())
@examples(500)
def test_a_message_with_some_bytes_changed_is_read_or_illegible(data: st.DataObject) -> None:
    whole = with_data_sections(
        encoded(
            gzip.compress(XML.encode()),
            in_data=True,
            id="ID:north-1",
            correlation_id=b"\x01\x02",
            reply_to="REPLY",
            content_type="text/xml; charset=utf-8",
            content_encoding="gzip",
            creation_time=1_772_359_200,
            properties={"a": 1, "b": "x", "c": 1.5},
            annotations={proton.symbol("x-opt-jms-reply-to"): proton.byte(1)},
        ),
        b"more",
    )
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    says_what_it_is(read(cut), cut)


def test_a_defect_of_the_transport_spoils_that_message_alone() -> None:
    """As text it breaks the reader of bytes, in a way that nobody has thought of: it is kept, with the reason."""
    with capture_logs() as logs:
        message = incoming(cast("bytes", "no bytes"), QUEUE)
    assert message.illegible is not None
    assert message.illegible.reason == "MESSAGE_MALFORMED"
    assert message.illegible.detail == "TypeError in the transport"
    assert message.body == "no bytes"
    assert [entry["log_level"] for entry in logs] == ["error"]
