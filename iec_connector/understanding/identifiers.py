"""All names of a device in a message, by scheme: the hub learns from them which names belong to one meter.

Schemes: ``mrid``, ``serial_number``, ``utility_number``, ``name/<type>`` (the type in lower case, without blanks, ``-``
and ``_``), and ``""`` where the message does not say what kind of name it is (a plain name, an ``ID``).

A nil value ("null", "n/a", "0000", the nil UUID ...) is what a system writes for an unknown value. It identifies no
device: otherwise all meters without a serial number would be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from contract_limits import IDENTIFIER_CHARACTERS, IDENTIFIERS_PER_REPORT
from iec_connector.understanding.remembered import remembered
from iec_connector.understanding.secret_places.names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iec_connector.understanding.element import Element

MOST_IDENTIFIERS = IDENTIFIERS_PER_REPORT
LONGEST_IDENTIFIER = IDENTIFIER_CHARACTERS
UNKNOWN_SCHEME = ""

NIL_WORDS = frozenset(
    {
        *("null", "none", "nil", "na", "nan", "unknown", "undefined", "notavailable"),
        *("notset", "unset", "missing", "tbd", "string"),
        "f" * 32,
    }
)
"""Texts that say "nothing", without signs and in lower case; "string" is what SOAP tools write, f…f the max UUID."""

_SIGNS = re.compile(r"[\W_]+")
# No nil value has such a digit.
_TELLING = re.compile("[1-9]")
_TYPE_SIGNS = re.compile(r"[\s_-]")
_LONGEST_TYPE = 60
UNSETTABLE_SCHEMES = frozenset({"mrid", "serial_number", UNKNOWN_SCHEME})
"""No setting says whether these schemes identify one device: the first two do, a name without a kind does not."""
_SCHEMES = {
    "mrid": "mrid",
    "serialnumber": "serial_number",
    "utilitynumber": "utility_number",
    "meterutilityserialnumber": "utility_number",
    "utcnumber": "utility_number",
}
# Types of names that many devices share, or have in turn: names of places, of types, of leased addresses. A device
# with such a name today would be mistaken for the next one that gets it.
SHARED_TYPES = frozenset(
    {
        *("area", "region", "district", "zone", "site"),
        *("model", "modelnumber", "modelname", "type", "devicetype", "metertype"),
        *("kind", "category", "class"),
        *("manufacturer", "vendor", "make", "brand", "technology", "firmware", "firmwareversion"),
        *("hardwareversion", "version", "lot", "lotnumber"),
        *("ip", "ipaddress", "lan"),
    }
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """One name of a device and its scheme; ``identifies``: by the source's setting, its kind identifies one device."""

    scheme: str
    value: str
    identifies: bool = field(default=False, compare=False)


class Spelling(StrEnum):
    """How identifiers of a source are made equal, where systems of one utility write them differently."""

    UPPER_CASE = "upper-case"
    LOWER_CASE = "lower-case"
    STRIP_LEADING_ZEROS = "strip-leading-zeros"
    STRIP_SIGNS = "strip-signs"


def is_nil(value: str) -> bool:
    """Whether ``value`` says that there is no value: a nil word, nothing but zeros, or nothing but signs."""
    if _TELLING.search(value) is not None:
        return False
    plain = _SIGNS.sub("", value).lower()
    return plain in NIL_WORDS or not plain.strip("0")


@remembered
def scheme_of(name_type: str) -> str:
    """The scheme of a name of this type."""
    plain = plain_type(name_type)
    if not plain:
        return UNKNOWN_SCHEME
    return _SCHEMES.get(plain) or f"name/{plain[:_LONGEST_TYPE]}"


@cache
def schemes_of(name_types: tuple[str, ...]) -> frozenset[str]:
    """Return the schemes of the name types in a source's setting, without those that always identify a device."""
    return frozenset(map(scheme_of, name_types)) - UNSETTABLE_SCHEMES


@remembered
def plain_type(name_type: str) -> str:
    """The type of a name without what spellings differ in."""
    return _TYPE_SIGNS.sub("", name_type).lower()


def spelled(value: str, spelling: Sequence[Spelling]) -> str:
    """``value`` as the source's identifiers are made equal; never empty."""
    for rule in spelling:
        match rule:
            case Spelling.UPPER_CASE:
                value = value.upper()
            case Spelling.LOWER_CASE:
                value = value.lower()
            case Spelling.STRIP_LEADING_ZEROS:
                value = value.lstrip("0") or value
            case Spelling.STRIP_SIGNS:
                value = _SIGNS.sub("", value) or value
    return value


class Said(NamedTuple):
    """What an element calls its device, each once, and what it writes where it knows no identifier."""

    identifiers: tuple[Identifier, ...]
    nil_values: tuple[Identifier, ...]


def said_of(chosen: Identifier, element: Element, names: Iterable[tuple[str, str]]) -> Said:
    """The device's identifiers as written, ``chosen`` first, and the nil values; at most ``MOST_IDENTIFIERS`` each.

    ``names``: type and text of each name that the element gives.
    """
    said: dict[Identifier, None] = {chosen: None}
    nil: dict[Identifier, None] = {}
    for each in _said(element, names):
        (nil if is_nil(each.value) else said)[each] = None
    return Said(tuple(said)[:MOST_IDENTIFIERS], tuple(nil)[:MOST_IDENTIFIERS])


def _said(element: Element, names: Iterable[tuple[str, str]]) -> Iterator[Identifier]:
    for field_name, scheme in _SCHEMES.items():
        text = element.text(field_name)
        if text and _may_be_kept(text):
            yield Identifier(scheme, text)
    for kind, text in names:
        value = text.strip()
        if (
            plain_type(kind) not in SHARED_TYPES
            and not is_secret_name(kind)
            and _may_be_kept(value)
        ):
            yield Identifier(scheme_of(kind), value)


def _may_be_kept(value: str) -> bool:
    return 0 < len(value) <= LONGEST_IDENTIFIER and value.isprintable()
