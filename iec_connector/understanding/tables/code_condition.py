"""What the ``code`` column of the code table may say: which events a row is for.

    3.26.0.85              the code by its numbers; any of the four may be *
    text:26.0.85           the type as the message writes it, whatever its case; * stands for any characters
    name:REN6025=11.3.3    a name of the event or of its type: NameType=name; without NameType=, a name of any type
    detail:vendorCode=117  a detail of the event: name=value
    0.0.0.0 & detail:vendorCode=117    both: numbers or text first, then a name or a detail

Of the rows that fit, the most telling wins: see ``Condition.weight``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ANY: Final = "*"
PART_COUNT: Final = 4
_TEXT, _NAME, _DETAIL = "text:", "name:", "detail:"
_FORMS = (
    "four numbers with dots, each of which may be *, or text:..., name:[TYPE=]VALUE, detail:NAME=VALUE,"
    " or two of them with & between"
)


class ConditionInvalid(ValueError):
    """The column says nothing that can be understood."""


@dataclass(frozen=True, slots=True)
class Said:
    """A name or detail that an event has to carry; ``kind`` is empty where any will do. Both in lower case."""

    kind: str
    value: str
    is_detail: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One row's condition; at least one of the fields is set. ``text`` is in lower case."""

    numbers: tuple[str, ...] | None = None
    text: str = ""
    said: Said | None = None

    @property
    def weight(self) -> tuple[int, ...]:
        """Sorts rows: the greater wins.

        A row with a name or a detail comes before one without, a detail before a name, both together with a code
        before either alone; then a text before numbers, an exact one before one with ``*``, and among numbers the
        one with fewer ``*``, then the one whose later parts are exact.
        """
        said = 0 if self.said is None else 2 if self.said.is_detail else 1
        text = (2 if ANY not in self.text else 1) if self.text else 0
        exact = [int(part != ANY) for part in reversed(self.numbers or ())]
        has_code = int(bool(self.text or self.numbers))
        return (
            int(said > 0),
            has_code if said else 0,
            said,
            text,
            len(self.text),
            sum(exact),
            *exact,
        )


def parse_condition(cell: str) -> Condition:
    """Read the column.

    Raises:
        ConditionInvalid: says what is expected.
    """
    numbers: tuple[str, ...] | None = None
    text = ""
    said: Said | None = None
    for part in (part.strip() for part in cell.split(" & ")):
        word = part.lower()
        if word.startswith(_TEXT) and not (text or numbers or said):
            text = _required(word.removeprefix(_TEXT).strip(), cell)
        elif word.startswith((_NAME, _DETAIL)) and said is None:
            said = _said(word, cell)
        elif numbers is None and not (text or said):
            numbers = numbers_of(part, wildcards=True)
            if numbers is None:
                raise _invalid(cell)
        else:
            raise _invalid(cell)
    return Condition(numbers, text, said)


def numbers_of(code: str, *, wildcards: bool = False) -> tuple[str, ...] | None:
    """The four parts without leading zeros, or ``None`` when it is not of that form."""
    parts = code.split(".")
    if len(parts) != PART_COUNT:
        return None
    if not all(
        (part.isascii() and part.isdecimal()) or (wildcards and part == ANY) for part in parts
    ):
        return None
    if all(part == ANY for part in parts):
        return None
    return tuple(part if part == ANY else part.lstrip("0") or "0" for part in parts)


def pattern_of(text: str) -> re.Pattern[str]:
    """A text with ``*`` as a regular expression for lower-case texts."""
    return re.compile(".*".join(re.escape(piece) for piece in text.split(ANY)), re.DOTALL)


def plain_kind(name: str) -> str:
    """How names of names and details are compared: lower case, without blanks around."""
    return name.strip().lower()


def _said(word: str, cell: str) -> Said:
    is_detail = word.startswith(_DETAIL)
    kind, equals, value = word.partition(":")[2].partition("=")
    if not equals:
        kind, value = "", kind
    if is_detail and not kind.strip():
        raise _invalid(cell)
    return Said(plain_kind(kind), _required(value.strip(), cell), is_detail)


def _required(text: str, cell: str) -> str:
    if not text.strip(ANY):
        raise _invalid(cell)
    return text


def _invalid(cell: str) -> ConditionInvalid:
    return ConditionInvalid(f"{cell!r} is no code: {_FORMS}")
