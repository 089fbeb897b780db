"""The body of a quarantined message as text that can be shown: a window of it, and where the fault is."""

import codecs
import zlib
from dataclasses import dataclass
from typing import Final

import strawberry

from bff.graph.intake.place_in_text import Mark, find_place
from bff.graph.intake.text_encoding import UTF_8, Encoding, encoding_of

# What a page shows at once. The rest of a large body is asked for window by window.
WINDOW_BYTES: Final = 64 * 1024
# So much of a compressed body is unpacked, and can be shown.
INFLATED_BYTES: Final = 4 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_BLOCK_BYTES: Final = 4096
# Controls are shown as pictures, and what turns the direction of writing as a mark: a text cannot pose as another.
_SHOWN: Final = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"},
    0x7F: 0x2421,
    **dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0x2426),
}


@strawberry.type(
    description="A window of a message's text; secrets were removed before it was stored."
)
class QuarantinedText:
    text: str = strawberry.field(description="Controls are replaced by pictures of them.")
    first_line: int = strawberry.field(description="The number of its first line.")
    mark_start: int | None = strawberry.field(
        description="Where in `text` the place of the fault is, in UTF-16 units; null when it is not in it."
    )
    mark_end: int | None
    next_offset: float | None = strawberry.field(
        description="Give it as `offset` to read on; null at the end of what is kept."
    )
    compressed: bool = strawberry.field(description="The body is compressed, and was unpacked.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A piece of a body: where it begins, and how long the whole is, in bytes. Of a compressed one, as unpacked."""

    content: bytes
    offset: int
    whole_bytes: int
    encoding: Encoding
    compressed: bool = False


def beginning(content: bytes, whole_bytes: int, *, is_text: bool) -> Body:
    """Return the body that begins with ``content``; ``is_text``: as it came, it was no bytes but text."""
    unpacked = _inflated(content)
    if unpacked is not None:
        return Body(
            content=unpacked,
            offset=0,
            whole_bytes=len(unpacked),
            encoding=encoding_of(unpacked),
            compressed=True,
        )
    # Text was kept as UTF-8, whatever it says of itself.
    declared = encoding_of(content)
    encoding = UTF_8 if is_text and declared.name != UTF_8.name else declared
    return Body(content=content, offset=0, whole_bytes=whole_bytes, encoding=encoding)


def window(body: Body, place: str) -> QuarantinedText:
    """Return what is shown of a piece: around the place if it is in a body's beginning, else from its start."""
    name = body.encoding.name
    begin = 0 if body.offset else body.encoding.mark_bytes
    text, mark, start = "", None, 0
    if body.offset == 0:
        text = body.content[begin:].decode(name, "replace")
        mark = find_place(text, place)
        skipped, start = _boundary(body.content[begin:], name, _start(text, mark))
        begin += skipped
    shown, shown_bytes = _cut(body, begin)
    end, end_offset = start + len(shown), body.offset + begin + shown_bytes
    visible = mark if mark is not None and mark.start < end else None
    # Where nothing was there although it should, nothing comes behind it either.
    is_end = end_offset >= body.whole_bytes or not shown_bytes
    return QuarantinedText(
        text=shown.translate(_SHOWN),
        first_line=text.count("\n", 0, start) + 1,
        mark_start=None if visible is None else _units(text[start : visible.start]),
        mark_end=None if visible is None else _units(text[start : min(visible.end, end)]),
        next_offset=None if is_end else end_offset,
        compressed=body.compressed,
    )


def _inflated(content: bytes) -> bytes | None:
    """Return what a compressed body begins with; None when it is none."""
    if not content.startswith(_GZIP):
        return None
    try:
        return zlib.decompressobj(wbits=31).decompress(content, INFLATED_BYTES)
    except zlib.error:
        return None


def _start(text: str, mark: Mark | None) -> int:
    """Return the character with which the window begins: the first, or one before a mark that would not be in it."""
    if mark is None or mark.end <= WINDOW_BYTES // 4:
        return 0
    start = max(0, mark.start - WINDOW_BYTES // 8)
    # At the beginning of a line, if there is one before the mark.
    return text.find("\n", start, mark.start) + 1 or start


def _boundary(content: bytes, encoding: str, characters: int) -> tuple[int, int]:
    """Return the bytes of so many characters, and how many these are: more where a fault hides where one begins."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    taken, seen, step = 0, 0, _BLOCK_BYTES
    while taken < len(content) and (seen < characters or decoder.getstate()[0]):
        before = decoder.getstate()
        more = len(decoder.decode(content[taken : taken + step]))
        if seen + more >= characters and step > 1:
            # It lies in this block: byte by byte.
            decoder.setstate(before)
            step = 1
            continue
        taken, seen = taken + step, seen + more
    return min(taken, len(content)), seen


def _cut(body: Body, begin: int) -> tuple[str, int]:
    """Return so much of the text as a window holds, whole lines if they are short, and how many bytes it has."""
    rest = body.content[begin : begin + WINDOW_BYTES]
    is_end = body.offset + begin + len(rest) >= body.whole_bytes
    if not is_end:
        lines = _last_line_end(rest, body.encoding.name)
        rest = rest[:lines] if lines > len(rest) // 2 else rest
    decoder = codecs.getincrementaldecoder(body.encoding.name)("replace")
    shown = decoder.decode(rest, final=is_end)
    # A character of which a part is missing belongs to the next window.
    return shown, len(rest) - (0 if is_end else len(decoder.getstate()[0]))


def _last_line_end(content: bytes, encoding: str) -> int:
    """Return how many bytes the whole lines have."""
    feed = "\n".encode(encoding)
    at = content.rfind(feed)
    while at > 0 and at % len(feed):
        # Halves of two characters.
        at = content.rfind(feed, 0, at + len(feed) - 1)
    return at + len(feed) if at >= 0 else 0


def _units(text: str) -> int:
    """Return the length of ``text`` as a browser counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
