"""MeterReadings: that a device was heard of, and the events that came with its readings.

No values are kept. Per device one contact, as new as its newest reading; a reading without a usable time counts, but
dates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iec_connector.understanding.end_device_events import read_event
from iec_connector.understanding.identity import Identity, identify, own_names_only
from iec_connector.understanding.nouns import ITEMS, Noun
from iec_connector.understanding.report import Contact
from iec_connector.understanding.statement import Statement, items_of
from iec_connector.understanding.times import UNSAID, Moment, parse_time
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.parts import Part
    from iec_connector.understanding.statement import Finding, Reading

_EVENTS = "enddeviceevents"
_READINGS = ("readings", "reading")
_BLOCKS = ("intervalblocks", "intervalblock")


@dataclass(slots=True)
class _Heard:
    """What adds up to one contact while the message is gone through."""

    element: Element
    count: int = 0
    newest: Moment = UNSAID
    texts: set[str] = field(default_factory=set)

    def add(self, text: str, zone: tzinfo) -> None:
        self.count += 1
        if text and text not in self.texts:
            self.texts.add(text)
            self.date(text, zone)

    def date(self, text: str, zone: tzinfo) -> None:
        try:
            moment = parse_time(text, zone)
        except ValueError:
            return
        if moment.at is not None and (self.newest.at is None or moment.at > self.newest.at):
            self.newest = moment


def read_meter_readings(part: Part, reading: Reading) -> Iterator[Finding]:
    """One contact per device, where it first appears, and one statement per event."""
    heard: dict[Identity, _Heard] = {}
    found: list[Identity | Finding] = []
    for item in items_of(part, ITEMS[Noun.METER_READINGS]):
        if isinstance(item, Unreadable):
            found.append(item)
            continue
        events = item.all(_EVENTS) + item.all("enddeviceevent")
        identity = None
        try:
            identity = _identity(item, reading)
        except Unreadable as unreadable:
            # Events may name a device of their own where nothing but them is said.
            if not events or item.first(*_READINGS, *_BLOCKS) is not None:
                found.append(unreadable)
        if identity is not None:
            if identity not in heard:
                heard[identity] = _Heard(item)
                found.append(identity)
            _listen(item, heard[identity], reading.source.zone)
        found += [
            finding
            for element in events
            for event in (element.all("enddeviceevent") or [element])
            for finding in read_event(event, {}, reading, fallback=identity)
        ]
    # An event is contact enough: a device of which nothing else came needs no second report of it.
    spoke = {each.identity for each in found if isinstance(each, Statement)}
    for each in found:
        if not isinstance(each, Identity):
            yield each
        elif heard[each].count or each not in spoke:
            yield Statement(
                each,
                Contact(reading_count=heard[each].count),
                heard[each].newest,
                heard[each].element,
            )


def _identity(item: Element, reading: Reading) -> Identity:
    wanted = reading.source.device_identifiers
    device = item.first("meter", "meterasset", "enddevice", "enddeviceasset", "assets", "device")
    if device is None:
        return identify(item, own_names_only(wanted), names_others=True)
    return identify(device, wanted)


def _listen(item: Element, heard: _Heard, zone: tzinfo) -> None:
    """Count the readings, and note the newest time."""
    for name in _READINGS:
        for single in item.all(name):
            heard.add(single.text("timestamp"), zone)
    for name in _BLOCKS:
        for block in item.all(name):
            for interval in block.all("intervalreadings") + block.all("intervalreading"):
                heard.add(interval.text("timestamp"), zone)
    if heard.newest.at is None:
        interval_of_values = item.first("valuesinterval")
        if interval_of_values is not None and heard.count == 0:
            heard.date(interval_of_values.text("end"), zone)
