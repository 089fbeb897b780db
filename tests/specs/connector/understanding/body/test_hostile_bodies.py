"""Bodies that were made to do harm, or were never a message."""

from __future__ import annotations

import base64
import gzip
import zlib
from dataclasses import replace

import pytest

from iec_connector.understanding import Limits, Reason
from tests.specs.connector.understanding.samples import (
    NORTH,
    compressed,
    event,
    event_of,
    events,
    message,
    meter_config,
    names,
    read,
    refused,
    source,
)

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n + 1} "{f"&lol{n or str()};" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        LAUGHS,
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a PUBLIC "-//x" "http://attacker.example/x.dtd">',
        "<!DOCTYPE a>",
        "\n\n<!-- hello --> <?pi x?>\n<!DOCTYPE a>",
        '<?xml version="1.0"?><!-- <a> --><!DOCTYPE a>',
    ],
)
def test_any_document_type_is_refused_unread(prolog: str) -> None:
    for body in (
        prolog + message(events()),
        (prolog + message(events())).encode("utf-16"),
    ):
        assert refused(body).reason is Reason.DTD_FORBIDDEN


def test_a_document_type_inside_of_a_compressed_payload_is_refused() -> None:
    unreadable = refused(message(compressed(LAUGHS + events())))
    assert unreadable.reason is Reason.DTD_FORBIDDEN
    assert unreadable.place == "/EventMessage/Payload/Compressed, line 1, inflated: line 1"


def test_the_word_doctype_in_a_text_does_no_harm() -> None:
    more = "<reason><![CDATA[<!DOCTYPE x>]]></reason><!-- <!DOCTYPE y> -->"
    assert event_of(message(events(event(more=more)))).reason == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    "body", ["", "   \n", b"", b"\n\t ", "\ufeff", b"\xef\xbb\xbf", b"\0\0", b"\xff\xfe"]
)
def test_an_empty_body_is_told_as_such(body: str | bytes) -> None:
    assert refused(body).reason is Reason.EMPTY_BODY


@pytest.mark.parametrize(
    "body",
    [
        "hello",
        '{"device": "100200300"}',
        message(events())[:-20],
        message(events()).replace("</Header>", ""),
        message(events()) + message(events()),
        message(events(event(more="<reason>&unknown;</reason>"))),
        message(events(event(more="<reason>&#0;</reason>"))),
        message(events(event(more="<reason>\0</reason>"))),
        message(events(event(more="<reason>\x1b[2J</reason>"))),
        "<x:EventMessage/>",
        '<a b="1" b="2"/>',
        "<!--" + message(events()),
    ],
)
def test_what_is_not_xml_is_told_with_its_place(body: str) -> None:
    unreadable = refused(body)
    assert unreadable.reason is Reason.XML_MALFORMED
    assert unreadable.place.startswith("line ")
    assert unreadable.detail


def test_the_place_of_malformed_xml_counts_the_lines_of_the_whole_body() -> None:
    body = '\n\n<?xml version="1.0"\nencoding="UTF-8"?>\n' + message(events()).replace(
        "</Header>", "\n</Heder>"
    )
    assert refused(body).place.startswith("line 6, column ")


@pytest.mark.parametrize(
    "body",
    [
        message(events()).encode().replace(b"created<", b"cre\xffated<"),
        b'<?xml version="1.0" encoding="UTF-8"?><a>Z\xfcrich</a>',
        b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="no-such-thing"?><a/>',
        b'<?xml version="1.0" encoding="zlib"?><a/>',
        b"\xff\xfe<\0a\0/\0>",
        b"\xff\xfe\0\xd8a\0",
        "<a>\ud800</a>",
        b"\x1f\x8b\x08\x00\xff\xff",
    ],
)
def test_bytes_that_are_no_text_are_told_with_their_place(body: str | bytes) -> None:
    unreadable = refused(body)
    assert unreadable.reason is Reason.TEXT_ENCODING
    assert unreadable.place == "line 1"


def test_a_body_of_eight_mebibytes_is_taken_and_one_byte_more_is_not() -> None:
    limit = NORTH.limits.message_bytes
    assert limit == 8 * 1024 * 1024
    body = message(events())
    assert read(body + " " * (limit - len(body))).reports
    for large in (
        body + " " * (limit - len(body) + 1),
        (body + " " * (limit - len(body) + 1)).encode(),
    ):
        assert refused(large).reason is Reason.MESSAGE_TOO_LARGE


