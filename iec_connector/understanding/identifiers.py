"""All that a message calls a device, by scheme: the hub learns from them which of a meter's names belong together.

Schemes: ``mrid``, ``serial_number``, ``utility_number``, ``name/<type>`` (the type in lower case, without blanks, ``-``
and ``_``), and ``""`` where the message does not say what kind of name it is (a plain name, an ``ID``).

A nil value ("null", "n/a", "0000", the nil UUID ...) is what a system writes when it knows nothing. It identifies
nobody: else all meters without a serial number would be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contract_limits import IDENTIFIER_CHARACTERS, IDENTIFIERS_PER_REPORT
from iec_connector.understanding.secret_names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
_TYPE_SIGNS = re.compile(r"[\s_-]")
_LONGEST_TYPE = 60
_SCHEMES = {
    "mrid": "mrid",
    "serialnumber": "serial_number",
    "utilitynumber": "utility_number",
    "meterutilityserialnumber": "utility_number",
    "utcnumber": "utility_number",
}
# Types of names that many devices share, or have in turn: of places, of what a device is, of addresses that are lent.
# Who is called so alone today would be taken for the next one that is.
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
    """One name of a device and its scheme."""

    scheme: str
    value: str


class Spelling(StrEnum):
    """How identifiers of a source are made equal, where systems of one utility write them differently."""

    UPPER_CASE = "upper-case"
    LOWER_CASE = "lower-case"
    STRIP_LEADING_ZEROS = "strip-leading-zeros"
    STRIP_SIGNS = "strip-signs"


def is_nil(value: str) -> bool:
    """Whether ``value`` says that there is no value: a nil word, nothing but zeros, or nothing but signs."""
    plain = _SIGNS.sub("", value).lower()
    return plain in NIL_WORDS or not plain.strip("0")


def scheme_of(name_type: str) -> str:
    """The scheme of a name of this type."""
    plain = plain_type(name_type)
    if not plain:
        return UNKNOWN_SCHEME
    return _SCHEMES.get(plain) or f"name/{plain[:_LONGEST_TYPE]}"


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


def identifiers_of(
    chosen: Identifier, element: Element, names: Iterable[tuple[str, str]]
) -> tuple[Identifier, ...]:
    """The device's identifiers as written, each once, ``chosen`` first; at most ``MOST_IDENTIFIERS``.

    ``names``: type and text of each name that the element gives.
    """
    said = [(scheme, element.text(field)) for field, scheme in _SCHEMES.items()]
    said += [
        (scheme_of(kind), text)
        for kind, text in names
        if plain_type(kind) not in SHARED_TYPES and not is_secret_name(kind)
    ]
    found = {chosen: None}
    for scheme, text in said:
        value = text.strip()
        if value and len(value) <= LONGEST_IDENTIFIER and value.isprintable() and not is_nil(value):
            found[Identifier(scheme, value)] = None
    return tuple(found)[:MOST_IDENTIFIERS]
