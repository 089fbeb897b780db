"""EndDeviceEvents: what happened at a device.

Strict on three things: the device, the event's type, and a time that can be read. Everything else is kept as far as
it is there; a code that the table does not know is kept as written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.identity import (
    REMOVED_SECRET,
    Identity,
    clipped,
    identify,
    names_in,
    own_names_only,
)
from iec_connector.understanding.nouns import ITEMS, Noun
from iec_connector.understanding.report import DeviceEvent, Meaning
from iec_connector.understanding.secret_names import is_secret_name
from iec_connector.understanding.statement import Statement, items_of, name_of
from iec_connector.understanding.times import moment_at
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.parts import Part
    from iec_connector.understanding.statement import Finding, Reading
    from iec_connector.understanding.times import Moment

MOST_DEVICES = 16
"""How many devices one event may be about: each gets a report with all that the event says."""

# Where an event names its device; 'Assets' is the standard's.
_DEVICES = ("assets", "asset", "meter", "enddevice", "meterasset", "enddeviceasset", "device")
_TYPE_PARTS = (("type",), ("domain",), ("subdomain",), ("eventoraction",))
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_FIRMWARE = frozenset(
    {
        Meaning.FIRMWARE_UPDATE_STARTED,
        Meaning.FIRMWARE_UPDATE_SUCCEEDED,
        Meaning.FIRMWARE_UPDATE_FAILED,
    }
)
# Details that name the firmware an event is about, the most telling first.
_VERSION_DETAILS = (
    "newfirmwareversion",
    "firmwareversion",
    "activefirmwareversion",
    "fwversion",
    "firmwareid",
    "firmware",
    "newversion",
    "version",
)


def read_events(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per event and device in the part."""
    if part.element.first("createddatetime", "enddeviceeventtype") is not None and not any(
        part.element.all(name) for name in ITEMS[Noun.END_DEVICE_EVENTS]
    ):
        # The event itself stands where its container should.
        yield from read_event(part.element, {}, reading)
        return
    codes = _defined_codes(part.element, reading)
    for item in items_of(part, ITEMS[Noun.END_DEVICE_EVENTS]):
        if isinstance(item, Unreadable):
            yield item
        else:
            yield from read_event(item, codes, reading)


def read_event(
    event: Element,
    defined: Mapping[str, str],
    reading: Reading,
    fallback: Identity | None = None,
) -> Iterator[Finding]:
    """What one event says: a statement per device that it names, else about ``fallback``."""
    try:
        identities = _identities(event, reading, fallback)
        content = _event(event, defined, reading)
        moment = _moment(event, reading)
    except Unreadable as unreadable:
        yield unreadable
        return
    for identity in identities:
        yield Statement(identity, content, moment, event)


def _moment(event: Element, reading: Reading) -> Moment:
    times = ("createddatetime", "timestamp")
    if not event.text(*times):
        raise Unreadable(
            Reason.TIME_MISSING, f"{event.written_name} has no createdDateTime", at=event
        )
    return moment_at(event, reading.source.zone, *times)


def _identities(event: Element, reading: Reading, fallback: Identity | None) -> list[Identity]:
    """The devices that the event is about, each once.

    Its own ``mRID`` is never one, nor is a name of no configured type: those are the event's.
    """
    wanted = reading.source.device_identifiers
    elements = [device for name in _DEVICES for device in event.all(name)]
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


def _event(event: Element, defined: Mapping[str, str], reading: Reading) -> DeviceEvent:
    source = reading.source
    code = _code(event, defined, reading)
    details = _details(event, reading)
    names = _names_said(event) if source.codes.reads_names else ()
    meaning = source.codes.meaning(source.name, code, names=names, details=details)
    return DeviceEvent(
        code=code,
        meaning=meaning,
        code_name=source.codes.name(code),
        severity=reading.text(event, "severity"),
        reason=reading.text(event, "reason"),
        event_mrid=reading.text(event, "mrid"),
        issuer_tracking_id=reading.text(event, "issuertrackingid"),
        details=details,
        firmware_version=_firmware_version(details) if meaning in _FIRMWARE else "",
        usage_point=reading.clip(name_of(event.first("usagepoint"))),
    )


def _names_said(event: Element) -> list[tuple[str, str]]:
    """The names of the event and of its type, for a code table that asks for them."""
    kind = event.first("enddeviceeventtype")
    names = names_in(event) + (names_in(kind) if kind is not None else [])
    return [(name.type, name.value) for name in names]


def _code(event: Element, defined: Mapping[str, str], reading: Reading) -> str:
    kind = event.first("enddeviceeventtype")
    said = ""
    if kind is not None:
        said = kind.attribute("ref") or kind.own_text or _code_of_definition(kind, reading)
    said = said or event.attribute("enddeviceeventtype")
    if not said:
        raise Unreadable(
            Reason.EVENT_TYPE_MISSING,
            f"{event.written_name} has no EndDeviceEventType/@ref",
            at=(kind or event),
        )
    return clipped(defined.get(said, said), LONGEST_IDENTIFIER)


def _defined_codes(container: Element, reading: Reading) -> dict[str, str]:
    """The ``EndDeviceEventType`` definitions beside the events: what a ref to each of them stands for."""
    codes: dict[str, str] = {}
    for definition in container.all("enddeviceeventtype"):
        code = _code_of_definition(definition, reading)
        if code:
            for key in (definition.text("mrid"), *(name.value for name in names_in(definition))):
                if key:
                    codes.setdefault(key, code)
    return codes


def _code_of_definition(definition: Element, reading: Reading) -> str:
    """The code that a definition gives: by its four parts, else by a ``ref`` or name that is one."""
    parts = [definition.text(*names) for names in _TYPE_PARTS]
    code = reading.source.codes.code_of(parts) if all(parts) else ""
    if code:
        return code
    said = [definition.text("ref", "code"), definition.text("mrid")]
    said += [name.value for name in names_in(definition)]
    return next((text for text in said if text.count(".") == len(_TYPE_PARTS) - 1), "")


def _details(event: Element, reading: Reading) -> dict[str, str]:
    """EndDeviceEventDetails, the event's other names, and the raw fields by which vendors tell their own code."""
    limits = reading.source.limits
    details: dict[str, str] = {}
    dropped = 0
    for name, value in _said(event):
        if not value:
            continue
        if len(details) >= limits.entries:
            dropped += 1
            continue
        key = unused = clipped(name, LONGEST_IDENTIFIER)
        number = 2
        while unused in details:
            unused = f"{key} ({number})"
            number += 1
        details[unused] = REMOVED_SECRET if is_secret_name(name) else clipped(value, limits.text)
    if dropped:
        details["…"] = f"{dropped} more are not kept"
    return details


def _said(event: Element) -> Iterable[tuple[str, str]]:
    for detail in event.all("enddeviceeventdetails") + event.all("enddeviceeventdetail"):
        entries = [detail, *detail.all("enddeviceeventdetail")]
        for entry in entries:
            value = entry.text("value")
            if value:
                yield entry.text("name") or "detail", value
    for name in names_in(event):
        yield name.type or "name", name.value
    for field in ("type", "issuerID", "userID", "description"):
        yield field, event.text(field.lower())
    status = event.first("status")
    if status is not None:
        yield "status", status.text("value") or status.own_text


def _firmware_version(details: Mapping[str, str]) -> str:
    by_name = {_NOT_ALPHANUMERIC.sub("", name.lower()): value for name, value in details.items()}
    return next((by_name[name] for name in _VERSION_DETAILS if name in by_name), "")
