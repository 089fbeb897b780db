"""From text to an XML tree, without trusting it.

A document type (and with it every entity but the five of XML) is refused before the parser sees it. Size,
number of elements and attributes, and depth are bounded; the parser's own bounds stay on; nothing is fetched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from iec_connector.understanding.source import Limits

# In decoded text the declaration has no use (or is wrong): it is cut off, and libxml2 gets the encoding. Its line
# breaks stay, for the line numbers.
_DECLARATION = re.compile(r"\s*<\?xml\s[^?>]{0,400}\?>")

_BLANK = " \t\r\n"

# One for all: making one costs half as much as parsing a message. It reads one document at a time, also for threads.
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    collect_ids=False,
    remove_comments=True,
    remove_pis=True,
)


def parse(text: str, limits: Limits) -> etree._Element:
    """The root of the document in ``text``.

    Raises:
        Unreadable: with one of the reasons for a body.
    """
    if not text or text.isspace():
        raise Unreadable(Reason.EMPTY_BODY, "the body is empty")
    _refuse_document_type(text)
    if markup_count(text) > limits.elements:
        raise Unreadable(
            Reason.XML_TOO_COMPLEX,
            f"the body may hold more than {limits.elements} elements and attributes",
        )
    declaration = _DECLARATION.match(text)
    if declaration is not None:
        text = "\n" * declaration.group().count("\n") + text[declaration.end() :]
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise Unreadable(
            Reason.TEXT_ENCODING,
            f"character {error.start} is half of a surrogate pair",
            place=f"line {line}",
        ) from None
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    # Each level but the last takes an end tag.
    if text.count("</") >= limits.depth and _deeper_than(limits.depth)(root):
        raise Unreadable(Reason.TOO_DEEP, f"elements are nested more than {limits.depth} deep")
    if "<!DOCTYPE" in text and root.getroottree().docinfo.internalDTD is not None:
        raise _document_type_forbidden()
    return root


def markup_count(text: str) -> int:
    """Return at least the number of elements and attributes in ``text``, without parsing it."""
    return text.count("<") - text.count("</") + text.count("=")


def _refuse_document_type(text: str) -> None:
    """A DOCTYPE can stand only before the root, after comments and processing instructions."""
    if "<!DOCTYPE" not in text:
        return
    position = 0
    while True:
        while position < len(text) and text[position] in _BLANK:
            position += 1
        if text.startswith("<!DOCTYPE", position):
            raise _document_type_forbidden(text.count("\n", 0, position) + 1)
        for opening, closing in (("<!--", "-->"), ("<?", "?>")):
            if text.startswith(opening, position):
                end = text.find(closing, position + len(opening))
                break
        else:
            return
        if end < 0:
            return
        position = end + len(closing)


def _document_type_forbidden(line: int = 1) -> Unreadable:
    return Unreadable(
        Reason.DTD_FORBIDDEN,
        "a document type (DOCTYPE) is refused: it could define entities",
        place=f"line {line}",
    )


def _malformed(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    place = f"line {line}, column {column}"
    sentence = (error.msg or "not XML").partition(", line ")[0].strip()[:300]
    if "xcessive depth" in sentence:
        return Unreadable(Reason.TOO_DEEP, sentence, place=place)
    if "XML_PARSE_HUGE" in sentence:
        return Unreadable(Reason.XML_TOO_COMPLEX, sentence.partition(", try")[0], place=place)
    return Unreadable(Reason.XML_MALFORMED, sentence, place=place)


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")
