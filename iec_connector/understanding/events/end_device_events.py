"""EndDeviceEvents: what happened at a device.

Strict on two things: the device, and the event's type. Everything else is kept as far as it is there; a code that the
table does not know is kept as written. An event without a date that can be read happened when its message was made, and
the date is a problem beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.described.place import NOWHERE, Position, position_in
from iec_connector.understanding.events.details import details_of, firmware_version
from iec_connector.understanding.events.ending import (
    ENDED,
    ended_by,
    meaning_of_end,
    moment_of_end,
)
from iec_connector.understanding.events.event_types import Definitions, code_of
from iec_connector.understanding.findings.statement import Statement, items_of, name_of, status_text
from iec_connector.understanding.naming.identity import (
    Identity,
    identify,
    names_in,
    own_names_only,
)
from iec_connector.understanding.nouns import ITEMS, Noun
from iec_connector.understanding.report import DeviceEvent, Meaning
from iec_connector.understanding.times import Moment, first_of, moment_at
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading

MOST_DEVICES = 16
"""How many devices one event may be about: each gets a report with all that the event says."""

# Where an event names its device; 'Assets' is the standard's.
_DEVICES = ("assets", "asset", "meter", "enddevice", "meterasset", "enddeviceasset", "device")
_TIMES = (
    *("createddatetime", "occurreddatetime", "eventdatetime", "timestamp", "datetime"),
    # Of edition 1, and of other editions of the CIM.
    *("createdon", "issueddatetime"),
)
_FIRMWARE = frozenset(
    {
        Meaning.FIRMWARE_UPDATE_STARTED,
        Meaning.FIRMWARE_UPDATE_SUCCEEDED,
        Meaning.FIRMWARE_UPDATE_FAILED,
    }
)


def read_events(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per event and device in the part."""
    definitions = Definitions(part.element, reading.source)
    if part.element.first("createddatetime", "enddeviceeventtype") is not None and not any(
        part.element.all(name) for name in ITEMS[Noun.END_DEVICE_EVENTS]
    ):
        # The event itself stands where its container should.
        yield from read_event(part.element, definitions, reading, verb=part.verb)
        return
    for item in items_of(part, ITEMS[Noun.END_DEVICE_EVENTS]):
        if isinstance(item, Unreadable):
            yield item
        else:
            yield from read_event(item, definitions, reading, verb=part.verb)


def read_event(
    event: Element,
    definitions: Definitions,
    reading: Reading,
    fallback: Identity | None = None,
    verb: str = "",
) -> Iterator[Finding]:
    """What one event says: a statement per device that it names, else about ``fallback``."""
    ended = reading.clip(ended_by(event, verb))
    try:
        identities = _identities(event, reading, fallback)
        content, wrong = _event(event, definitions, reading, ended)
        moment = _moment(event, reading)
    except Unreadable as unreadable:
        yield unreadable
        return
    if ended:
        moment = moment_of_end(event, moment, reading.said_at, reading.source.zone)
    for identity in identities:
        yield Statement(identity, content, moment, event)
    yield from wrong


def _moment(event: Element, reading: Reading) -> Moment:
    zone = reading.source.zone
    moment = moment_at(event, zone, *_TIMES)
    if moment.at is None and moment.stated_at is None:
        moment = first_of(moment, moment_at(event.first("status"), zone, "datetime"))
        if moment == Moment(None):
            missing = f"{event.written_name} has no createdDateTime"
            return Moment(None, wrong=Unreadable(Reason.TIME_MISSING, missing, at=event))
    return moment


def _identities(event: Element, reading: Reading, fallback: Identity | None) -> list[Identity]:
    """The devices that the event is about, each once.

    Its own ``mRID`` is never one, nor is a name of no configured type: those are the event's.
    """
    wanted = reading.source.device_identifiers
    elements = [
        each for device in event.all_of(_DEVICES) for each in device.all_of(_DEVICES) or [device]
    ]
    if elements:
        if len(elements) > MOST_DEVICES:
            raise Unreadable(
                Reason.DEVICE_INVALID,
                f"{event.written_name} names {len(elements)} devices; at most {MOST_DEVICES} are taken",
                at=event,
            )
        return list(dict.fromkeys(identify(element, wanted) for element in elements))
    if fallback is not None:
        return [fallback]
    return [identify(event, own_names_only(wanted), names_others=True)]


def _event(
    event: Element, definitions: Definitions, reading: Reading, ended: str
) -> tuple[DeviceEvent, list[Unreadable]]:
    """The event, and what of it cannot be read beside the rest."""
    source = reading.source
    code, types = code_of(event, definitions)
    details = details_of(event, types, code, source.limits)
    names = _names_said(event, types) if source.codes.reads_names else ()
    meaning = source.codes.meaning(source.name, code, names=names, details=details)
    if ended:
        meaning = meaning_of_end(meaning)
        details.setdefault(ENDED, ended)
    status = event.first("status")
    position, wrong = place_of(event, reading)
    content = DeviceEvent(
        code=code,
        meaning=meaning,
        code_name=source.codes.name(code),
        severity=reading.text(event, "severity"),
        reason=reading.text(event, "reason"),
        event_mrid=reading.text(event, "mrid"),
        issuer_tracking_id=reading.text(event, "issuertrackingid"),
        details=details,
        firmware_version=firmware_version(details) if meaning in _FIRMWARE else "",
        usage_point=reading.clip(name_of(event.first("usagepoint"))),
        ended=ended,
        author=reading.text(event, "userid", "issuerid"),
        remark=reading.text(status, "remark") or reading.text(event, "remark"),
        status=reading.clip(status_text(status)),
        latitude=position.latitude,
        longitude=position.longitude,
    )
    return content, wrong


def place_of(event: Element, reading: Reading) -> tuple[Position, list[Unreadable]]:
    """Where it happened: as the event says, its usage point, or one of its devices."""
    try:
        return position_in((event, event.first("usagepoint"), *event.all_of(_DEVICES)), reading), []
    except Unreadable as unreadable:
        return NOWHERE, [unreadable]


def _names_said(event: Element, types: Iterable[Element]) -> list[tuple[str, str]]:
    """Return the names of the event and of its type, for code tables that use them."""
    return [(name.type, name.value) for each in (event, *types) for name in names_in(each)]
