import pytest

from hes_simulator.sending.files import NotText, decode

XML = "<EventMessage><name>Zähler Süd</name></EventMessage>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str) -> None:
    assert decode(XML.encode(encoding)) == XML


def test_without_a_mark_the_declaration_tells_the_encoding() -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{XML}'
    assert decode(text.encode("latin-1")) == text
    assert decode(b"\n  " + text.encode("latin-1")) == "\n  " + text


def test_with_neither_it_is_utf_8() -> None:
    assert decode(XML.encode()) == XML
    assert decode(b"") == ""


def test_what_is_not_text_says_where_it_fails() -> None:
    with pytest.raises(NotText, match="byte 1 is not utf-8"):
        decode(b"<\xff\xfe\x80")


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(NotText, match="klingon"):
        decode(b'<?xml version="1.0" encoding="klingon"?><a/>')


def test_a_codec_that_makes_no_text_is_no_encoding() -> None:
    with pytest.raises(NotText, match="hex"):
        decode(b'<?xml version="1.0" encoding="hex"?><a/>')
