"""Removes passwords and keys from a message before it is stored or shown.

Works on text, not on a tree, because much of what is stripped cannot be parsed: elements and attributes by their
local name, pairs of ``name`` and ``value``, escaped XML, comments, CDATA, whatever is inside ``Compressed``.
Well-formed messages stay well-formed and say the same but for the secrets, so that they can be replayed. Time is
linear in the size of the message. When in doubt it strips too much: a secret element that is never closed takes
the rest of the message with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import overload

from iec_connector.understanding.body.compressed import deflate, inflate
from iec_connector.understanding.body.text import encoding_of
from iec_connector.understanding.secret_places.assignments import assignment_spans
from iec_connector.understanding.secret_places.elements import (
    ESCAPED,
    PLAIN,
    element_contents,
    element_spans,
    replaced,
)
from iec_connector.understanding.source import Limits
from iec_connector.understanding.unreadable import Unreadable

STRIPPED = "(stripped)"
"""What stands where a secret was."""

COMPRESSED_STRIPPED = "(stripped: the compressed content could not be read)"

_CDATA = re.compile(r"\s*<!\[CDATA\[([^<\]]*+)\]\]>\s*")


@dataclass(slots=True)
class _Allowance:
    """How many bytes may still be inflated. ``depth``: inside of how many compressed contents this is."""

    inflated_bytes: int
    depth: int = 0


@overload
def strip_secrets(body: str) -> str: ...
@overload
def strip_secrets(body: bytes) -> bytes: ...
@overload
def strip_secrets(body: str | bytes) -> str | bytes: ...
def strip_secrets(body: str | bytes) -> str | bytes:
    """``body`` without its secrets; text stays text, and bytes keep their encoding."""
    allowance = _Allowance(Limits().inflated_bytes)
    return _stripped(body, allowance) if isinstance(body, str) else _stripped_bytes(body, allowance)


def _stripped_bytes(body: bytes, allowance: _Allowance) -> bytes:
    encoding = _encoding(body)
    width = {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)
    # Half a code unit at the end cannot hold a secret, nor be encoded again.
    whole = body[: len(body) - len(body) % width]
    if width > 1 and "<" not in whole.decode(encoding, "replace"):
        # The mark at its beginning lies.
        whole, encoding, width = body, "latin-1", 1
    errors = "strict" if width == 1 else "surrogatepass" if width == 2 else "replace"  # noqa: PLR2004
    return _stripped(whole.decode(encoding, errors), allowance).encode(encoding, errors)


def _encoding(body: bytes) -> str:
    """How to read the bytes so that they can be written back.

    Latin-1 maps every byte to a character and back, and marks of XML and names of secrets are ASCII in every
    encoding but UTF-16 and UTF-32.
    """
    try:
        encoding = encoding_of(body)[0]
    except Unreadable:
        return "latin-1"
    return encoding if encoding.startswith(("utf-16", "utf-32")) else "latin-1"


def _stripped(text: str, allowance: _Allowance) -> str:
    text = _with_compressed_stripped(text, allowance)
    text = replaced(text, element_spans(text, PLAIN), STRIPPED)
    if "&lt;" in text:
        text = replaced(text, element_spans(text, ESCAPED), STRIPPED)
    return replaced(text, assignment_spans(text), STRIPPED)


def _with_compressed_stripped(text: str, allowance: _Allowance) -> str:
    if "ompressed" not in text.lower():
        return text
    pieces: list[str] = []
    position = 0
    for start, end in element_contents(text, PLAIN, frozenset({"compressed", "compressedpayload"})):
        pieces += [text[position:start], _compressed_stripped(text[start:end], allowance)]
        position = end
    return "".join([*pieces, text[position:]])


def _compressed_stripped(content: str, allowance: _Allowance) -> str:
    wrapped = _CDATA.fullmatch(content)
    packed = wrapped.group(1) if wrapped is not None else content
    if not packed.strip():
        return content
    if allowance.depth or "<" in packed:
        return COMPRESSED_STRIPPED
    try:
        inflated = inflate(packed, allowance.inflated_bytes)
    except Unreadable:
        return COMPRESSED_STRIPPED
    allowance.inflated_bytes -= len(inflated)
    allowance.depth += 1
    stripped = _stripped_bytes(inflated, allowance)
    allowance.depth -= 1
    return content if stripped == inflated else deflate(stripped)