def test_the_bytes_of_a_text_count_not_its_characters() -> None:
    assert (
        refused("<a>" + "ü" * (NORTH.limits.message_bytes // 2) + "</a>").reason
        is Reason.MESSAGE_TOO_LARGE
    )


def test_several_compressed_payloads_share_one_limit() -> None:
    of = source(limits=replace(Limits(), inflated_bytes=2 * len(events())))
    assert len(read(message(compressed(events()) * 2), of).reports) == 2
    assert refused(message(compressed(events()) * 3), of).reason is Reason.INFLATED_TOO_LARGE


def test_a_bomb_inside_of_a_bomb_is_not_opened() -> None:
    inner = message(compressed(events()))
    assert refused(message(compressed(inner))).reason is Reason.COMPRESSED_UNREADABLE


@pytest.mark.parametrize(
    "packed",
    [
        "!!!",
        "",
        "AAAA",
        base64.b64encode(b"PK\x03\x04").decode(),
        base64.b64encode(gzip.compress(events().encode())[:-9]).decode(),
        base64.b64encode(gzip.compress(events().encode())[:20] + b"x" * 20).decode(),
        base64.b64encode(zlib.compress(events().encode())[:-5]).decode(),
        base64.b64encode(gzip.compress(events().encode()) + b"rubbish").decode(),
        "begin 644 x\n#####\nend",
    ],
    ids=[
        *("no base64", "empty", "zeros", "zip", "gzip cut off", "gzip broken", "zlib cut off"),
        *("rubbish behind gzip", "uuencoded"),
    ],
)
def test_a_compressed_payload_that_cannot_be_read_is_told(packed: str) -> None:
    assert (
        refused(message(f"<Compressed>{packed}</Compressed>")).reason
        is Reason.COMPRESSED_UNREADABLE
    )


@pytest.mark.parametrize("depth", [65, 200, 300, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    assert refused("<a>" * depth + "</a>" * depth).reason is Reason.TOO_DEEP


def test_nesting_up_to_the_limit_is_taken() -> None:
    deep = "<x>" * 59 + "</x>" * 59
    assert read(message(events(event(more=deep)))).reports


def test_a_hundred_details_are_kept_and_the_others_counted() -> None:
    details = "".join(
        f"<EndDeviceEventDetails><name>d{n}</name><value>{n}</value></EndDeviceEventDetails>"
        for n in range(500)
    )
    kept = event_of(message(events(event(more=details)))).details
    assert len(kept) == 101
    assert kept["…"] == "400 more are not kept"


def test_giants_in_the_header_are_not_multiplied_by_the_reports() -> None:
    giant = "x" * 100_000
    report = read(message(events(), noun=giant, more=f"<MessageID>{giant}</MessageID>")).reports[0]
    assert len(report.origin.message_id) == len(report.origin.noun) == 256


def test_an_event_about_masses_of_devices_is_refused() -> None:
    devices = "".join(f"<Assets>{names(str(n))}</Assets>" for n in range(17))
    unreadable = refused(message(events(event(device=devices))))
    assert unreadable.reason is Reason.DEVICE_INVALID
    assert "names 17 devices; at most 16" in unreadable.detail


def test_places_and_details_stay_short_whatever_the_names() -> None:
    giant = "x" * 40_000
    unreadable = refused(message(f"<{giant}/>"))
    assert unreadable.reason is Reason.PAYLOAD_UNKNOWN
    assert len(unreadable.detail + unreadable.place) < 1_000
    assert len(refused(meter_config(names("1", giant) + names("2", giant + "y"))).detail) < 1_000


def test_mebibytes_of_blanks_are_gone_through_once() -> None:
    blanks = " " * (7 * 1024 * 1024)
    assert refused(f"<a>{blanks}<?pi x?></a>").reason is Reason.ENVELOPE_UNKNOWN
    assert refused(f"{blanks}<?xml").reason is Reason.XML_MALFORMED


def test_more_reports_than_the_limit_are_refused() -> None:
    assert NORTH.limits.reports == 10_000
    of = source(limits=replace(Limits(), reports=50))
    assert len(read(message(events(*[event()] * 50)), of).reports) == 50
    assert refused(message(events(*[event()] * 51)), of).reason is Reason.TOO_MANY_REPORTS


def test_a_compressed_payload_of_many_good_and_bad_events_is_gone_through() -> None:
    understood = read(message(compressed(events(*[event(), event(kind="")] * 500))))
    assert len(understood.reports) == 500
    assert len(understood.problems) == 100
