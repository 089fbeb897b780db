"""Names of devices: the names in a report, values that name no device, and names that look alike."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from meterpark.device_hub.v1.report_pb2 import Report

from contract_limits import (
    IDENTIFIER_CHARACTERS,
    IDENTIFIERS_PER_REPORT,
    SCHEME_CHARACTERS,
)
from device_hub.device.values import Identifier

MRID: Final = "mrid"
SERIAL_NUMBER: Final = "serial_number"
UTILITY_NUMBER: Final = "utility_number"
UNKNOWN: Final = ""
# A device with two of them is two devices. Utility numbers and names move from meter to meter.
STRONG: Final = frozenset({MRID, SERIAL_NUMBER})

# The same as in iec_connector.understanding.identifiers; a contract test compares them.
NIL_WORDS: Final = frozenset(
    {
        *("null", "none", "nil", "na", "nan", "unknown", "undefined", "notavailable"),
        *("notset", "unset", "missing", "tbd", "string"),
        "f" * 32,
    }
)
_NAME: Final = "name/"
_SIGNS: Final = re.compile(r"[\W_]+")
_TYPE_SIGNS: Final = re.compile(r"[\s_-]")
_LONGEST_TYPE: Final = 60
# Types of names that many devices share, or have in turn: names of places, of types, of leased addresses. A device
# with such a name today would be mistaken for the next one that gets it.
SHARED_TYPES: Final = frozenset(
    {
        *("area", "region", "district", "zone", "site"),
        *("model", "modelnumber", "modelname", "type", "devicetype", "metertype"),
        *("kind", "category", "class"),
        *("manufacturer", "vendor", "make", "brand", "technology", "firmware", "firmwareversion"),
        *("hardwareversion", "version", "lot", "lotnumber"),
        *("ip", "ipaddress", "lan"),
    }
)
_SCHEMES: Final = {
    "mrid": MRID,
    "serialnumber": SERIAL_NUMBER,
    "utilitynumber": UTILITY_NUMBER,
    "meterutilityserialnumber": UTILITY_NUMBER,
    "utcnumber": UTILITY_NUMBER,
}
_UUID: Final = re.compile(r"[0-9a-f]{32}")
_TEACHING: Final = frozenset({"configuration", "linkage"})


def teaches(report: Report) -> bool:
    """Whether the report says by which names the device is known: events and readings name it, they teach nothing."""
    return report.WhichOneof("content") in _TEACHING


def identifiers_of(report: Report) -> tuple[Identifier, ...]:
    """Return what the report calls its device, the identifier that its source chose first; nil values left out."""
    if report.identifiers:
        said = [
            Identifier(one.scheme, one.value) for one in report.identifiers[:IDENTIFIERS_PER_REPORT]
        ]
        if said[0].value == report.device_identifier:
            return (said[0], *(one for one in said[1:] if is_name(one)))
        return (Identifier(UNKNOWN, report.device_identifier), *filter(is_name, said))
    return _without_schemes(report)


def telling_kinds(report: Report) -> AbstractSet[str]:
    """Return the kinds of names that identify one device, by the setting of the report's source."""
    listed = {one.scheme for one in report.identifiers if one.identifies}
    return STRONG | listed if listed else STRONG


def nil_values_of(report: Report) -> list[Identifier]:
    """Return what the report writes where it knows no identifier."""
    said = (
        Identifier(one.scheme, one.value) for one in report.nil_identifiers[:IDENTIFIERS_PER_REPORT]
    )
    return [one for one in said if is_nil(one.value) and _can_be_kept(one)]


def is_nil(value: str) -> bool:
    """Whether ``value`` says that there is none: a nil word, nothing but zeros, or nothing but signs."""
    plain = _SIGNS.sub("", value).lower()
    return plain in NIL_WORDS or not plain.strip("0")


def scheme_of(name_type: str) -> str:
    """Return the scheme of a name of this type, as the connector writes it; "name" is one without a type."""
    plain = _TYPE_SIGNS.sub("", name_type).lower()
    if plain == "name":
        return UNKNOWN
    return _SCHEMES.get(plain) or f"{_NAME}{plain[:_LONGEST_TYPE]}"


def look_of(value: str) -> str:
    """Return what spellings of one name have in common: case, leading zeros and the dashes of a UUID aside."""
    plain = value.casefold()
    if len(plain) >= 32:  # noqa: PLR2004 - as short as a UUID can be written
        bare = _SIGNS.sub("", plain)
        if _UUID.fullmatch(bare):
            return bare
    return plain.lstrip("0") or "0"


def _without_schemes(report: Report) -> tuple[Identifier, ...]:
    """For shipments, and for connectors older than the field for identifiers: the content says more than the id."""
    identifier = report.device_identifier
    said: list[Identifier] = []
    if report.WhichOneof("content") == "configuration":
        told = report.configuration
        said = [
            one
            for one in (
                Identifier(SERIAL_NUMBER, told.serial_number),
                Identifier(MRID, told.mrid),
                Identifier(UTILITY_NUMBER, told.utility_number),
            )
            if is_name(one)
        ]
    chosen = next((one for one in said if one.value == identifier), Identifier(UNKNOWN, identifier))
    return (chosen, *(one for one in said if one != chosen))


def is_name(one: Identifier) -> bool:
    """Whether one device can be called so: no nil value, nothing that cannot be read, nothing that many are called."""
    return (
        _can_be_kept(one)
        and not is_nil(one.value)
        and one.scheme.removeprefix(_NAME) not in SHARED_TYPES
    )


def _can_be_kept(one: Identifier) -> bool:
    return (
        0 < len(one.value) <= IDENTIFIER_CHARACTERS
        and len(one.scheme) <= SCHEME_CHARACTERS
        and one.value == one.value.strip()
        and one.value.isprintable()
        and one.scheme.isprintable()
    )


def device_of(network: str, identifier: str) -> str:
    """Return the id of the device that is called so from its first report on."""
    return f"{network}/{identifier}"


def strong_first(said: Sequence[Identifier]) -> list[Identifier]:
    """Return the identifiers after the chosen one, the strongest first."""
    return sorted(said[1:], key=lambda one: one.scheme not in STRONG)
