"""Which device is at which usage point, and behind which other device. Nothing is guessed.

In this order:

1. An element inside of another, or with a ``ref`` to it, belongs to it: a UsagePoint in a Meter, a Meter in a
   UsagePoint, an EndDevice in a Meter, a Meter in an EndDevice (which then is behind it).
2. Of what is left: as many usage points as meters belong together in order. So do as many EndDevices as meters beside
   them, and any number of EndDevices beside a single meter: these are behind it (slaves, as a gas meter behind an
   electricity meter). Without a meter, the EndDevices are what is linked.
3. Anything else is ``LINKAGE_INCOMPLETE``: of several meters and one usage point, nobody can tell which is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.findings.statement import name_of
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iec_connector.understanding.element import Element

_METERS = ("meter", "meterasset")
_END_DEVICES = ("enddevice", "enddevices", "enddeviceasset", "slave", "slavedevice")
_PARENTS = ("parent", "parentdevice", "parentmeter", "parentenddevice", "gateway", "masterdevice")


class Pair(NamedTuple):
    """A device, with the usage point where it is or was, and the device behind which it is or was."""

    device: Element
    usage_point: Element | None = None
    parent: Element | None = None


def pairs_in(element: Element, *, unlinks: bool) -> Iterator[Pair | Unreadable]:
    """Return the links, and the errors of the rest; each link has one device and one other thing.

    Raises:
        Unreadable: ``LINKAGE_INCOMPLETE``: the message does not show what belongs together.
    """
    meters, others = _all(element, _METERS), _all(element, _END_DEVICES)
    points = element.all("usagepoint")
    if not meters and not others and not any(_devices_in(point) for point in points):
        raise incomplete(element, "names no Meter")
    devices = meters or others
    beside = others if meters else []
    told, devices, points, beside = _told(devices, points, beside)
    yield from told
    yield from _at_points(element, devices, points, unlinks=unlinks, alone=not (told or beside))
    yield from _behind(element, meters, beside)


def _told(
    devices: Sequence[Element], points: Sequence[Element], beside: Sequence[Element]
) -> tuple[list[Pair], list[Element], list[Element], list[Element]]:
    """Return the pairs that the message states, and the devices, points and EndDevices that are in none."""
    pairs: list[Pair] = []
    named = {name: point for point in points if (name := name_of(point))}
    used: set[int] = set()
    left, alone = [], []
    for device in devices:
        inside = device.first("usagepoint")
        if inside is not None:
            point = named.get(name_of(inside) or inside.attribute("ref"), inside)
            pairs.append(Pair(device, point))
            used.add(id(point))
        else:
            left.append(device)
        pairs += [Pair(slave, parent=device) for slave in _all(device, _END_DEVICES)]
    by_name = {name: device for device in devices if (name := name_of(device))}
    taken: set[str] = set()
    for point in points:
        for device in _devices_in(point):
            name = name_of(device) or device.attribute("ref")
            pairs.append(Pair(by_name.get(name, device), point))
            taken.add(name)
            used.add(id(point))
    for device in beside:
        parents = _all(device, (*_PARENTS, *_METERS))
        pairs += [Pair(device, parent=by_name.get(name_of(parent), parent)) for parent in parents]
        if not parents:
            alone.append(device)
    left = [device for device in left if name_of(device) not in taken]
    free = [point for point in points if id(point) not in used]
    return pairs, left, free, alone


def _at_points(
    element: Element,
    devices: Sequence[Element],
    points: Sequence[Element],
    *,
    unlinks: bool,
    alone: bool,
) -> Iterator[Pair | Unreadable]:
    if len(devices) == len(points):
        yield from map(Pair, devices, points)
    elif not points:
        # A meter beside EndDevices is their parent; when unlinking, they are unlinked from any parent.
        if unlinks and alone:
            yield from map(Pair, devices)
        elif alone:
            yield incomplete(element, "names no UsagePoint to link to")
    elif devices:
        yield incomplete(
            element,
            f"names {len(devices)} devices and {len(points)} usage points: which is where?",
        )
    else:
        yield incomplete(element, f"says of {len(points)} usage points not what is there")


def _behind(
    element: Element, meters: Sequence[Element], beside: Sequence[Element]
) -> Iterator[Pair | Unreadable]:
    if len(meters) == 1:
        yield from (Pair(device, parent=meters[0]) for device in beside)
    elif len(meters) == len(beside):
        yield from (
            Pair(device, parent=meter) for device, meter in zip(beside, meters, strict=True)
        )
    elif beside:
        yield incomplete(
            element,
            f"names {len(beside)} EndDevices beside {len(meters)} meters: which is behind which?",
        )


def _devices_in(point: Element) -> list[Element]:
    return _all(point, (*_METERS, *_END_DEVICES))


def _all(element: Element, names: Sequence[str]) -> list[Element]:
    return [child for name in names for child in element.all(name)]


def incomplete(element: Element, what: str) -> Unreadable:
    return Unreadable(Reason.LINKAGE_INCOMPLETE, f"{element.written_name} {what}", at=element)
