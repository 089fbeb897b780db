"""The event code table: what an EndDeviceEventType code of a source means for the device.

The table is data (``iec_connector/event_codes.csv``), written to be read and extended by the engineer who
connects a head-end system. It is checked when it is loaded; an error says file and line.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.report import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PACKAGED_CODES = Path(__file__).parent.parent / "event_codes.csv"
PACKAGED_PARTS = Path(__file__).parent.parent / "event_type_parts.csv"

_COLUMNS = ["source", "code", "meaning", "note"]
_PART_COLUMNS = ["part", "code", "name"]
_PARTS = ("EndDeviceType", "EndDeviceDomain", "EndDeviceSubDomain", "EndDeviceEventOrAction")
_ANY = "*"


class CodeTableInvalid(ValueError):
    """The code table or the list of names cannot be used; the text names file and line."""


class _Key(NamedTuple):
    """A code split for look-up: where the table says ``*`` for the type, ``device_type`` is ``*``."""

    source: str
    device_type: str
    rest: str


@dataclass(frozen=True, slots=True)
class EventCodes:
    """Looks codes up. Build it with ``load_event_codes``."""

    _meanings: Mapping[_Key, Meaning]
    _names: Mapping[tuple[str, str], str]
    _numbers: Mapping[tuple[str, str], str]

    def meaning(self, source: str, code: str) -> Meaning:
        """What ``code`` means when ``source`` says it; ``UNSPECIFIED`` when the table does not know it.

        The most specific row wins: a row of this source before one of ``*``, an exact type before ``*``.
        """
        parts = _split(code)
        if parts is None:
            return Meaning.UNSPECIFIED
        device_type, rest = parts[0], ".".join(parts[1:])
        for key in (
            _Key(source, device_type, rest),
            _Key(source, _ANY, rest),
            _Key(_ANY, device_type, rest),
            _Key(_ANY, _ANY, rest),
        ):
            meaning = self._meanings.get(key)
            if meaning is not None:
                return meaning
        return Meaning.UNSPECIFIED

    def name(self, code: str) -> str:
        """Readable name, e.g. ``ElectricMeter.Power.NA.Failed``; empty when a part is unknown."""
        parts = _split(code)
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


def load_event_codes(path: Path = PACKAGED_CODES, parts_path: Path = PACKAGED_PARTS) -> EventCodes:
    """Read and check the table at ``path`` and the names of the standard's parts.

    Raises:
        CodeTableInvalid: a file is missing or a row is wrong; says which and why.
    """
    names: dict[tuple[str, str], str] = {}
    numbers: dict[tuple[str, str], str] = {}
    for _, row in _rows(parts_path, _PART_COLUMNS):
        # Some numbers have two names (126: PhaseA, PhaseAVoltagePotential); the first is the one shown.
        names.setdefault((row["part"], row["code"]), row["name"])
        numbers.setdefault((row["part"], row["name"].lower()), row["code"])
    meanings: dict[_Key, Meaning] = {}
    first_seen: dict[_Key, int] = {}
    for line, row in _rows(path, _COLUMNS):
        where = f"{path}, line {line}"
        key = _key(where, row)
        if key in meanings:
            raise CodeTableInvalid(
                f"{where}: {row['code']} of source {row['source']} is already in line {first_seen[key]}"
            )
        meanings[key] = _meaning(where, row["meaning"])
        first_seen[key] = line
    return EventCodes(meanings, names, numbers)


def _rows(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers; empty lines and lines that begin with ``#`` are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CodeTableInvalid(f"{path}: cannot be read: {error}") from error
    reader = csv.reader(text.splitlines(), strict=True)
    seen_header = False
    try:
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if not any(values) or values[0].startswith("#"):
                continue
            if not seen_header:
                if values != columns:
                    raise CodeTableInvalid(
                        f"{path}, line {reader.line_num}: the columns must be {','.join(columns)}"
                    )
                seen_header = True
                continue
            if len(values) != len(columns):
                raise CodeTableInvalid(
                    f"{path}, line {reader.line_num}: {len(values)} columns instead of {len(columns)}"
                    ' (a note with a comma needs "double quotes")'
                )
            yield reader.line_num, dict(zip(columns, values, strict=True))
    except csv.Error as error:
        raise CodeTableInvalid(f"{path}, line {reader.line_num}: {error}") from error
    if not seen_header:
        raise CodeTableInvalid(f"{path}: is empty; the columns must be {','.join(columns)}")


def _key(where: str, row: Mapping[str, str]) -> _Key:
    if not row["source"]:
        raise CodeTableInvalid(f"{where}: source is empty (* stands for every source)")
    code = row["code"]
    device_type, _, rest = code.partition(".")
    parts = _split(f"0.{rest}" if device_type == _ANY else code)
    if parts is None:
        raise CodeTableInvalid(
            f"{where}: {code!r} is no code: four numbers with dots; only the first may be *"
        )
    return _Key(row["source"], _ANY if device_type == _ANY else parts[0], ".".join(parts[1:]))


def _meaning(where: str, text: str) -> Meaning:
    try:
        meaning = Meaning(text.upper())
    except ValueError:
        meaning = Meaning.UNSPECIFIED
    if meaning is Meaning.UNSPECIFIED:
        known = ", ".join(known.value for known in Meaning if known.value)
        raise CodeTableInvalid(f"{where}: {text!r} is no meaning; known are {known}")
    return meaning


def _split(code: str) -> list[str] | None:
    """The four parts without leading zeros, or ``None`` when it is not of that form."""
    parts = code.split(".")
    if len(parts) != len(_PARTS) or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    return [part.lstrip("0") or "0" for part in parts]
