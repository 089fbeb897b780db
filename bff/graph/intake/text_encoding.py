"""In which encoding is the body of a message? Its first bytes tell, and are believed as the connector believes them.

A byte order mark counts most, then zero bytes (UTF-16 without a mark), then the XML declaration.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

_DECLARED: Final = re.compile(
    rb"""\s{0,99}<\?xml\s[^?>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']"""
)
# "<" and a character, each with a zero byte.
_UNMARKED_UTF_16: Final = re.compile(rb"(<\0[^\0]\0)|\0<\0[^\0]")
# The longer marks first: that of UTF-32 (little endian) begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Each can be read from any character on, and has no line feed within a character.
_TAKEN: Final = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|euc_jp|euc_kr|shift_jis"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """Python's name of an encoding, and how many bytes of a body its mark takes."""

    name: str
    mark_bytes: int = 0


UTF_8: Final = Encoding(name="utf-8")


def encoding_of(beginning: bytes) -> Encoding:
    """Return the encoding of the body that begins so; UTF-8 where nothing tells another one."""
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            return Encoding(name=name, mark_bytes=len(mark))
    unmarked = _UNMARKED_UTF_16.match(beginning)
    if unmarked is not None:
        return Encoding(name="utf-16-le" if unmarked.group(1) else "utf-16-be")
    declared = _DECLARED.match(beginning)
    if declared is None:
        return UTF_8
    try:
        name = codecs.lookup(declared.group(1).decode("ascii")).name
    except LookupError:
        return UTF_8
    return Encoding(name=name) if _TAKEN.fullmatch(name) else UTF_8
