"""Where something is: coordinates and address.

Coordinates stand in ``PositionPoints`` (x is the longitude, y the latitude), or under their own names. They are degrees
when their system is WGS 84, or none is named and they can be degrees; of another system, or such as cannot be degrees,
they are kept as they are. 0/0 is how systems write "not known".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.findings.statement import Reading

LOCATIONS = (
    *("location", "usagepointlocation", "servicelocation", "assetlocation", "meterlocation"),
    *("enddevicelocation", "geolocation"),
)
_POINTS = ("positionpoints", "positionpoint")
_ADDRESSES = ("mainaddress", "address", "streetaddress", "secondaryaddress")
_LATITUDES = ("latitude", "lat")
_LONGITUDES = ("longitude", "long", "lon", "lng")
_WGS_84 = re.compile(r"wgs ?_?-?84|crs84|(?<![0-9])(?:4326|4979)(?![0-9])", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,15})?", re.ASCII)
_ZEROS_IN_FRONT = re.compile(r"(?<![0-9.])0+(?=[0-9])", re.ASCII)
_LARGEST_LATITUDE, _LARGEST_LONGITUDE = 90.0, 180.0
_MOST_POINTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Degrees as decimal texts, or coordinates of another system; all empty when nothing was said."""

    latitude: str = ""
    longitude: str = ""
    altitude: str = ""
    grid_position: str = ""

    @property
    def is_said(self) -> bool:
        return bool(self.latitude or self.grid_position)


NOWHERE = Position()
_ANY_POSITION = frozenset((*_LATITUDES, *_LONGITUDES, *_POINTS))


def position_in(elements: Iterable[Element | None], reading: Reading) -> Position:
    """Return the first position in one of the elements, or in a location of it.

    Raises:
        Unreadable: ``LOCATION_INVALID``: the degrees are invalid, or half of the position is missing.
    """
    for element in elements:
        for place in _places(element):
            position = _position(place, reading)
            if position.is_said:
                return position
    return NOWHERE


def address_in(elements: Iterable[Element | None], reading: Reading) -> str:
    """Return the first address in one of the elements, or in a location of it: street and town in one line."""
    for element in elements:
        for place in _places(element):
            for name in _ADDRESSES:
                for address in place.all(name):
                    line = _line(address)
                    if line:
                        return reading.clip(line)
    return ""


def _places(element: Element | None) -> Iterator[Element]:
    if element is None:
        return
    yield element
    yield from element.all_of(LOCATIONS)


def _position(place: Element, reading: Reading) -> Position:
    if not place.holds_any(_ANY_POSITION):
        # Most elements have none, and an event has several elements to search.
        return NOWHERE
    system = _system(place)
    y, x = place.text(*_LATITUDES), place.text(*_LONGITUDES)
    if x or y:
        return _degrees(place, y, x, reading.text(place, "altitude", "elevation"))
    points = [point for name in _POINTS for point in place.all(name)][:_MOST_POINTS]
    if not points:
        return NOWHERE
    point = min(points, key=_number)
    x, y = point.text("xposition", "x"), point.text("yposition", "y")
    z = reading.text(point, "zposition", "z")
    if not x and not y:
        y, x = point.text(*_LATITUDES), point.text(*_LONGITUDES)
        return _degrees(point, y, x, z) if x or y else NOWHERE
    system = _system(point) or system
    named = _WGS_84.search(system) is not None
    if named or (not system and _can_be(y, _LARGEST_LATITUDE) and _can_be(x, _LARGEST_LONGITUDE)):
        return _degrees(point, y, x, z)
    said = [f"{name}={value}" for name, value in (("x", x), ("y", y), ("z", z)) if value]
    grid = " ".join(said) + (f" ({system})" if system else "")
    return Position(grid_position=reading.clip(grid))


def _system(place: Element) -> str:
    system = place.first("coordinatesystem")
    if system is None:
        return place.text("crsurn", "crs", "srsname")
    names = [name.text("name") or name.own_text for name in system.all("names")]
    return system.text("crsurn", "name", "mrid") or next(filter(None, names), system.own_text)


def _number(point: Element) -> int:
    text = point.text("sequencenumber")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 0


def _degrees(at: Element, latitude: str, longitude: str, altitude: str) -> Position:
    y = _decimal(latitude, _LARGEST_LATITUDE, "latitude", at)
    x = _decimal(longitude, _LARGEST_LONGITUDE, "longitude", at)
    if not float(y) and not float(x):
        return NOWHERE
    return Position(latitude=y, longitude=x, altitude=altitude)


def _can_be(text: str, largest: float) -> bool:
    return _DECIMAL.fullmatch(text) is not None and abs(float(text.replace(",", "."))) <= largest


def _decimal(text: str, largest: float, what: str, at: Element) -> str:
    if not _can_be(text, largest):
        said = f"{text[:60]!r} is no {what}" if text else f"no {what} is said"
        raise Unreadable(
            Reason.LOCATION_INVALID,
            f"{at.written_name}: {said}: decimal degrees from -{largest:g} to {largest:g}",
            at=at,
        )
    # Without zeros in front, the longest is "-180." and 15 digits: what the hub takes.
    return _ZEROS_IN_FRONT.sub("", text.replace(",", ".").removeprefix("+"))


def _line(address: Element) -> str:
    """What the standard takes apart, in one line: "Bahnhofstrasse 1, 8001 Zürich, CH"; one text stays as it is."""
    street, town = address.first("streetdetail"), address.first("towndetail")
    parts: list[str] = []
    if street is not None:
        words = street.text("prefix"), street.text("name"), street.text("type")
        number = street.text("number") + street.text("suffix")
        parts.append(" ".join(word for word in (*words, number) if word))
        parts += [
            street.text(name)
            for name in (
                *("buildingname", "suitenumber", "floornumber", "flooridentification"),
                *("addressgeneral", "addressgeneral2", "addressgeneral3"),
            )
        ]
    else:
        parts.append(address.text("street", "streetname", "addressgeneral", "line1"))
        parts.append(address.text("line2"))
    box = address.text("pobox")
    parts.append(f"PO box {box}" if box else "")
    code = address.text("postalcode", "zip", "zipcode")
    if town is not None:
        parts.append(" ".join(filter(None, (code or town.text("code"), town.text("name")))))
        parts += [town.text(name) for name in ("section", "stateorprovince", "country")]
    else:
        parts.append(" ".join(filter(None, (code, address.text("town", "city")))))
        parts.append(address.text("country"))
    return ", ".join(part for part in parts if part) or address.own_text
