"""What the readers of nouns hand over: a statement about a device, or why a part gives none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iec_connector.understanding.naming.identity import clipped, names_in
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.naming.identity import Identity
    from iec_connector.understanding.report import Content
    from iec_connector.understanding.source import Source
    from iec_connector.understanding.times import Moment


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said about one device, and when it happened. ``element`` is where it stands."""

    identity: Identity
    content: Content
    moment: Moment
    element: Element


IGNORED_NOUN = "ignored_nouns"
READING_WITHOUT_CONTACT = "readings_without_contact"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that was understood and says nothing of a device; ``what`` is the word by which it is counted."""

    what: str


Finding = Statement | Unreadable | PassedOver


@dataclass(frozen=True, slots=True)
class Reading:
    """What the readers of nouns need beside the part itself.

    ``said_at``: Header/Timestamp. ``moments``: see ``effect.moment_around``.
    """

    source: Source
    received_at: datetime
    said_at: datetime | None = None
    moments: dict[Element, Moment] = field(default_factory=dict, compare=False)

    def text(self, element: Element | None, *names: str) -> str:
        """A text for a report: bounded, empty when there is none."""
        if element is None:
            return ""
        return clipped(element.text(*names), self.source.limits.text)

    def clip(self, text: str) -> str:
        """``text`` as long as a report takes."""
        return clipped(text, self.source.limits.text)


def items_of(part: Part, names: Iterable[str]) -> Iterator[Element | Unreadable]:
    """Return the items in the part's element, in order; those of a foreign namespace as errors."""
    wanted = frozenset(names)
    for child in part.element:
        if child.name in wanted:
            yield child
        elif not child.name and child.written_name.lower() in wanted:
            yield Unreadable(
                Reason.NAMESPACE_NOT_ALLOWED,
                f"namespace {child.namespace[:200]!r} of {child.written_name} is not allowed for this source",
                at=child,
            )


def name_of(element: Element | None) -> str:
    """What something other than a device is called: its mRID, else its first name, else its text."""
    if element is None:
        return ""
    mrid = element.text("mrid")
    if mrid:
        return mrid
    names = names_in(element)
    return names[0].value if names else element.own_text


def status_text(status: Element | None) -> str:
    """Return the value of a status, with or without an element of its own."""
    return "" if status is None else status.text("value") or status.own_text


_AREAS = frozenset({"area", "region", "district", "zone"})


def area_of(element: Element | None) -> str:
    """The area that a usage point or device is in: a name of such a type, an element, a zone, or the town."""
    if element is None:
        return ""
    for name in names_in(element):
        if name.type.lower() in _AREAS:
            return name.value
    said = element.text(*sorted(_AREAS))
    if said:
        return said
    zones = element.first("zones")
    zone = zones.first("zone") if zones is not None else None
    if zone is not None:
        return zone.text("zonename")
    location = element.first("usagepointlocation", "servicelocation", "location")
    address = location.first("mainaddress") if location is not None else None
    town = address.first("towndetail") if address is not None else None
    return town.text("name") if town is not None else ""
