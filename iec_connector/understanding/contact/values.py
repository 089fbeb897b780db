"""One value of a reading: whether it exists, its time, and its quality.

A message holds a hundred thousand of them: each child is read once, and the usual ones without a view object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iec_connector.understanding.element import Element, value_of
from iec_connector.understanding.times import first_of, moment_at, plain_moment

if TYPE_CHECKING:
    from datetime import tzinfo

    from lxml import etree

    from iec_connector.understanding.contact.qualities import Qualities
    from iec_connector.understanding.times import Moment

_VALUES = ("value", "strvalue", "stringvalue", "valuestring", "quantity")
_VALUE_NAMES = frozenset(_VALUES)
_NO_VALUE = frozenset(
    {"", "-", "--", "null", "nil", "none", "nan", "n/a", "na", "missing", "nodata"}
)
_PERIODS = ("timeperiod", "valueinterval", "interval", "timeinterval")
_SAY_NOTHING_OF_QUALITY = _VALUE_NAMES | {"timestamp", "readingtype", *_PERIODS}


@dataclass(slots=True)
class Value:
    """``time`` is its timeStamp as written; ``judged`` are the children that may hold its quality."""

    parent: Element
    node: etree._Element
    is_said: bool = False
    time: str = ""
    judged: list[etree._Element] = field(default_factory=list)

    @property
    def element(self) -> Element:
        """The reading, with everything in it."""
        return self.parent if self.parent.node is self.node else self.parent.of(self.node)

    def is_spoilt(self, qualities: Qualities) -> bool:
        """Whether its quality says that it did not come from the device."""
        judged = self.judged
        if not judged:
            return False
        if len(judged) == 1:
            ref = _lone_ref(self.parent, judged[0])
            if ref:
                return qualities.spoils(ref)
        return qualities.spoil(self.element)

    def moment(self, zone: tzinfo) -> Moment:
        """When it was: its timeStamp, else the end of its interval, else when it was reported."""
        usual = plain_moment(self.time, zone)
        if usual.at is not None:
            return usual
        element = self.element
        moment = moment_at(element, zone, "timestamp")
        if moment.at is not None or moment.stated_at is not None:
            return moment
        ends = (moment_at(element.first(name), zone, "end") for name in _PERIODS)
        return first_of(moment, *ends, moment_at(element, zone, "reporteddatetime", "datetime"))


def value_in(parent: Element, node: etree._Element) -> Value:
    """The value in ``node``, which is ``parent`` or lies in it."""
    value = Value(parent, node)
    for child in node:
        name = parent.name_of(child)
        if name == "timestamp":
            value.time = value.time or value_of(child.text)
        elif name in _VALUE_NAMES:
            value.is_said = value.is_said or _says(parent, child)
        elif name and name not in _SAY_NOTHING_OF_QUALITY:
            value.judged.append(child)
    if node.attrib:
        element = value.element
        value.is_said = value.is_said or element.attribute(*_VALUES).lower() not in _NO_VALUE
        value.time = value.time or element.attribute("timestamp")
    return value


def _says(parent: Element, child: etree._Element) -> bool:
    if len(child) == 0 and not child.attrib:
        return value_of(child.text).lower() not in _NO_VALUE
    element = parent.of(child)
    text = element.own_text or element.text(*_VALUES)
    return not element.is_nil and text.lower() not in _NO_VALUE


def _lone_ref(parent: Element, child: etree._Element) -> str:
    """The code of ``ReadingQualities/ReadingQualityType/@ref``, when that is all; else empty."""
    if len(child) != 1 or child.attrib or parent.name_of(child) != "readingqualities":
        return ""
    kind = child[0]
    if len(kind) or len(kind.attrib) != 1 or parent.name_of(kind) != "readingqualitytype":
        return ""
    texts = (child.text, child.tail, kind.text, kind.tail)
    return "" if any(text and not text.isspace() for text in texts) else kind.get("ref", "").strip()
