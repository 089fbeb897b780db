"""MeterConfig and EndDeviceConfig: the registry messages.

Shapes that are taken: the profile of edition 2 (functions beside the meters, which refer to them by ``ref``), functions
inside the meter, and the flat fields of IEC4HES (``deviceState``, ``commTechnology``, ``meterUtilitySerialNumber``).
An absent element says nothing. Passwords and keys are not taken in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.configuration.effect import (
    configuration_moment,
    dated_by,
    moment_around,
)
from iec_connector.understanding.configuration.lifecycle import life_dates
from iec_connector.understanding.described.texts import (
    Described,
    texts_of,
)
from iec_connector.understanding.findings.statement import (
    Statement,
    area_of,
    items_of,
    name_of,
    status_text,
)
from iec_connector.understanding.identifiers import UNKNOWN_SCHEME, Identifier
from iec_connector.understanding.naming.identity import (
    Identity,
    checked_identifier,
    identify,
    names_by_type,
    names_in,
)
from iec_connector.understanding.nouns import ENDING_VERBS, ITEMS, verb_of
from iec_connector.understanding.report import Configuration, Lifecycle, SwitchState
from iec_connector.understanding.times import UNSAID, Moment, first_of, moment_at
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.naming.identity import Name
    from iec_connector.understanding.source import Source

# Which module of the device a function describes.
_ROLES = {
    "comfunction": "communication",
    "connectdisconnectfunction": "switch",
    "simpleenddevicefunction": "meter",
}
_FIRMWARE = ("firmwareid", "firmwareversion", "softwareversion")
_HARDWARE = ("hardwareid", "hardwareversion")
_INFOS = ("enddeviceinfo", "assetinfo", "meterinfo")
# Where the CIM keeps the life of an asset beside its status.
_STATES = ("deploymentstate", "inusestate", "lifecyclestate")
_MODELS = ("assetmodel", "productassetmodel", "enddevicemodel")


class _Function(NamedTuple):
    role: str
    element: Element


class _Shared(NamedTuple):
    """The functions beside the meters, and by the mRID by which meters refer to them."""

    functions: list[_Function]
    by_mrid: dict[str, list[_Function]]

    @classmethod
    def beside(cls, element: Element) -> _Shared:
        shared = cls(_functions_in(element), {})
        for function in shared.functions:
            mrid = function.element.text("mrid")
            if mrid:
                shared.by_mrid.setdefault(mrid, []).append(function)
        return shared


def _functions_in(element: Element) -> list[_Function]:
    return [_Function(role, child) for name, role in _ROLES.items() for child in element.all(name)]


def read_configurations(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per device in the part."""
    if part.ids:
        yield from read_removals(part)
        return
    items = list(items_of(part, ITEMS[part.noun]))
    shared = _Shared.beside(part.element)
    for item in items:
        if isinstance(item, Unreadable):
            yield item
            continue
        try:
            yield from _configuration(part, item, shared, reading, alone=len(items) == 1)
        except Unreadable as unreadable:
            yield unreadable


def configuration_in(part: Part, device: Element, reading: Reading) -> Iterator[Finding]:
    """What a device says that stands alone in its part."""
    return _configuration(part, device, _Shared.beside(part.element), reading, alone=True)


def _configuration(
    part: Part, meter: Element, shared: _Shared, reading: Reading, *, alone: bool
) -> Iterator[Finding]:
    source = reading.source
    identity = identify(meter, source.device_identifiers)
    status = meter.first("status")
    state = meter.text("devicestate") or status_text(status) or _state_elsewhere(meter)
    removal = verb_of(part.verb) in ENDING_VERBS
    functions = _functions_of(meter, shared, alone=alone)
    model = _model(meter)
    manufacturer = model.first("manufacturer") if model is not None else None
    names = names_in(meter)
    usage_point = meter.first("usagepoint")
    texts, wrong = texts_of(Described(meter, functions, part.element), reading)
    content = Configuration(
        lifecycle=Lifecycle.REMOVED if removal else _lifecycle(state, source),
        status=reading.clip(state),
        serial_number=reading.text(meter, "serialnumber") or reading.clip(_serial_number(names)),
        utility_number=reading.text(
            meter, "meterutilityserialnumber", "utilitynumber", "utcnumber"
        ),
        mrid=reading.text(meter, "mrid"),
        model=reading.text(model, "modelnumber", "model")
        or reading.text(meter, "modelnumber", "model"),
        model_version=reading.text(model, "modelversion"),
        manufacturer=reading.clip(name_of(manufacturer)) or reading.text(meter, "manufacturer"),
        device_type=reading.text(meter, "type", "devicetype"),
        communication_technology=_said_by(functions, reading, "technology", "commtechnology")
        or reading.text(meter, "commtechnology", "communicationtechnology"),
        communication_address=_said_by(functions, reading, "amraddress")
        or reading.text(meter, "amraddress"),
        firmware_version=_by_role(functions, meter, reading, *_FIRMWARE),
        hardware_version=_by_role(functions, meter, reading, *_HARDWARE),
        lot_number=reading.text(meter, "lotnumber"),
        amr_system=reading.text(meter, "amrsystem"),
        time_zone=reading.text(meter, "timezoneoffset", "timezone"),
        usage_point=reading.clip(name_of(usage_point)),
        area=reading.clip(area_of(meter) or area_of(usage_point) or _area_of_functions(functions)),
        names=names_by_type(
            (name for name in names if name.type.lower() != "serialnumber"),
            entries=source.limits.entries,
            text=source.limits.text,
        ),
        switch_state=_switch_state(functions),
        life_dates=life_dates(meter, source.zone),
        removal=removal,
        **texts,
    )
    yield Statement(identity, content, _moment(part, meter, status, reading), meter)
    yield from wrong


