"""MeterReadings: that a device was heard, and the events that came with its readings.

Per device one contact, as new as its newest value that came from the device: at its timeStamp, else at the end of its
interval. A reading without a value, or whose quality says that the value came from elsewhere, is none; of such a device
nothing is reported, and it is counted. A value without a usable time counts, and was heard when the message was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.contact.qualities import Qualities
from iec_connector.understanding.contact.values import Value, value_in
from iec_connector.understanding.events import Definitions, read_event
from iec_connector.understanding.findings.statement import (
    READING_WITHOUT_CONTACT,
    PassedOver,
    Statement,
    items_of,
)
from iec_connector.understanding.naming.identity import Identity, identify, own_names_only
from iec_connector.understanding.nouns import ITEMS, Noun
from iec_connector.understanding.report import Contact
from iec_connector.understanding.times import (
    UNSAID,
    Moment,
    is_clock_start,
    moment_at,
    newest_of,
)
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.source import Source

_EVENTS = ("enddeviceevents", "enddeviceevent")
_READINGS = ("readings", "reading")
_BLOCKS = ("intervalblocks", "intervalblock")
_INTERVALS = ("intervalreadings", "intervalreading")


@dataclass(slots=True)
class _Heard:
    """What adds up to one contact while the message is gone through."""

    element: Element
    count: int = 0
    newest: Moment = UNSAID
    last_text: str = ""

    def add(self, value: Value, source: Source) -> None:
        self.count += 1
        # Hundreds of values of one time are usual.
        if value.time and value.time == self.last_text:
            return
        self.last_text = value.time
        self.date(value.moment(source.zone), source)

    def date(self, moment: Moment, source: Source) -> None:
        newest = self.newest
        if moment.at is not None and moment.wrong is None:
            if newest.at is not None and moment.at <= newest.at:
                return
            if not is_clock_start(moment.at, source.clock_starts):
                self.newest = moment if newest is UNSAID else moment._replace(wrong=newest.wrong)
                return
            moment = Moment(None, stated_at=moment.at)
        self.newest = newest_of(newest, moment)


def read_meter_readings(part: Part, reading: Reading) -> Iterator[Finding]:
    """One contact per device, where it first appears, and one statement per event."""
    listening = _Listening(part, reading)
    for item in items_of(part, ITEMS[Noun.METER_READINGS]):
        if isinstance(item, Unreadable):
            listening.found.append(item)
        else:
            listening.take(item)
    yield from listening.findings()


class _Listening:
    """Goes through the readings of one message."""

    def __init__(self, part: Part, reading: Reading) -> None:
        self.found: list[Identity | Finding] = []
        self._heard: dict[Identity, _Heard] = {}
        self._reading = reading
        self._definitions = Definitions(part.element, reading.source)
        self._qualities = Qualities(part.element, reading.source)

    def take(self, item: Element) -> None:
        """One MeterReading: its values, and its events."""
        events = [event for name in _EVENTS for event in item.all(name)]
        identity = None
        try:
            identity = _identity(item, self._reading)
        except Unreadable as unreadable:
            # Events may name a device of their own where nothing but them is said.
            if not events or item.first(*_READINGS, *_BLOCKS) is not None:
                self.found.append(unreadable)
        if identity is not None:
            if identity not in self._heard:
                self._heard[identity] = _Heard(item)
                self.found.append(identity)
            _listen(item, self._heard[identity], self._qualities, self._reading.source)
        self.found += [
            finding
            for element in events
            for event in (element.all("enddeviceevent") or [element])
            for finding in read_event(event, self._definitions, self._reading, fallback=identity)
        ]

    def findings(self) -> Iterator[Finding]:
        """In document order; a contact where its device first appears."""
        spoke = {each.identity for each in self.found if isinstance(each, Statement)}
        for each in self.found:
            if not isinstance(each, Identity):
                yield each
                continue
            heard = self._heard[each]
            if heard.count:
                contact = Contact(reading_count=heard.count)
                yield Statement(each, contact, heard.newest, heard.element)
            elif each not in spoke:
                # An event is contact enough: a device of which nothing else came needs no second word.
                yield PassedOver(READING_WITHOUT_CONTACT)


def _identity(item: Element, reading: Reading) -> Identity:
    wanted = reading.source.device_identifiers
    device = item.first("meter", "meterasset", "enddevice", "enddeviceasset", "assets", "device")
    if device is None:
        return identify(item, own_names_only(wanted), names_others=True)
    return identify(device, wanted)


def _listen(item: Element, heard: _Heard, qualities: Qualities, source: Source) -> None:
    """Count the values that came from the device, and note the newest time."""
    for single in _within(item, _READINGS):
        value = value_in(single, single.node)
        if value.is_said and not value.is_spoilt(qualities):
            heard.add(value, source)
    for block in _within(item, _BLOCKS):
        spoilt = qualities.spoil(block)
        for node in block.node:
            if block.name_of(node) in _INTERVALS and not spoilt:
                value = value_in(block, node)
                if value.is_said and not value.is_spoilt(qualities):
                    heard.add(value, source)
    if heard.count and heard.newest.at is None:
        heard.date(moment_at(item.first("valuesinterval"), source.zone, "end"), source)


def _within(item: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """The elements of those names; those inside of one of them, where it is a mere wrapper."""
    for name in names:
        for element in item.all(name):
            inner = [element.of(node) for node in element.node if element.name_of(node) in names]
            yield from inner or [element]
