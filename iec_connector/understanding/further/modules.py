"""ComModuleConfig: a communication module of the devices that it names, or else a device of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iec_connector.understanding.configuration.effect import configuration_moment, moment_around
from iec_connector.understanding.configuration.meter_config import configuration_in, read_removals
from iec_connector.understanding.described.texts import (
    Described,
    module_texts_of,
)
from iec_connector.understanding.findings.statement import Statement, items_of
from iec_connector.understanding.further.devices_named import devices_of
from iec_connector.understanding.nouns import ENDING_VERBS, ITEMS, verb_of
from iec_connector.understanding.report import Configuration
from iec_connector.understanding.times import first_of
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.times import Moment


def read_modules(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per module and device in it; one about the module itself where it is in none."""
    if part.ids:
        yield from read_removals(part)
        return
    for item in items_of(part, ITEMS[part.noun]):
        if isinstance(item, Unreadable):
            yield item
            continue
        try:
            yield from _module(part, item, reading)
        except Unreadable as unreadable:
            yield unreadable


def _module(part: Part, module: Element, reading: Reading) -> Iterator[Finding]:
    devices = devices_of(module, part, reading)
    if not devices:
        yield from configuration_in(part, module, reading)
        return
    if verb_of(part.verb) in ENDING_VERBS:
        raise Unreadable(
            Reason.NOT_A_REPORT,
            f"{part.verb} {module.written_name}: that a module leaves a device says not what it then has",
            at=module,
        )
    described = Described(
        module,
        [("communication", each) for each in (module, *module.all("comfunction"))],
        part.element,
    )
    texts: dict[str, Any] = {**module_texts_of(described, reading)}
    moment = _moment(part, module, reading)
    for each in devices:
        if isinstance(each, Unreadable):
            yield each
        else:
            identity, element = each
            yield Statement(identity, Configuration(**texts), moment, element)


def _moment(part: Part, module: Element, reading: Reading) -> Moment:
    return first_of(configuration_moment(module, reading), moment_around(part.element, reading))
