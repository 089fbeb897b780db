"""What of a body is shown: a window around the fault, which no text can leave or disguise."""

import gzip

from bff.graph.intake.message_text import WINDOW_BYTES, Body, QuarantinedText, window

FAR = "<a>\n" + "<b/>\n" * 40_000 + "<c>here</c>\n" + "<b/>\n" * 40_000 + "</a>\n"


def shown(content: bytes, place: str = "", *, offset: int = 0, whole: int = 0) -> QuarantinedText:
    body = Body(content=content, offset=offset, whole_bytes=whole or len(content))
    return window(body, place)


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
    content, seen, offset = FAR.encode(), "", 0
    while True:
        text = shown(content[offset:], offset=offset, whole=len(content))
        seen += text.text
        if text.next_offset is None:
            break
        offset = int(text.next_offset)
    assert seen == FAR


def test_a_mark_beyond_what_was_read_is_none_and_the_beginning_is_shown() -> None:
    text = shown(b"<a>\n", "line 900", whole=4_000_000)
    assert text.mark_start is None
    assert text.next_offset == 4


def test_a_compressed_body_is_unpacked_and_a_broken_one_shown_as_it_is() -> None:
    packed = gzip.compress(b"<a>\n<b>\n")
    text = shown(packed, "line 2")
    assert (text.text, text.compressed, text.mark_start) == ("<a>\n<b>\n", True, 4)
    assert not shown(b"\x1f\x8b not gzip at all").compressed


def test_a_bomb_is_unpacked_no_further_than_a_window_needs() -> None:
    text = shown(gzip.compress(b" " * 64_000_000))
    assert len(text.text) <= WINDOW_BYTES


def test_controls_and_turns_of_direction_are_shown_as_marks() -> None:
    assert shown(b"a\x00b\x1b[31m\x7f").text == "a\u2400b\u241b[31m\u2421"
    assert shown("user\u202etxt.exe".encode()).text == "user\u2426txt.exe"
    assert shown("<a/>".encode("utf-16")).text == "<a/>"
    assert shown(b"a\xff\xfab").text == "a\ufffd\ufffdb"
