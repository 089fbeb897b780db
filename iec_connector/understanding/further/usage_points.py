"""UsagePointConfig: the state and place of a usage point, for the devices that it names.

A usage point that names no device is reported by its own name, with the scheme ``USAGE_POINT``: the hub knows which
device is there. The end of a usage point does not remove its devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.configuration.effect import configuration_moment, moment_around
from iec_connector.understanding.described.place import NOWHERE, address_in, position_in
from iec_connector.understanding.findings.statement import Statement, area_of, items_of, name_of
from iec_connector.understanding.further.devices_named import (
    devices_of,
    named_beside,
    named_in,
    names_no_device,
)
from iec_connector.understanding.identifiers import Identifier
from iec_connector.understanding.naming.identity import Identity, checked_identifier
from iec_connector.understanding.nouns import ITEMS, Noun
from iec_connector.understanding.report import Configuration
from iec_connector.understanding.times import first_of
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.times import Moment

USAGE_POINT = "usage_point"
"""The scheme of an identifier that names no device, but where it is."""


def read_usage_points(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per usage point and device in it."""
    for item in items_of(part, ITEMS[part.noun]):
        if isinstance(item, Unreadable):
            yield item
            continue
        try:
            yield from _usage_point(part, item, reading)
        except Unreadable as unreadable:
            yield unreadable


def _whoever_is_at(point: Element) -> tuple[Identity, Element]:
    """The hub knows which device is at a usage point.

    Raises:
        Unreadable: ``DEVICE_MISSING``: the usage point has no name either.
    """
    if not name_of(point):
        raise names_no_device(point)
    name = checked_identifier(name_of(point), point)
    return Identity(name, identifiers=(Identifier(USAGE_POINT, name),)), point


def is_mere_place(part: Part) -> bool:
    """Whether the part is of usage points, and none of them names a device."""
    return part.noun is Noun.USAGE_POINT_CONFIG and not any(
        named_in(point) or named_beside(point, part)
        for name in ITEMS[part.noun]
        for point in part.element.all(name)
    )


def _usage_point(part: Part, point: Element, reading: Reading) -> Iterator[Finding]:
    devices = devices_of(point, part, reading) or [_whoever_is_at(point)]
    wrong: Unreadable | None = None
    try:
        position = position_in((point,), reading)
    except Unreadable as unreadable:
        position, wrong = NOWHERE, unreadable
    content = Configuration(
        usage_point=reading.clip(name_of(point)),
        area=reading.clip(area_of(point)),
        connection_state=reading.text(point, "connectionstate"),
        phase_code=reading.text(point, "phasecode"),
        latitude=position.latitude,
        longitude=position.longitude,
        altitude=position.altitude,
        grid_position=position.grid_position,
        street_address=address_in((point,), reading),
    )
    moment = _moment(part, point, reading)
    for each in devices:
        if isinstance(each, Unreadable):
            yield each
        else:
            identity, element = each
            yield Statement(identity, content, moment, element)
    if wrong is not None:
        yield wrong


def _moment(part: Part, point: Element, reading: Reading) -> Moment:
    return first_of(configuration_moment(point, reading), moment_around(part.element, reading))
