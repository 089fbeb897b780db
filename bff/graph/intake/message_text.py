"""The body of a quarantined message as text that can be shown: a window of it, and where the fault is."""

import codecs
import zlib
from dataclasses import dataclass
from typing import Final

import strawberry

from bff.graph.intake.place_in_text import Mark, find_place

# What a page shows at once. The rest of a large body is asked for window by window.
WINDOW_BYTES: Final = 64 * 1024
_INFLATED_BYTES: Final = 4 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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
    """A piece of a body: where it begins, and how long the whole is, in bytes."""

    content: bytes
    offset: int
    whole_bytes: int


def window(body: Body, place: str) -> QuarantinedText:
    """Return what is shown of a piece: around the place if it is in a body's beginning, else from its start."""
    content, compressed = _inflated(body.content) if body.offset == 0 else (body.content, False)
    text = _decoded(content)
    mark = find_place(text, place) if body.offset == 0 else None
    start = _start(text, mark)
    shown = _cut(text, start)
    end = start + len(shown)
    read_bytes = len(text[:end].encode("utf-8", "surrogatepass"))
    is_end = compressed or body.offset + read_bytes >= body.whole_bytes
    visible = mark if mark is not None and mark.start < end else None
    return QuarantinedText(
        text=shown.translate(_SHOWN),
        first_line=text.count("\n", 0, start) + 1,
        mark_start=None if visible is None else _units(text[start : visible.start]),
        mark_end=None if visible is None else _units(text[start : min(visible.end, end)]),
        next_offset=None if is_end else body.offset + read_bytes,
        compressed=compressed,
    )


def _inflated(content: bytes) -> tuple[bytes, bool]:
    if not content.startswith(_GZIP):
        return content, False
    try:
        return zlib.decompressobj(wbits=31).decompress(content, _INFLATED_BYTES), True
    except zlib.error:
        return content, False


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.removeprefix(mark).decode(encoding, "replace")
    return content.decode("utf-8", "replace")


def _start(text: str, mark: Mark | None) -> int:
    """Return where the window begins: at the beginning, or half a window before a mark that would not be in it."""
    if mark is None or mark.end <= WINDOW_BYTES // 2:
        return 0
    start = max(0, mark.start - WINDOW_BYTES // 4)
    # At the beginning of a line, if there is one before the mark.
    return text.find("\n", start, mark.start) + 1 or start


def _cut(text: str, start: int) -> str:
    """Return so much of the text as a window holds, whole lines if they are short."""
    shown = text[start : start + WINDOW_BYTES]
    if start + len(shown) < len(text):
        line = shown.rfind("\n")
        if line > len(shown) // 2:
            return shown[: line + 1]
    return shown


def _units(text: str) -> int:
    """Return the length of ``text`` as a browser counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
