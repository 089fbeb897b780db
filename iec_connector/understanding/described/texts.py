"""The words of a configuration that nothing else reads: reasons, seals, addresses, ratings, ids, module, parent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.described.place import NOWHERE, address_in, position_in
from iec_connector.understanding.findings.statement import name_of
from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.naming.identity import names_in
from iec_connector.understanding.secret_places.names import is_secret_name
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.findings.statement import Reading

CONFIGURATION_EVENTS = ("configurationevents", "configurationevent")
MODULES = ("commodule", "communicationmodule", "module")
_INFOS = ("enddeviceinfo", "assetinfo", "meterinfo")
_ADDRESSES = ("electronicaddress", "electronicaddresses")
_SPELLING = re.compile(r"[^a-z0-9]")
# Words by the types of names, and by the elements, that hold them.
NAMED = {
    "mac_address": ("mac", "macaddress", "macid", "eui64", "eui48", "ieeeaddress"),
    "radio_address": ("radio", "radioaddress", "radioid"),
    "ip_address": ("lan", "ip", "ipaddress", "ipv4", "ipv6", "ipv4address", "ipv6address"),
    "phone_number": ("msisdn", "phonenumber", "simphonenumber"),
    "iccid": ("iccid", "simiccid", "simid", "simcardnumber", "simcardid", "simnumber"),
    "imsi": ("imsi",),
    "imei": ("imei",),
}
_PARENTS = ("parent", "parentdevice", "parentmeter", "parentenddevice", "gateway", "masterdevice")


@dataclass(frozen=True, slots=True)
class Described:
    """What belongs to one device: its own element, its functions by their role, and where its change is dated.

    ``around`` is the element that holds the devices of the part.
    """

    meter: Element
    functions: Sequence[tuple[str, Element]]
    around: Element

    def of_role(self, role: str) -> list[Element]:
        return [element for each, element in self.functions if each == role]

    def modules(self) -> list[Element]:
        """The communication module: its own element, and the function that it has in the device."""
        inside = [each for name in MODULES for each in self.meter.all(name)]
        return inside + self.of_role("communication")


def texts_of(device: Described, reading: Reading) -> tuple[dict[str, str], list[Unreadable]]:
    """Fields of ``Configuration`` that are said, and what of it cannot be read."""
    meter, wrong = device.meter, []
    usage_point = meter.first("usagepoint")
    places = (meter, usage_point)
    try:
        position = position_in(places, reading)
    except Unreadable as unreadable:
        position = NOWHERE
        wrong.append(unreadable)
    said = {
        **_reasons(device, reading),
        **_addresses(device, reading),
        **_ratings(meter, reading),
        **_ids(device, reading),
        **_switch(device.of_role("switch"), reading),
        **_module(device, reading),
        "seals": _seals(meter, reading),
        "latitude": position.latitude,
        "longitude": position.longitude,
        "altitude": position.altitude,
        "grid_position": position.grid_position,
        "street_address": address_in(places, reading),
        "parent": parent_of(device),
        "connection_state": reading.text(usage_point, "connectionstate")
        or reading.text(meter, "connectionstate"),
        "phase_code": reading.text(meter, "phasecode") or reading.text(usage_point, "phasecode"),
    }
    return {word: text for word, text in said.items() if text}, wrong


def module_texts_of(device: Described, reading: Reading) -> dict[str, str]:
    """Fields of ``Configuration`` that a module says of the device that it is in."""
    said = {**_addresses(device, reading), **_module(device, reading)}
    said |= {"parent": parent_of(device), **_change(device, reading)}
    said["communication_technology"] = reading.text(device.meter, "technology", "commtechnology")
    said["communication_address"] = reading.text(device.meter, "amraddress")
    return {word: text for word, text in said.items() if text}


def _reasons(device: Described, reading: Reading) -> dict[str, str]:
    status = device.meter.first("status")
    return {
        "status_reason": reading.text(status, "reason"),
        "status_remark": reading.text(status, "remark"),
        **_change(device, reading),
    }


def _change(device: Described, reading: Reading) -> dict[str, str]:
    found = (element.first(*CONFIGURATION_EVENTS) for element in (device.meter, device.around))
    change = next((event for event in found if event is not None), None)
    return {
        "change_reason": reading.text(change, "reason"),
        "change_remark": reading.text(change, "remark", "description"),
        "change_author": reading.text(change, "modifiedby", "changedby", "userid", "issuerid"),
    }


def _addresses(device: Described, reading: Reading) -> dict[str, str]:
    """By the elements of the device, its module and their electronic addresses, else by the types of its names."""
    holders = [device.meter, *device.modules()]
    holders += [
        inside for each in tuple(holders) for name in _ADDRESSES for inside in each.all(name)
    ]
    named = {
        _plain(name.type): name.value
        for each in (device.meter, *device.modules())
        for name in reversed(names_in(each))
        if name.type and not is_secret_name(name.type)
    }
    found: dict[str, str] = {}
    for word, spellings in NAMED.items():
        said = next(filter(None, (reading.text(each, *spellings) for each in holders)), "")
        said = said or next((named[each] for each in spellings if each in named), "")
        found[word] = reading.clip(said)
    return found


def _ratings(meter: Element, reading: Reading) -> dict[str, str]:
    info = meter.first(*_INFOS)
    capability = next(
        (
            found
            for each in (info, meter)
            if each is not None
            and (found := each.first("capability", "enddevicecapability", "capabilities"))
        ),
        None,
    )
    return {
        "rated_current": reading.clip(_quantity((info, meter), "ratedcurrent")),
        "rated_voltage": reading.clip(_quantity((info, meter), "ratedvoltage")),
        "phase_count": reading.text(info, "phasecount") or reading.text(meter, "phasecount"),
        "multipliers": reading.clip(_multipliers(meter)),
        "form_number": reading.text(meter, "formnumber", "form")
        or reading.text(info, "formnumber"),
        "capabilities": reading.clip(_capabilities(capability)),
    }


def _quantity(holders: Iterable[Element | None], name: str) -> str:
    """What ``value``, ``multiplier`` and ``unit`` say: "100", "100 kA"."""
    for holder in holders:
        element = holder.first(name) if holder is not None else None
        if element is None:
            continue
        value = element.text("value") or element.own_text
        multiplier = element.text("multiplier")
        unit = ("" if multiplier == "none" else multiplier) + element.text("unit")
        if value:
            return f"{value} {unit}".rstrip()
    return ""


def _multipliers(meter: Element) -> str:
    said = {
        f"{kind}={value}" if kind else value
        for each in meter.all("metermultipliers") + meter.all("metermultiplier")
        if (value := each.text("value") or each.own_text)
        for kind in (each.text("kind"),)
    }
    return ", ".join(sorted(said))


def _capabilities(capability: Element | None) -> str:
    """Return the names of the true values, as written; "none" when all are false."""
    if capability is None:
        return ""
    said = {
        each.written_name: each.own_text.lower()
        for each in capability
        if each.name and each.is_leaf and each.own_text.lower() in {"true", "1", "false", "0"}
    }
    able = sorted(name for name, value in said.items() if value in {"true", "1"})
    return ", ".join(able) or ("none" if said else capability.own_text)


def _ids(device: Described, reading: Reading) -> dict[str, str]:
    roles = (*device.functions, ("meter", device.meter))
    return {
        "configuration_id": _by_role(roles, reading, "configid", "configurationid"),
        "program_id": _by_role(roles, reading, "programid"),
    }


def _by_role(roles: Iterable[tuple[str, Element]], reading: Reading, *names: str) -> str:
    said = {(role, text) for role, element in roles if (text := reading.text(element, *names))}
    values = {text for _, text in said}
    if len(values) == 1:
        return values.pop()
    return reading.clip(", ".join(f"{role}={text}" for role, text in sorted(said)))


def _switch(switches: Sequence[Element], reading: Reading) -> dict[str, str]:
    armed: set[str] = set()
    told = False
    for switch in switches:
        info = switch.first("rcdinfo", "remoteconnectdisconnectinfo") or switch
        for name, word in (("isarmconnect", "connect"), ("isarmdisconnect", "disconnect")):
            said = info.text(name).lower()
            told = told or said in {"true", "1", "false", "0"}
            if said in {"true", "1"}:
                armed.add(word)
    counts = (reading.text(switch, "eventcount", "operationcount") for switch in switches)
    return {
        "switch_arm_state": ", ".join(sorted(armed)) or ("none" if told else ""),
        "switch_operation_count": next(filter(None, counts), ""),
    }


def _module(device: Described, reading: Reading) -> dict[str, str]:
    modules = device.modules()
    first = [each.first("assetmodel", "productassetmodel", *_INFOS) for each in modules]
    models = [each for each in first if each is not None]
    makers = [name_of(each.first("manufacturer")) for each in (*models, *modules)]

    def said(*names: str) -> str:
        return next(filter(None, (reading.text(each, *names) for each in modules)), "")

    return {
        "module_serial_number": said("serialnumber"),
        "module_manufacturer": reading.clip(next(filter(None, makers), "")),
        "module_model": next(
            filter(
                None, (reading.text(each, "modelnumber", "model") for each in (*models, *modules))
            ),
            "",
        ),
        "module_firmware_version": said("firmwareid", "firmwareversion"),
        "module_hardware_version": said("hardwareid", "hardwareversion"),
    }


def _seals(meter: Element, reading: Reading) -> str:
    """Numbers, each with its condition, sorted: "A17 locked, A18 broken"."""
    said = set()
    for each in (meter.all("seals") + meter.all("seal"))[: reading.source.limits.entries]:
        for seal in each.all("seal") or [each]:
            number = seal.text("sealnumber", "number") or name_of(seal)
            condition = seal.text("condition")
            if number or condition:
                said.add(f"{number} {condition}".strip())
    return reading.clip(", ".join(sorted(said)))


def parent_of(device: Described) -> str:
    """What the device is behind: an element that names it, else the router of its communication module."""
    for name in _PARENTS:
        for element in device.meter.all(name):
            if text := as_identifier(name_of(element) or element.text("serialnumber")):
                return text
    routers = (each.text("amrrouter") for each in device.modules())
    return next(filter(None, map(as_identifier, routers)), "")


def as_identifier(text: str) -> str:
    """``text`` if a device can be called so, else nothing."""
    fits = len(text) <= LONGEST_IDENTIFIER and text.isprintable() and "/" not in text
    return text if fits else ""


def _plain(kind: str) -> str:
    return _SPELLING.sub("", kind.lower())