def _state_elsewhere(meter: Element) -> str:
    """What the CIM's enumerations of an asset say of its life."""
    holders = (meter, meter.first("deployment"), meter.first("inusedate"))
    return next(filter(None, (each.text(*_STATES) for each in holders if each is not None)), "")


def _lifecycle(state: str, source: Source) -> Lifecycle:
    return source.words.lifecycle(source.name, state) or Lifecycle.UNSPECIFIED


def read_removals(part: Part) -> Iterator[Finding]:
    """Deleted devices of which the message says nothing but the ``ID``."""
    for element, value in device_ids(part):
        yield Statement(
            identity_of_id(element, value),
            Configuration(lifecycle=Lifecycle.REMOVED, removal=True),
            UNSAID,
            element,
        )


def device_ids(part: Part) -> Iterator[tuple[Element, str]]:
    """The ``ID`` elements that name devices: not those of a usage point or a transaction."""
    for element in part.ids:
        about = element.attribute("objecttype").lower()
        if "usagepoint" in about or element.attribute("kind").lower() == "transaction":
            continue
        yield element, element.own_text


def identity_of_id(element: Element, value: str) -> Identity:
    """Return the device that an ``ID`` names, for any ``idType``."""
    identifier = checked_identifier(value, element)
    said = (Identifier(UNKNOWN_SCHEME, identifier),)
    return Identity(identifier, element.attribute("idauthority"), said)


def _serial_number(names: Iterable[Name]) -> str:
    return next((name.value for name in names if name.type.lower() == "serialnumber"), "")


def _moment(part: Part, meter: Element, status: Element | None, reading: Reading) -> Moment:
    """When the configuration took effect, as far as the message says: see ``configuration_moment``."""
    zone = reading.source.zone
    stated = moment_at(status, zone, "datetime")
    event = first_of(configuration_moment(meter, reading), moment_around(part.element, reading))
    return dated_by(event, stated, reading)


def _functions_of(meter: Element, shared: _Shared, *, alone: bool) -> list[_Function]:
    """The functions inside the meter, those beside it that it refers to, and all when it is alone."""
    own = _functions_in(meter)
    if alone:
        return own + shared.functions
    references = dict.fromkeys(function.element.attribute("ref") for function in own)
    return own + [each for mrid in references for each in shared.by_mrid.get(mrid, [])]


def _model(meter: Element) -> Element | None:
    info = meter.first(*_INFOS)
    return (info.first(*_MODELS) if info is not None else None) or meter.first(*_MODELS) or info


def _said_by(functions: Iterable[_Function], reading: Reading, *names: str) -> str:
    """What the communication functions say; several values sorted, with commas."""
    said = {
        reading.text(each.element, *names) for each in functions if each.role == "communication"
    }
    return reading.clip(", ".join(sorted(said - {""})))


def _by_role(functions: Iterable[_Function], meter: Element, reading: Reading, *names: str) -> str:
    """A version: as in the message when there is one, else ``role=version`` of each module, sorted."""
    said = {(role, reading.text(element, *names)) for role, element in functions}
    own = reading.text(meter, *names) or reading.text(meter.first(*_INFOS), *names)
    said.add(("meter", own))
    versions = sorted((role, version) for role, version in said if version)
    if len(versions) == 1:
        return versions[0][1]
    return reading.clip(", ".join(f"{role}={version}" for role, version in versions))


def _area_of_functions(functions: Iterable[_Function]) -> str:
    return next(filter(None, (area_of(element) for _, element in functions)), "")


def _switch_state(functions: Iterable[_Function]) -> SwitchState:
    """What the switches say, if they agree."""
    said = {
        element.text("isconnected").lower() for role, element in functions if role == "switch"
    } - {""}
    if said and said <= {"true", "1"}:
        return SwitchState.CONNECTED
    if said and said <= {"false", "0"}:
        return SwitchState.DISCONNECTED
    return SwitchState.UNSPECIFIED
