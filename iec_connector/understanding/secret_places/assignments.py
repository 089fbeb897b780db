"""Where the values of secret attributes (``password="..."``) are, in tags and anywhere else in a text.

JSON is looked through too: it is no message, but has been seen on such queues, and would lie in the quarantine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.secret_places.elements import Span
from iec_connector.understanding.secret_places.names import REMOVED_SECRET, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

# Possessive and with a look-behind: each run of characters is read once.
_ASSIGNED = re.compile(r"(?<![\w.:-])([\w.:-]++)\s{0,20}+=\s{0,20}+", re.ASCII)
_JSON = re.compile(r"""["']([\w.-]++)["']\s{0,20}+:\s{0,20}+""", re.ASCII)
# An open quote takes the rest.
_VALUE = re.compile(
    r"""(?P<quote>["']|&quot;|&apos;|&\#34;|&\#39;)|(?P<bare>[^\s<>"'&=][^\s<>"'&]*+)"""
)
_TAG = re.compile(r"<[^<>]*+>")
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([\w.:-]++)\s{0,20}+=\s{0,20}+("[^"]*+"|'[^']*+')""")
_NAMING = frozenset({"name", "key", "id", "type"})


def assignment_spans(text: str) -> list[Span]:
    """The values to take out, without their quotes."""
    return [*_assigned(text, _ASSIGNED), *_assigned(text, _JSON), *_paired(text)]


def without_secrets(text: str) -> str:
    """A text for a report, without the values that are assigned to secret names in it."""
    for span in sorted(assignment_spans(text), reverse=True):
        text = f"{text[: span.start]}{REMOVED_SECRET}{text[span.end :]}"
    return text


def _assigned(text: str, assignment: re.Pattern[str]) -> Iterator[Span]:
    position = 0
    while (found := assignment.search(text, position)) is not None:
        position = found.end()
        if not is_secret_name(found.group(1)):
            continue
        value = _VALUE.match(text, position)
        if value is None:
            continue
        quote = value.group("quote")
        if quote is None:
            yield Span(*value.span())
            position = value.end()
            continue
        closed = text.find(quote, value.end())
        end = closed if closed >= 0 else len(text)
        if end > value.end():
            yield Span(value.end(), end)
        position = end


def _paired(text: str) -> Iterator[Span]:
    """``value`` attributes in a tag whose ``name`` attribute is that of a secret."""
    for tag in _TAG.finditer(text):
        if "value" not in tag.group().lower():
            continue
        attributes = list(_ATTRIBUTE.finditer(text, tag.start(), tag.end()))
        if any(
            _local(attribute) in _NAMING and is_secret_name(attribute.group(2)[1:-1].strip())
            for attribute in attributes
        ):
            for attribute in attributes:
                start, end = attribute.span(2)
                if _local(attribute) == "value" and end - start > len('""'):
                    yield Span(start + 1, end - 1)


def _local(attribute: re.Match[str]) -> str:
    return attribute.group(1).rpartition(":")[2].lower()
