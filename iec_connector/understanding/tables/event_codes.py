"""The event code table: what an EndDeviceEventType code of a source means for the device.

The table is data (``iec_connector/event_codes.csv``), written to be read and extended by the engineer who
connects a head-end system. It is checked when it is loaded; an error says file and line. What its ``code`` column
may say is in ``tables/code_condition.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.report import Meaning
from iec_connector.understanding.tables.code_condition import (
    ANY,
    PART_COUNT,
    Condition,
    ConditionInvalid,
    numbers_of,
    parse_condition,
    pattern_of,
    plain_kind,
)
from iec_connector.understanding.tables.csv_rows import CodeTableInvalid, rows_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["PACKAGED_CODES", "CodeTableInvalid", "EventCodes", "load_event_codes"]

PACKAGED_CODES = Path(__file__).parents[2] / "event_codes.csv"
PACKAGED_PARTS = Path(__file__).parents[2] / "event_type_parts.csv"

_COLUMNS = ["source", "code", "meaning", "note"]
_PART_COLUMNS = ["part", "code", "name"]
_PARTS = ("EndDeviceType", "EndDeviceDomain", "EndDeviceSubDomain", "EndDeviceEventOrAction")
# Other signs between the numbers, and a URI before them: 3#26#0#85, urn:x:3.26.0.85, #3.26.0.85.
_OTHERWISE = re.compile(
    r"(?:\S{0,400}[/#:])?([0-9]{1,4})([.:#])([0-9]{1,4})\2([0-9]{1,4})\2([0-9]{1,4})", re.ASCII
)
# A feed uses some hundred codes; a sender that invents them must not grow the memory.
_MOST_REMEMBERED = 10_000


class _Row(NamedTuple):
    source: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class _Index:
    """The rows by what can be looked up: numbers and texts directly, the few patterns one after the other."""

    numbers: dict[tuple[str, tuple[str, ...]], Meaning] = field(default_factory=dict)
    texts: dict[tuple[str, str], Meaning] = field(default_factory=dict)
    patterns: dict[str, list[tuple[re.Pattern[str], Meaning]]] = field(default_factory=dict)
    names: dict[tuple[str, str, str], list[Condition]] = field(default_factory=dict)
    details: dict[tuple[str, str, str], list[Condition]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Mapping[_Row, Meaning]) -> _Index:
        index = cls()
        # The most telling first, so that the first that fits is the one.
        for row, meaning in sorted(rows.items(), key=lambda item: item[0].condition.weight)[::-1]:
            source, condition = row
            if condition.said is not None:
                said = condition.said
                place = index.details if said.is_detail else index.names
                place.setdefault((source, said.kind, said.value), []).append(condition)
            elif condition.numbers is not None:
                index.numbers[source, condition.numbers] = meaning
            elif ANY in condition.text:
                pattern = (pattern_of(condition.text), meaning)
                index.patterns.setdefault(source, []).append(pattern)
            else:
                index.texts[source, condition.text] = meaning
        return index


@dataclass(frozen=True, slots=True)
class EventCodes:
    """Looks codes up. Build it with ``load_event_codes``."""

    _rows: Mapping[_Row, Meaning]
    _names: Mapping[tuple[str, str], str]
    _numbers: Mapping[tuple[str, str], str]
    _index: _Index
    _remembered: dict[tuple[str, str], Meaning] = field(default_factory=dict, compare=False)
    _named: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def reads_names(self) -> bool:
        """Return whether a row has a condition on names, so that ``meaning`` needs them."""
        return bool(self._index.names)

    def meaning(
        self,
        source: str,
        code: str,
        *,
        names: Iterable[tuple[str, str]] = (),
        details: Mapping[str, str] | None = None,
    ) -> Meaning:
        """What ``code`` means when ``source`` says it; ``UNSPECIFIED`` when the table does not know it.

        ``names`` are the names of the event and of its type, as (NameType, name). A row of this source wins over
        one of ``*``; then the most telling row wins (``tables/code_condition.py``).
        """
        for each in (source, ANY):
            meaning = self._by_what_is_said(each, code, names, details or {})
            if meaning is None:
                meaning = self._by_code(each, code)
            if meaning is not Meaning.UNSPECIFIED:
                return meaning
        return Meaning.UNSPECIFIED

    def name(self, code: str) -> str:
        """Readable name, e.g. ``ElectricMeter.Power.NA.Failed``; empty when a part is unknown."""
        name = self._named.get(code)
        if name is None:
            if len(self._named) >= _MOST_REMEMBERED:
                self._named.clear()
            name = self._named[code] = self._name(code)
        return name

    def _name(self, code: str) -> str:
        parts = self._parts(code)
        if parts is None:
            return ""
        names = [self._names.get(key, "") for key in zip(_PARTS, parts, strict=True)]
        return ".".join(names) if all(names) else ""

    def code_of(self, parts: Iterable[str]) -> str:
        """Code of four parts given as numbers or names of the standard; empty when one is unknown."""
        numbers = [
            part if part.isdecimal() else self._numbers.get((kind, part.lower()), "")
            for kind, part in zip(_PARTS, parts, strict=True)
        ]
        return ".".join(numbers) if all(numbers) else ""

    def with_rows_of(self, other: EventCodes) -> EventCodes:
        """These rows and those of ``other``, which win where both have the same."""
        rows = {**self._rows, **other._rows}
        return EventCodes(rows, self._names, self._numbers, _Index.of(rows))

    def _by_what_is_said(
        self,
        source: str,
        code: str,
        names: Iterable[tuple[str, str]],
        details: Mapping[str, str],
    ) -> Meaning | None:
        """Return the meaning by a row with a condition on a name or a detail; ``None`` when there is none."""
        index = self._index
        found: list[Condition] = []
        if index.details:
            for name, value in details.items():
                found += index.details.get((source, plain_kind(name), value.strip().lower()), ())
        if index.names:
            for kind, value in names:
                plain = value.strip().lower()
                found += index.names.get((source, plain_kind(kind), plain), ())
                if kind:
                    found += index.names.get((source, "", plain), ())
        fitting = [each for each in found if self._code_fits(each, code)]
        if not fitting:
            return None
        return self._rows[_Row(source, max(fitting, key=lambda each: each.weight))]

    def _code_fits(self, condition: Condition, code: str) -> bool:
        if condition.text:
            return pattern_of(condition.text).fullmatch(code.strip().lower()) is not None
        if condition.numbers is None:
            return True
        parts = self._parts(code)
        return parts is not None and all(
            wanted in (ANY, part) for wanted, part in zip(condition.numbers, parts, strict=True)
        )

    def _by_code(self, source: str, code: str) -> Meaning:
        key = (source, code)
        meaning = self._remembered.get(key)
        if meaning is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            meaning = self._remembered[key] = self._looked_up(source, code)
        return meaning

    def _looked_up(self, source: str, code: str) -> Meaning:
        index = self._index
        text = code.strip().lower()
        meaning = index.texts.get((source, text))
        if meaning is not None:
            return meaning
        for pattern, meant in index.patterns.get(source, ()):
            if pattern.fullmatch(text):
                return meant
        parts = self._parts(code)
        if parts is None:
            return Meaning.UNSPECIFIED
        for key in _with_wildcards(parts):
            meaning = index.numbers.get((source, key))
            if meaning is not None:
                return meaning
        return Meaning.UNSPECIFIED

    def _parts(self, code: str) -> tuple[str, ...] | None:
        """The four numbers of a code, however it is written; ``None`` when it is none of the standard.

        By numbers (``3.26.0.85``, ``3#26#0#85``, at the end of a URI), by names (``ElectricMeter.Power.NA.Failed``),
        mixed, or without the kind of device (``26.0.85``) where the three that are there have names in the standard.
        """
        parts = numbers_of(code.strip())
        if parts is not None:
            return parts
        written = _OTHERWISE.fullmatch(code.strip())
        if written is not None:
            return numbers_of(".".join(written.group(1, 3, 4, 5)))
        said = code.strip().split(".")
        if len(said) == PART_COUNT - 1 and all(part.isdecimal() for part in said):
            said = ["0", *said]
            if not all(self._names.get(key) for key in zip(_PARTS, said, strict=True)):
                return None
        if len(said) != PART_COUNT:
            return None
        return numbers_of(self.code_of(said))


def load_event_codes(path: Path = PACKAGED_CODES, parts_path: Path = PACKAGED_PARTS) -> EventCodes:
    """Read and check the table at ``path`` and the names of the standard's parts.

    Raises:
        CodeTableInvalid: a file is missing or a row is wrong; says which and why.
    """
    names: dict[tuple[str, str], str] = {}
    numbers: dict[tuple[str, str], str] = {}
    for _, row in rows_of(parts_path, _PART_COLUMNS, CodeTableInvalid):
        # Some numbers have two names (126: PhaseA, PhaseAVoltagePotential); the first is the one shown.
        names.setdefault((row["part"], row["code"]), row["name"])
        numbers.setdefault((row["part"], row["name"].lower()), row["code"])
    meanings: dict[_Row, Meaning] = {}
    first_seen: dict[_Row, int] = {}
    for line, row in rows_of(path, _COLUMNS, CodeTableInvalid):
        where = f"{path}, line {line}"
        key = _row(where, row)
        if key in meanings:
            raise CodeTableInvalid(
                f"{where}: {row['code']} of source {row['source']} is already in line {first_seen[key]}"
            )
        meanings[key] = _meaning(where, row["meaning"])
        first_seen[key] = line
    return EventCodes(meanings, names, numbers, _Index.of(meanings))


def _row(where: str, row: dict[str, str]) -> _Row:
    source = source_of(where, row, CodeTableInvalid)
    try:
        return _Row(source, parse_condition(row["code"]))
    except ConditionInvalid as error:
        raise CodeTableInvalid(f"{where}: {error}") from error


def _meaning(where: str, text: str) -> Meaning:
    try:
        meaning = Meaning(text.upper())
    except ValueError:
        meaning = Meaning.UNSPECIFIED
    if meaning is Meaning.UNSPECIFIED:
        known = ", ".join(known.value for known in Meaning if known.value)
        raise CodeTableInvalid(f"{where}: {text!r} is no meaning; known are {known}")
    return meaning


def _with_wildcards(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The keys by which a code may be in the table, the most exact first."""
    keys = [tuple(choice) for choice in product(*((part, ANY) for part in parts))]
    keys.sort(key=lambda key: Condition(numbers=key).weight, reverse=True)
    yield from keys
