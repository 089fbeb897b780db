"""What of a body is shown: a window around the fault, which no text can leave or disguise."""

import gzip
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.graph.intake.message_text import (
    INFLATED_BYTES,
    WINDOW_BYTES,
    Body,
    QuarantinedText,
    beginning,
    window,
)

FAR = "<a>\n" + "<b/>\n" * 40_000 + "<c>here</c>\n" + "<b/>\n" * 40_000 + "</a>\n"
DECLARED = '<?xml version="1.0" encoding="{}"?>'


def shown(content: bytes, place: str = "", *, whole: int = 0) -> QuarantinedText:
    return window(beginning(content, whole or len(content), is_text=False), place)


def read_through(content: bytes, *, is_text: bool = False) -> str:
    """Return what a person sees who reads on to the end."""
    body = beginning(content, len(content), is_text=is_text)
    text = window(body, "")
    seen = text.text
    while text.next_offset is not None:
        text = window(behind(body, text.next_offset), "")
        seen += text.text
    return seen


def behind(body: Body, next_offset: float) -> Body:
    offset = int(next_offset)
    return replace(body, content=body.content[offset:], offset=offset)


def test_a_short_text_is_shown_whole_with_its_mark_in_units_of_a_browser() -> None:
    text = shown("<a>🙂<b/></a>".encode(), "/a/b, line 1")
    assert text.text == "<a>🙂<b/></a>"
    # The smiling face is two units.
    assert (text.mark_start, text.mark_end) == (5, 9)
    assert (text.first_line, text.next_offset, text.compressed) == (1, None, False)


def test_the_window_of_a_long_text_lies_around_the_mark_and_begins_with_a_line() -> None:
    text = shown(FAR.encode(), "/a/c, line 40002")
    assert len(text.text) <= WINDOW_BYTES
    assert text.mark_start is not None
    assert text.text[text.mark_start : text.mark_end] == "<c>"
    line = text.first_line + text.text.count("\n", 0, text.mark_start)
    assert line == 40_002
    assert text.text.startswith("<b/>\n")


def test_reading_on_from_the_end_of_a_window_loses_and_doubles_nothing() -> None:
    assert read_through(FAR.encode()) == FAR


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("iso-8859-1", "Zählerstände"),
        ("windows-1252", "Zähler €stände\n"),
        ("gb18030", "电能表é🙂"),
        ("utf-8", "1é电🙂"),
        ("utf-8", "电能表\n"),
    ],
)
def test_a_body_is_read_on_in_the_encoding_that_it_declares(encoding: str, line: str) -> None:
    text = DECLARED.format(encoding) + line * 20_000
    assert read_through(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-8"])
@pytest.mark.parametrize("line", ["<é电🙂/>", "<ਊ\u0a0d/>\n"])
def test_a_byte_order_mark_tells_the_encoding_of_all_windows(encoding: str, line: str) -> None:
    assert read_through(("\ufeff" + line * 30_000).encode(encoding)) == line * 30_000


def test_utf_16_without_a_mark_is_told_by_its_zero_bytes() -> None:
    text = "<a>" + "é" * 100_000
    assert read_through(text.encode("utf-16-le")) == text
    assert read_through(text.encode("utf-16-be")) == text


def test_a_message_of_text_is_kept_as_utf_8_whatever_it_declares() -> None:
    text = DECLARED.format("iso-8859-1") + "é" * 100_000
    assert read_through(text.encode(), is_text=True) == text


@given(st.binary(min_size=1, max_size=7), st.integers(0, 3))
def test_bytes_that_are_no_text_are_read_on_as_they_would_be_read_at_once(
    repeated: bytes, before: int
) -> None:
    content = b"a" * before + repeated * (WINDOW_BYTES // len(repeated) + 10)
    for body in (content, b"\xff\xfe" + content):
        encoding = beginning(body, len(body), is_text=False).encoding
        whole = body[encoding.mark_bytes :].decode(encoding.name, "replace")
        # Without what is shown as something else.
        seen, told = (re.sub(r"[^\w\ufffd]", "", text) for text in (read_through(body), whole))
        assert seen == told


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "gb18030"])
def test_the_mark_in_one_long_line_is_shown_and_reading_on_goes_on_behind_it(encoding: str) -> None:
    line = "<é/>" * 40_000
    text = f"{DECLARED.format(encoding)}<a>{line}<c>here</c>{line}</a>"
    content = text.encode(encoding)
    body = beginning(content, len(content), is_text=False)
    first = window(body, "/a/c, line 1")
    assert first.mark_start is not None
    assert first.text[first.mark_start : first.mark_end] == "<c>"
    assert first.next_offset is not None
    at = text.index(first.text) + len(first.text)
    assert text[at:].startswith(window(behind(body, first.next_offset), "").text)


def test_a_mark_beyond_what_was_read_is_none_and_the_beginning_is_shown() -> None:
    text = shown(b"<a>\n", "line 900", whole=4_000_000)
    assert text.mark_start is None
    assert text.next_offset == 4


def test_a_compressed_body_is_unpacked_and_a_broken_one_shown_as_it_is() -> None:
    packed = gzip.compress(b"<a>\n<b>\n")
    text = shown(packed, "line 2")
    assert (text.text, text.compressed, text.mark_start) == ("<a>\n<b>\n", True, 4)
    assert not shown(b"\x1f\x8b not gzip at all").compressed


def test_a_compressed_body_is_read_on_as_unpacked() -> None:
    assert read_through(gzip.compress(FAR.encode())) == FAR
    text = DECLARED.format("iso-8859-1") + "é" * 100_000
    assert read_through(gzip.compress(text.encode("iso-8859-1"))) == text


@pytest.mark.slow
def test_a_bomb_is_unpacked_no_further_than_to_a_bound() -> None:
    bomb = gzip.compress(b" " * 64_000_000)
    assert len(shown(bomb).text) <= WINDOW_BYTES
    assert len(read_through(bomb)) == INFLATED_BYTES


def test_controls_and_turns_of_direction_are_shown_as_marks() -> None:
    assert shown(b"a\x00b\x1b[31m\x7f").text == "a\u2400b\u241b[31m\u2421"
    assert shown("user\u202etxt.exe".encode()).text == "user\u2426txt.exe"
    assert shown("<a/>".encode("utf-16")).text == "<a/>"
    assert shown(b"a\xff\xfab").text == "a\ufffd\ufffdb"
