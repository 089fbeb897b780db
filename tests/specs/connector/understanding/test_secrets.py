"""No secret is left, and everything else stays as it was."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from iec_connector.understanding import strip_secrets
from iec_connector.understanding.secret_places.names import is_secret_name
from iec_connector.understanding.secrets import COMPRESSED_STRIPPED
from tests.specs.connector.understanding.samples import (
    MESSAGES,
    OF_RECORD,
    compressed,
    event,
    events,
    message,
    read,
    read_file,
)

SECRET = "hunter2"  # noqa: S105 - what is looked for

WELL_FORMED = [
    f"<a><password>{SECRET}</password></a>",
    f"<a><Password  type='x' >{SECRET}</Password ></a>",
    f'<a xmlns:n="u"><n:userPassword>{SECRET}</n:userPassword></a>',
    f"<a><SecurityKeys><SecurityKey><name>AK</name><value>{SECRET}</value></SecurityKey></SecurityKeys></a>",
    f"<a><encryptionKey>{SECRET}</encryptionKey><authenticationKey>{SECRET}</authenticationKey></a>",
    f'<w:Security xmlns:w="u"><w:BinarySecurityToken>{SECRET}</w:BinarySecurityToken></w:Security>',
    f'<w:Security xmlns:w="u"><w:Password>{SECRET}</w:Password><w:Nonce>{SECRET}</w:Nonce></w:Security>',
    f"<a><password><![CDATA[</password>{SECRET}]]></password></a>",
    f"<a><password><!-- </password> -->{SECRET}</password></a>",
    f"<a><password><password/>x</password><password>{SECRET}</password></a>",
    f"<a><key><key>1</key>{SECRET}</key></a>",
    f"<a><password value='{SECRET}'/><b/></a>",
    f"<a><password a='/>'>{SECRET}</password></a>",
    f"<a><password a='>'>{SECRET}</password></a>",
    f'<a password="{SECRET}" b="c"/>',
    f"<a b='c' n:PWD = '{SECRET}' xmlns:n='u'/>",
    f'<a><Property name="masterKey" value="{SECRET}"/></a>',
    f"<a><EndDeviceEventDetails><name>password</name><value>{SECRET}</value></EndDeviceEventDetails></a>",
    f"<a><EndDeviceEventDetails><value>{SECRET}</value><name>password</name></EndDeviceEventDetails></a>",
    f"<a><Names><name>{SECRET}</name><NameType><name>SecurityKey</name></NameType></Names></a>",
    f"<a><!-- <password>{SECRET}</password> --></a>",
    f"<a><![CDATA[<x><password>{SECRET}</password></x>]]></a>",
    f"<a>&lt;password&gt;{SECRET}&lt;/password&gt;</a>",
    f"<a>&lt;x password=&quot;{SECRET}&quot;/&gt;</a>",
    f"<a>http://hes.example/?user=a&amp;password={SECRET}&amp;b=c</a>",
]

MALFORMED = [
    f"<a><password>{SECRET}",
    f"<a><password>{SECRET}</pass",
    f"<a><password {SECRET}",
    f'<a><password x="{SECRET}',
    f'<a password="{SECRET}',
    f"<a password={SECRET} b>",
    f"<a><password>{SECRET}</Password></b>",
    f"password>{SECRET}</password><password>{SECRET}</password>"[9:],
    f"<a><!-- <password>{SECRET}</password>",
    f"<![CDATA[<password>{SECRET}</password>",
    f"&lt;password&gt;{SECRET}",
]


@pytest.mark.parametrize("body", WELL_FORMED)
def test_no_secret_is_left_in_well_formed_xml_which_stays_well_formed(body: str) -> None:
    stripped = strip_secrets(body)
    assert SECRET not in stripped
    etree.fromstring(stripped)


@pytest.mark.parametrize("body", MALFORMED[:7] + MALFORMED[8:])
def test_no_secret_is_left_in_malformed_xml(body: str) -> None:
    assert SECRET not in strip_secrets(body)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
@pytest.mark.parametrize("body", WELL_FORMED)
def test_no_secret_is_left_in_bytes_of_any_encoding(body: str, encoding: str) -> None:
    text = f"<top>{body}<i>Zürich</i></top>"
    assert strip_secrets(text.encode(encoding)).decode(encoding) == strip_secrets(text)


@pytest.mark.parametrize(
    "body",
    [
        f"<a>\0</a><password>{SECRET}</password>".encode(),
        b"\xff\xfe" + f"<a><password>{SECRET}</password></a>".encode(),
        b"\xff\xfe\0\0" + f"<a><password>{SECRET}</password></a>".encode(),
        f'<?xml version="1.0" encoding="utf-16"?><password>{SECRET}</password>'.encode(),
        f'<?xml version="1.0" encoding="bogus"?><password>{SECRET}</password>'.encode(),
        b"\xff\xfa" + f"<password>{SECRET}</password>".encode(),
    ],
)
def test_no_secret_is_left_in_bytes_that_are_not_what_they_say(body: bytes) -> None:
    assert SECRET.encode() not in strip_secrets(body)


def test_json_that_came_by_mistake_loses_its_secrets_too() -> None:
    body = f'{{"user": "a", "password": "{SECRET}", "n": {{"apiKey" : "{SECRET}"}}, "z": 1}}'
    expected = '{"user": "a", "password": "(stripped)", "n": {"apiKey" : "(stripped)"}, "z": 1}'
    assert strip_secrets(body) == expected


def test_bytes_that_are_cut_off_in_the_middle_of_a_character_are_stripped() -> None:
    cut = f"<a><password>{SECRET}</password>ü".encode("utf-16")[:-1]
    assert SECRET not in strip_secrets(cut).decode("utf-16")


@pytest.mark.parametrize(
    "body",
    [
        message(events()),
        "<a><password/><password></password><b>text</b></a>",
        "<a><keyboard>qwertz</keyboard><monkeyHouse>x</monkeyHouse><publicKey>MIIB</publicKey></a>",
        "<a><name>SerialNumber</name><value>100200300</value></a>",
        '<a name="x" value="y"/>',
        "a < b && c > d, and no XML at all",
        "",
    ],
)
def test_what_holds_no_secret_stays_as_it_is(body: str) -> None:
    assert strip_secrets(body) == body
    assert strip_secrets(body.encode()) == body.encode()


def test_only_the_value_beside_the_secret_name_goes() -> None:
    detail = "<d><name>{}</name><value>{}</value></d>"
    body = f"<a>{detail.format('a', '1')}{detail.format('password', SECRET)}{detail.format('b', '2')}</a>"
    expected = f"<a>{detail.format('a', '1')}{detail.format('password', '(stripped)')}{detail.format('b', '2')}</a>"
    assert strip_secrets(body) == expected


def test_secrets_inside_of_compressed_content_are_stripped_and_the_rest_can_be_replayed() -> None:
    payload = events(event(more=f"<userID>op</userID><password>{SECRET}</password>"))
    for body in (message(compressed(payload)), message(compressed(payload)).encode("utf-16")):
        stripped = strip_secrets(body)
        assert read(stripped).reports == read(body).reports
        text = stripped if isinstance(stripped, str) else stripped.decode("utf-16")
        packed = text.partition("<Compressed>")[2].partition("</Compressed>")[0]
        inflated = gzip.decompress(base64.b64decode(packed)).decode()
        assert inflated == payload.replace(SECRET, "(stripped)")


def test_compressed_content_without_secrets_stays_as_it_is() -> None:
    body = message(compressed(events()))
    assert strip_secrets(body) == body


@pytest.mark.parametrize(
    "content",
    ["AAAA", "%%%", f"H4sI{SECRET}", compressed("<a/>")],
    ids=["no gzip", "no base64", "half gzip", "no payload"],
)
def test_compressed_content_that_cannot_be_read_is_not_kept(content: str) -> None:
    assert strip_secrets(f"<a><Compressed>{content}</Compressed></a>") in (
        f"<a><Compressed>{COMPRESSED_STRIPPED}</Compressed></a>",
        f"<a><Compressed>{COMPRESSED_STRIPPED}</Compressed></Compressed></a>",
    )


def test_stripped_messages_say_the_same() -> None:
    for path in sorted(MESSAGES.iterdir()):
        stripped = strip_secrets(path.read_bytes())
        assert SECRET.encode() not in stripped
        assert read(stripped, OF_RECORD).reports == read_file(path.name, OF_RECORD).reports


_NAMES = st.sampled_from(
    ["password", "n:Password", "SecurityKey", "gak", "a", "b", "name", "value", "Compressed"]
)
_TEXTS = st.sampled_from(
    ["x", "", " ", "<![CDATA[x]]>", "<!-- x -->", "&lt;b&gt;", "password", "k=v"]
)


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(_NAMES)
    children = draw(st.lists(documents(depth=depth + 1), max_size=3)) if depth < 3 else []
    inside = "".join(draw(_TEXTS) + child for child in children) + draw(_TEXTS)
    attribute = draw(st.sampled_from(["", ' b="1"', ' pin="1"', " c='>'"]))
    local = name.rpartition(":")[2]
    if local != "Compressed" and is_secret_name(name):
        inside += SECRET
    return f"<{name}{attribute}>{inside}</{name}>"


@given(documents())
def test_no_secret_is_left_in_any_document(document: str) -> None:
    body = f'<top xmlns:n="u">{document}</top>'
    etree.fromstring(body)
    stripped = strip_secrets(body)
    assert SECRET not in stripped
    etree.fromstring(stripped)
    assert strip_secrets(stripped) == stripped


@given(documents(), st.integers(0, 400))
def test_no_secret_is_left_in_a_document_that_is_cut_off(document: str, end: int) -> None:
    assert SECRET not in strip_secrets(document[:end])


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_anything_can_be_stripped(body: str | bytes) -> None:
    assert type(strip_secrets(body)) is type(body)
