"""Which reader takes which noun, and which verbs it makes sense with."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from iec_connector.understanding.configuration.meter_config import read_configurations
from iec_connector.understanding.contact import read_meter_readings
from iec_connector.understanding.envelope.parts import OtherNoun, Part
from iec_connector.understanding.events import read_events
from iec_connector.understanding.findings.statement import IGNORED_NOUN, PassedOver, Statement
from iec_connector.understanding.further.controls import read_controls
from iec_connector.understanding.further.firmware import read_firmware
from iec_connector.understanding.further.modules import read_modules
from iec_connector.understanding.further.usage_points import is_mere_place, read_usage_points
from iec_connector.understanding.linking.master_data_linkage import read_linkages
from iec_connector.understanding.nouns import ENDING_VERBS, Noun, verb_of
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Found
    from iec_connector.understanding.findings.statement import Finding, Reading


def findings_in(
    found: Iterable[Found], reading: Reading
) -> Iterator[tuple[Part, Statement] | Unreadable | PassedOver]:
    """Return the statements of a message's nouns, in document order, and the errors of its parts."""
    for each in _about_devices(list(found)):
        match each:
            case Unreadable():
                yield each
            case _ if reading.source.ignores(each.element.name):
                yield PassedOver(IGNORED_NOUN)
            case OtherNoun():
                yield _not_read(each.element)
            case Part():
                yield from _read(each, reading)
            case _:
                assert_never(each)


def _about_devices(found: list[Found]) -> list[Found]:
    """Without usage points that name no device, if there is anything else: SAP's OperationSet begins with them."""
    telling = [each for each in found if not (isinstance(each, Part) and is_mere_place(each))]
    return telling or found


def _not_read(element: Element) -> Unreadable:
    name = element.written_name[:100]
    return Unreadable(
        Reason.NOUN_NOT_READ,
        f"{name} says nothing that is kept of a device; a source whose ignored_nouns name it only counts it",
        at=element,
    )


def _read(
    part: Part, reading: Reading
) -> Iterator[tuple[Part, Statement] | Unreadable | PassedOver]:
    """What one noun says; at least one finding."""
    said = False
    for finding in _reader(part, reading):
        said = True
        yield (part, finding) if isinstance(finding, Statement) else finding
    if not said:
        yield Unreadable(
            Reason.PAYLOAD_MISSING,
            f"{part.element.written_name} is empty: it holds no part of {part.noun}",
            at=part.element,
        )


def _reader(part: Part, reading: Reading) -> Iterator[Finding]:
    ends = verb_of(part.verb) in ENDING_VERBS
    match part.noun:
        case Noun.METER_CONFIG | Noun.END_DEVICE_CONFIG if not part.ids or ends:
            return read_configurations(part, reading)
        case Noun.LINKAGE:
            return read_linkages(part, reading)
        case Noun.END_DEVICE_EVENTS if not part.ids:
            return read_events(part, reading)
        case Noun.CONTROLS if not part.ids:
            return read_controls(part, reading)
        case Noun.FIRMWARE if not part.ids and not ends:
            return read_firmware(part, reading)
        case Noun.MODULE_CONFIG if not part.ids or ends:
            return read_modules(part, reading)
        case Noun.USAGE_POINT_CONFIG if not part.ids and not ends:
            return read_usage_points(part, reading)
        case Noun.METER_READINGS if not part.ids and not ends:
            return read_meter_readings(part, reading)
        case _:
            return iter((_not_readable(part),))


def _not_readable(part: Part) -> Unreadable:
    """Verb and noun that do not go together: nothing in the register can follow from it."""
    what = f"{part.verb or 'no verb'} {part.noun}"
    if part.ids:
        return Unreadable(Reason.PAYLOAD_MISSING, f"{what} with nothing but IDs", at=part.element)
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"{what}: what has happened cannot be taken back",
        at=part.element,
    )
