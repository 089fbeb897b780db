"""Decodes a body, as the broker delivers it: finds its encoding, and checks that the body is valid in it.

The XML declaration counts least: gateways re-encode messages without changing it, and a JMS TextMessage is already
text. A byte order mark counts most, then zero bytes (UTF-16 without a mark), then the
declaration.
"""

from __future__ import annotations

import codecs
import re

from iec_connector.understanding.unreadable import Reason, Unreadable

_DECLARED = re.compile(
    rb"""\s{0,99}<\?xml\s[^?>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']"""
)

# "<" and a character, each with a zero byte, after blanks of the same kind.
_UNMARKED_UTF_16 = re.compile(rb"(?:[\t\n\r ]\0){0,99}(<\0[^\0]\0)|(?:\0[\t\n\r ]){0,99}\0<\0[^\0]")

# The longer marks first: that of UTF-32 (little endian) begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Encodings whose first 128 characters are those of ASCII, so that the declaration could be read at all.
_ASCII_COMPATIBLE = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|euc_jp|euc_kr|shift_jis"
)


def encoding_of(body: bytes) -> tuple[str, int]:
    """Python's name of the encoding of ``body``, and how many bytes the byte order mark takes.

    Raises:
        Unreadable: the declaration names an encoding that is not known.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding, len(mark)
    unmarked = _UNMARKED_UTF_16.match(body)
    if unmarked is not None:
        return ("utf-16-le" if unmarked.group(1) else "utf-16-be"), 0
    declared = _DECLARED.match(body)
    if declared is None:
        return "utf-8", 0
    name = declared.group(1).decode("ascii")
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding.startswith(("utf-16", "utf-32")):
        # The declaration was legible, so this is not UTF-16: .NET's StringWriter declares what it does not write.
        return "utf-8", 0
    if _ASCII_COMPATIBLE.fullmatch(encoding) is None:
        raise Unreadable(
            Reason.TEXT_ENCODING, f"the declared encoding {name!r} is not taken", place="line 1"
        )
    return encoding, 0


def text_of(body: str | bytes) -> str:
    """The text of ``body`` without byte order mark, and without the zero bytes that some clients send after it.

    Raises:
        Unreadable: the bytes are not valid in their encoding.
    """
    if isinstance(body, str):
        text = body.removeprefix("\ufeff")
        return text.rstrip("\0") if text.endswith("\0") else text
    encoding, mark_length = encoding_of(body)
    try:
        text = body[mark_length:].decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, mark_length + error.start) + 1
        raise Unreadable(
            Reason.TEXT_ENCODING,
            f"byte {mark_length + error.start} is not valid {encoding}",
            place=f"line {line}",
        ) from None
    text = text.removeprefix("\ufeff")
    return text.rstrip("\0") if text.endswith("\0") else text
