"""The same message in every encoding and every packing of its payload."""

import base64
import binascii
import gzip
import zlib
from xml.sax.saxutils import escape

import pytest

from iec_connector.understanding import Reason
from tests.specs.connector.understanding.samples import (
    compressed,
    event,
    event_of,
    events,
    message,
    only,
    read,
    refused,
)


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


GZIP = gzip.compress(events().encode())
ZLIB = zlib.compress(events().encode())
DEFLATE = ZLIB[2:-4]


def uuencoded(data: bytes) -> str:
    lines = [
        binascii.b2a_uu(data[at : at + 45]).decode().rstrip("\n") for at in range(0, len(data), 45)
    ]
    return "\n".join(["begin 644 payload", *lines, "`", "end"])


@pytest.mark.parametrize(
    "packed",
    [
        base64.b64encode(GZIP).decode(),
        base64.encodebytes(GZIP).decode(),
        base64.encodebytes(GZIP).decode().replace("\n", "\r\n   "),
        base64.b64encode(GZIP).decode().rstrip("="),
        base64.urlsafe_b64encode(GZIP).decode(),
        f"data:application/gzip;base64,{base64.b64encode(GZIP).decode()}",
        base64.b64encode(base64.b64encode(GZIP)).decode(),
        base64.b64encode(ZLIB).decode(),
        base64.b64encode(DEFLATE).decode(),
        base64.b64encode(events().encode()).decode(),
        base64.b64encode(gzip.compress(events().encode("utf-16"))).decode(),
        GZIP.hex(),
        ZLIB.hex().upper(),
        escape(uuencoded(GZIP)),
        escape(uuencoded(events().encode())),
        escape(events()),
        f"<![CDATA[{events()}]]>",
        events(),
    ],
)
def test_a_compressed_payload_is_read_however_it_was_packed(packed: str) -> None:
    assert event_of(message(f"<Compressed>{packed}</Compressed>")).code == "3.26.0.85"


@pytest.mark.parametrize("flag", ["", "false", "true", " FALSE ", "0", "1", "no", "Y", "none"])
@pytest.mark.parametrize("order", ["{flag}{payload}", "{payload}{flag}<Format>XML</Format>"])
def test_a_flag_beside_the_payload_is_no_payload(flag: str, order: str) -> None:
    payload = order.format(flag=f"<Compressed>{flag}</Compressed>", payload=events())
    assert event_of(message(payload)).code == "3.26.0.85"


def test_what_stands_behind_a_flag_is_inflated() -> None:
    packed = base64.b64encode(GZIP).decode()
    assert event_of(message(f"<Compressed>true</Compressed>{packed}")).code == "3.26.0.85"
    assert event_of(message(f"{packed}<Compressed>true</Compressed>")).code == "3.26.0.85"


def test_what_cannot_be_inflated_beside_a_payload_is_a_problem_of_its_own() -> None:
    understood = read(message(f"<Compressed>@@@@</Compressed>{events()}"))
    assert len(understood.reports) == 1
    assert [problem.reason for problem in understood.problems] == [Reason.COMPRESSED_UNREADABLE]
