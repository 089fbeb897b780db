"""The devices that something names inside of it: a control, a firmware, a usage point, a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.naming.identity import Identity, identify
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Reading

DEVICES = (
    *("enddevice", "enddevices", "meter", "meters", "assets", "asset", "meterasset"),
    *("enddeviceasset", "device", "devices"),
)
MOST_DEVICES = 1000
"""How many devices one control, firmware or place may name."""


def named_in(element: Element, names: Sequence[str] = DEVICES) -> list[Element]:
    """The elements that name devices; those in a list of them, too (``EndDevices/EndDevice``).

    Raises:
        Unreadable: ``DEVICE_INVALID``: there are too many.
    """
    found: list[Element] = []
    for name in names:
        for each in element.all(name):
            inside = [one for inner in names for one in each.all(inner)]
            found += inside or [each]
    if len(found) > MOST_DEVICES:
        raise Unreadable(
            Reason.DEVICE_INVALID,
            f"{element.written_name} names {len(found)} devices; at most {MOST_DEVICES} are taken",
            at=element,
        )
    return found


def devices_of(
    element: Element, part: Part, reading: Reading
) -> list[tuple[Identity, Element] | Unreadable]:
    """Return each device once with the place of its name, and the errors of the others; empty when none is named.

    Devices beside the element count when it names none inside and is the only one of its kind.
    """
    found: dict[str, tuple[Identity, Element]] = {}
    wrong: list[Unreadable] = []
    for each in named_in(element) or named_beside(element, part):
        try:
            identity = identify(each, reading.source.device_identifiers)
        except Unreadable as unreadable:
            wrong.append(unreadable)
        else:
            found.setdefault(identity.identifier, (identity, each))
    return [*found.values(), *wrong]


def named_beside(element: Element, part: Part) -> list[Element]:
    around = part.element
    if around.tag == element.tag or len(around.all(element.name)) != 1:
        return []
    return named_in(around)


def names_no_device(element: Element) -> Unreadable:
    """Return the error for an element that names no device."""
    return Unreadable(
        Reason.DEVICE_MISSING,
        f"{element.written_name} names no device that it is about",
        at=element,
    )
