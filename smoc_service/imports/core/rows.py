"""A shipment's rows: its columns, and what each row says or why it is refused."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from contract_limits import IDENTIFIER_CHARACTERS, IMPORT_ROWS, NETWORK
from smoc_service.imports.core.lines import Lines, Record, Unreadable
from smoc_service.imports.core.shipment_import import Row, Verdict

REQUIRED: Final = ("serial", "model", "network")
# Column -> what the hub calls it.
COLUMNS: Final = {
    "serial": "serial_number",
    "model": "model",
    "lot": "lot_number",
    "area": "area",
    "manufacturer": "manufacturer",
    "communication_technology": "communication_technology",
    "utility_number": "utility_number",
    "mrid": "mrid",
    "latitude": "latitude",
    "longitude": "longitude",
}
_TEXT_AT_MOST: Final = 256
_SHOWN_AT_MOST: Final = 60
_DEGREES: Final = {"latitude": 90, "longitude": 180}
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?", re.ASCII)
# What a spreadsheet makes of a long number: the digits are lost.
_ROUNDED: Final = re.compile(r"[0-9]+[.,][0-9]+[eE]\+?[0-9]+")


class _Wrong(Exception):
    """This row cannot be imported; the text says which column and why."""


@dataclass(slots=True)
class ShipmentReading:
    """Reads one file. ``networks`` are those that its sender may see; None means all.

    It remembers the line of every device, to find duplicates: some 40 MB for the longest file.
    """

    networks: frozenset[str] | None
    row_count: int = 0
    _lines: Lines = field(default_factory=Lines)
    _columns: tuple[str, ...] = ()
    _seen: dict[str, int] = field(default_factory=dict)

    def feed(self, content: bytes) -> Iterator[Row]:
        """Return the rows that end within ``content``. Raises Unreadable."""
        return self._rows(self._lines.feed(content))

    def end(self) -> Iterator[Row]:
        """Return the remaining rows. Raises Unreadable, also for a file without rows."""
        yield from self._rows(self._lines.end())
        if not self._columns:
            raise Unreadable("the file is empty")
        if not self.row_count:
            raise Unreadable("the file has no row below its line of names")

    def _rows(self, records: Iterable[Record]) -> Iterator[Row]:
        for record in records:
            # Blank lines, and those of separators alone that spreadsheets leave behind, say nothing.
            if not record.fault and not any(record.fields):
                continue
            if not self._columns:
                if record.fields and record.fields[0].lower() == "sep=":
                    continue
                self._columns = _columns(record)
                continue
            self.row_count += 1
            if self.row_count > IMPORT_ROWS:
                raise Unreadable(f"line {record.line}: more than {IMPORT_ROWS:,} rows")
            yield self._row(record)

    def _row(self, record: Record) -> Row:
        device_id = ""
        try:
            said = self._said(record)
            network = said.pop("network")
            device_id = f"{_network(network)}/{_serial(said['serial'])}"
            self._check_sees(network)
            attributes = {
                COLUMNS[column]: _text(column, text) for column, text in said.items() if text
            }
            _check_place(attributes)
            self._check_once(device_id, record.line)
        except _Wrong as wrong:
            return Row(
                line=record.line, device_id=device_id, verdict=Verdict.REFUSED, detail=str(wrong)
            )
        return Row(
            line=record.line, device_id=device_id, verdict=Verdict.READY, attributes=attributes
        )

    def _said(self, record: Record) -> dict[str, str]:
        if record.fault:
            raise _Wrong(record.fault)
        count, wanted = len(record.fields), len(self._columns)
        if count != wanted:
            raise _Wrong(f"{count} fields, the line of names has {wanted}")
        said = dict(zip(self._columns, record.fields, strict=True))
        for column in REQUIRED:
            if not said[column]:
                raise _Wrong(f"{column}: is empty")
        return said

    def _check_sees(self, network: str) -> None:
        if self.networks is not None and network not in self.networks:
            raise _Wrong(f"network: {network!r} is none of those that you may see")

    def _check_once(self, device_id: str, line: int) -> None:
        first = self._seen.setdefault(device_id, line)
        if first != line:
            raise _Wrong(f"serial: {device_id} stands in line {first} already")


def _columns(record: Record) -> tuple[str, ...]:
    if record.fault:
        raise Unreadable(f"line {record.line}: the line of names is {record.fault}")
    names = tuple(name.lower().replace(" ", "_") for name in record.fields)
    known = [*REQUIRED, *(name for name in COLUMNS if name not in REQUIRED)]
    where = f"line {record.line}: "
    if not set(names) & set(known):
        raise Unreadable(
            f"{where}no line of names; it is to hold {', '.join(known)}, separated by , or ;"
        )
    for number, name in enumerate(names, 1):
        if not name:
            raise Unreadable(f"{where}column {number} has no name")
        if name not in known:
            raise Unreadable(
                f"{where}column {_shown(name)} is not known; those known are {', '.join(known)}"
            )
    if twice := [name for name in known if names.count(name) > 1]:
        raise Unreadable(f"{where}column {twice[0]!r} stands twice")
    if missing := [name for name in REQUIRED if name not in names]:
        raise Unreadable(f"{where}column {missing[0]!r} is missing")
    return names


def _check_place(attributes: dict[str, str]) -> None:
    """Leave degrees with a point, or nothing, where degrees are to be; both or none."""
    for column, largest in _DEGREES.items():
        if not (text := attributes.get(column)):
            continue
        degrees = text.replace(",", ".")
        if not _DECIMAL.fullmatch(degrees) or abs(float(degrees)) > largest:
            raise _Wrong(f"{column}: {_shown(text)} is not from -{largest} to {largest} degrees")
        attributes[column] = degrees.removeprefix("+")
    given = [column for column in _DEGREES if column in attributes]
    if len(given) == 1:
        [missing] = set(_DEGREES) - set(given)
        raise _Wrong(f"{missing}: is empty, {given[0]} is not")
    if given and not any(float(attributes[column]) for column in given):
        raise _Wrong("latitude: 0/0 is no place; leave both empty where it is not known")


def _network(text: str) -> str:
    if not NETWORK.fullmatch(text):
        raise _Wrong(f"network: {_shown(text)} is no network's name")
    return text


def _serial(text: str) -> str:
    if len(text) > IDENTIFIER_CHARACTERS:
        raise _Wrong(f"serial: longer than {IDENTIFIER_CHARACTERS} characters")
    if not text.isprintable():
        raise _Wrong(f"serial: {_shown(text)} holds characters that cannot be printed")
    if "/" in text:
        raise _Wrong(f'serial: {_shown(text)} holds a "/"')
    if _ROUNDED.fullmatch(text):
        raise _Wrong(
            f"serial: {_shown(text)} was rounded by a spreadsheet; format the column as text"
        )
    return text


def _text(column: str, text: str) -> str:
    if len(text) > _TEXT_AT_MOST:
        raise _Wrong(f"{column}: longer than {_TEXT_AT_MOST} characters")
    if not text.isprintable():
        raise _Wrong(f"{column}: {_shown(text)} holds characters that cannot be printed")
    return text


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN_AT_MOST]) if not text.isprintable() else repr(text[:_SHOWN_AT_MOST])
