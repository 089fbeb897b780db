"""Where the contents of secret elements are in a text that need not be XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.secret_places.names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Span(NamedTuple):
    """From ``start`` up to ``end``, as in a slice."""

    start: int
    end: int


class Syntax(NamedTuple):
    """How tags are written.

    ``token``: a tag's beginning (groups ``/`` and name), a comment or CDATA. ``tag_end``: the rest of a tag;
    ``exact_end``: the same, knowing of quotes. The exact one may look at a text again and again when quotes are
    wrong, so it is used only where the scan ends with it.
    """

    token: re.Pattern[str]
    tag_end: re.Pattern[str]
    exact_end: re.Pattern[str]


_NAME = r"[^\s<>/&;=\"'!?]++"

PLAIN = Syntax(
    re.compile(rf"<(?:(/?)({_NAME})|!--|!\[CDATA\[)"),
    re.compile(r"[^<>]*+>"),
    re.compile(r"""(?:[^"'<>]++|"[^"]*+"|'[^']*+')*>"""),
)
# No possessive groups, only possessive characters: Python 3.11 before 3.11.5 matches the former wrongly
# (python/cpython#106052), and Debian 12 has 3.11.2.
_ESCAPED_END = re.compile(r"[^<>&]*+(?:&(?![gl]t;)[^<>&]*+)*&gt;")
ESCAPED = Syntax(
    re.compile(rf"&lt;(?:(/?)({_NAME})|!--|!\[CDATA\[)"),
    _ESCAPED_END,
    _ESCAPED_END,
)
_QUOTED = re.compile(r"""("[^"]*+"|'[^']*+')""")
_NAMESPACE = re.compile(r"xmlns[\w.:-]*\s{0,9}=\s{0,9}$")
_NAMED = re.compile(r"[^<&]{0,200}")
_PAIRED = frozenset({"name", "key", "value"})


def replaced(text: str, spans: Iterable[Span], by: str) -> str:
    """``text`` with ``by`` in the place of each span; spans inside of others are part of them."""
    pieces: list[str] = []
    position = 0
    for start, end in sorted(spans):
        if start < position:
            # Overlapping: what reaches further goes too.
            position = max(position, end)
            continue
        pieces += [text[position:start], by]
        position = end
    return "".join([*pieces, text[position:]])


def element_contents(text: str, syntax: Syntax, names: frozenset[str]) -> Iterator[Span]:
    """The contents of all elements of these local names (lower case), in order, not nested."""
    position = 0
    tag_end = syntax.exact_end
    while (token := syntax.token.search(text, position)) is not None:
        position = token.end()
        if token.group(2) is None or token.group(1) or _local(token) not in names:
            continue
        tag = tag_end.match(text, position)
        if tag is None:
            # Quotes are wrong from here on; the exact search would fail again and again.
            tag_end = syntax.tag_end
            tag = tag_end.match(text, position)
        if tag is None or _closes_itself(text, tag, syntax):
            continue
        end = _end_of_content(text, tag.end(), len(text), _local(token), syntax)
        yield Span(tag.end(), end)
        position = end


def element_spans(text: str, syntax: Syntax) -> list[Span]:
    """What to take out so that no secret element, and no value beside a secret name, says anything."""
    spans: list[Span] = []
    _Scan(text, syntax, spans).region(0, len(text))
    return spans


class _Scan:
    """One pass over a text. It jumps over secret contents, so it reads nothing twice."""

    def __init__(self, text: str, syntax: Syntax, spans: list[Span]) -> None:
        self._text = text
        self._syntax = syntax
        self._spans = spans

    def region(self, start: int, end: int) -> None:
        """The part from ``start`` to ``end``: all of it, or the inside of a comment or CDATA."""
        text, position = self._text, start
        # Kinds of ends (of comments and CDATA) that do not occur any more: no further search.
        unended: set[str] = set()
        # The content of the element read last, if it may be the other half of a pair and nothing was closed since.
        beside: Span | None = None
        secret_value_follows = False
        while (token := self._syntax.token.search(text, position, end)) is not None:
            position = token.end()
            if token.group(2) is None:
                position = self._aside(token, end, unended)
                continue
            if token.group(1):
                beside = None
                continue
            name = _local(token)
            if is_secret_name(name) or (secret_value_follows and name == "value"):
                position = self._secret(position, end, name)
                secret_value_follows = False
            elif name in _PAIRED:
                content = self._leaf(position, end)
                if content is None:
                    continue
                said = _NAMED.match(text, content.start, content.end)
                secret = (
                    name != "value" and said is not None and is_secret_name(said.group().strip())
                )
                if secret and beside is not None:
                    self._spans.append(beside)
                secret_value_follows = secret or (secret_value_follows and name == "value")
                beside = content
                # Past the closing tag of this element, which closes nothing that matters.
                closing = self._syntax.token.match(text, content.end, end)
                position = closing.end() if closing is not None else content.end

    def _leaf(self, position: int, end: int) -> Span | None:
        """The text up to the next tag, when that closes."""
        tag = self._syntax.tag_end.match(self._text, position, end)
        if tag is None or _closes_itself(self._text, tag, self._syntax):
            return None
        following = self._syntax.token.search(self._text, tag.end(), end)
        if following is None or not following.group(1):
            return None
        return Span(tag.end(), following.start())

    def _secret(self, position: int, end: int, name: str) -> int:
        """Note what a secret element holds, in its attributes too; return where it ends."""
        text = self._text
        tag = self._syntax.exact_end.match(text, position, end)
        if tag is None:
            self._spans.append(Span(position, end))
            return end
        for quoted in _QUOTED.finditer(text, position, tag.end()):
            before = text[max(position, quoted.start() - 60) : quoted.start()]
            if _NAMESPACE.search(before) is None and quoted.end() - quoted.start() > 2:  # noqa: PLR2004
                self._spans.append(Span(quoted.start() + 1, quoted.end() - 1))
        if _closes_itself(text, tag, self._syntax):
            return tag.end()
        content_end = _end_of_content(text, tag.end(), end, name, self._syntax)
        if not text[tag.end() : content_end].isspace() and content_end > tag.end():
            self._spans.append(Span(tag.end(), content_end))
        return content_end

    def _aside(self, token: re.Match[str], end: int, unended: set[str]) -> int:
        """Look into a comment or CDATA on its own, and return where it ends."""
        closing = _terminator(token)
        closed = -1 if closing in unended else self._text.find(closing, token.end(), end)
        if closed < 0:
            unended.add(closing)
            return token.end()
        self.region(token.end(), closed)
        return closed + len(closing)


def _end_of_content(text: str, start: int, end: int, name: str, syntax: Syntax) -> int:
    """Where the closing tag of an element begins whose content begins at ``start``; ``end`` when there is none."""
    depth = 1
    position = start
    while (token := syntax.token.search(text, position, end)) is not None:
        position = token.end()
        if token.group(2) is None:
            closed = text.find(_terminator(token), position, end)
            if closed < 0:
                return end
            position = closed
        elif _local(token) != name:
            continue
        elif token.group(1):
            depth -= 1
            if depth == 0:
                return token.start()
        else:
            tag = syntax.tag_end.match(text, position, end)
            if tag is None or not _closes_itself(text, tag, syntax):
                depth += 1
    return end


def _closes_itself(text: str, tag: re.Match[str], syntax: Syntax) -> bool:
    length = 1 if syntax is PLAIN else len("&gt;")
    return text[tag.end() - length - 1] == "/"


def _terminator(token: re.Match[str]) -> str:
    escaped = token.group().startswith("&")
    if token.group().endswith("--"):
        return "--&gt;" if escaped else "-->"
    return "]]&gt;" if escaped else "]]>"


def _local(token: re.Match[str]) -> str:
    return token.group(2).rpartition(":")[2].lower()
