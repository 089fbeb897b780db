"""MasterDataLinkageConfig: a device is now at, or no longer at, a usage point.

``created`` and ``changed`` link; ``closed``, ``deleted`` and ``canceled`` unlink. Meters and usage points belong
together in order when there are as many of each; one usage point counts for all meters, one meter for all usage
points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.identity import identify
from iec_connector.understanding.meter_config import device_ids, identity_of_id
from iec_connector.understanding.nouns import ENDING_VERBS, ITEMS, Noun, Verb, verb_of
from iec_connector.understanding.report import Linkage, LinkageChange
from iec_connector.understanding.statement import Statement, area_of, items_of, name_of
from iec_connector.understanding.times import UNSAID, moment_at
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.parts import Part
    from iec_connector.understanding.statement import Finding, Reading
    from iec_connector.understanding.times import Moment


def read_linkages(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per device and usage point."""
    try:
        change = _change(part)
        if part.ids:
            yield from _unlinked_ids(part, change)
            return
        moment = _moment(part.element, reading)
        for item in items_of(part, ITEMS[Noun.LINKAGE]):
            if isinstance(item, Unreadable):
                yield item
        pairs = _pairs(part.element, change)
    except Unreadable as unreadable:
        yield unreadable
        return
    for device, usage_point in pairs:
        try:
            yield _linkage(device, usage_point, change, moment, reading)
        except Unreadable as unreadable:
            yield unreadable


def _change(part: Part) -> LinkageChange:
    verb = verb_of(part.verb)
    if verb is Verb.MISSING:
        raise Unreadable(
            Reason.VERB_MISSING,
            "without a verb it is not clear whether this links or unlinks",
            at=part.element,
        )
    if verb in (Verb.UNKNOWN, Verb.GET):
        raise Unreadable(
            Reason.VERB_UNKNOWN,
            f"verb {part.verb[:60]!r} neither links nor unlinks",
            at=part.element,
        )
    return LinkageChange.UNLINKED if verb in ENDING_VERBS else LinkageChange.LINKED


def _pairs(element: Element, change: LinkageChange) -> list[tuple[Element, Element | None]]:
    devices = element.all("meter") or element.all("enddevice")
    points: list[Element | None] = [*element.all("usagepoint")]
    if not devices:
        raise _incomplete(element, "names no Meter")
    if not points:
        if change is LinkageChange.LINKED:
            points = [device.first("usagepoint") for device in devices]
            if None in points:
                raise _incomplete(element, "names no UsagePoint to link to")
        else:
            points = [None]
    if len(points) == len(devices):
        return list(zip(devices, points, strict=True))
    if len(points) == 1:
        return [(device, points[0]) for device in devices]
    if len(devices) == 1:
        return [(devices[0], point) for point in points]
    raise _incomplete(
        element, f"names {len(devices)} meters and {len(points)} usage points: which is where?"
    )


def _linkage(
    device: Element,
    usage_point: Element | None,
    change: LinkageChange,
    moment: Moment,
    reading: Reading,
) -> Statement:
    identity = identify(device, reading.source.device_identifiers)
    name = reading.clip(name_of(usage_point))
    if change is LinkageChange.LINKED and not name:
        raise _incomplete(usage_point or device, "has no name and no mRID")
    content = Linkage(change=change, usage_point=name, area=reading.clip(area_of(usage_point)))
    return Statement(identity, content, moment, device)


def _moment(element: Element, reading: Reading) -> Moment:
    event = element.first("configurationevent", "configurationevents")
    if event is None:
        return UNSAID
    return moment_at(event, reading.source.zone, "effectivedatetime", "createddatetime")


def _unlinked_ids(part: Part, change: LinkageChange) -> Iterator[Finding]:
    if change is LinkageChange.LINKED:
        raise _incomplete(part.element, "holds only IDs, which cannot say what is linked to what")
    points = [each for each in part.ids if "usagepoint" in each.attribute("objecttype").lower()]
    usage_point = points[0].own_text[:LONGEST_IDENTIFIER] if points else ""
    found = False
    for element, value in device_ids(part):
        found = True
        yield Statement(
            identity_of_id(element, value),
            Linkage(change=change, usage_point=usage_point),
            UNSAID,
            element,
        )
    if not found:
        raise _incomplete(part.element, "holds no ID of a meter")


def _incomplete(element: Element, what: str) -> Unreadable:
    return Unreadable(Reason.LINKAGE_INCOMPLETE, f"{element.written_name} {what}", at=element)
