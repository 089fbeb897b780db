"""EndDeviceFirmware: which firmware a device runs, or its communication module.

Only what runs is taken: a firmware whose status says that it waits, is loaded or failed says nothing of what runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iec_connector.understanding.configuration.effect import moment_around
from iec_connector.understanding.findings.statement import Statement, status_text
from iec_connector.understanding.further.devices_named import DEVICES, names_no_device
from iec_connector.understanding.naming.identity import identify, names_in
from iec_connector.understanding.report import Configuration
from iec_connector.understanding.times import first_of, moment_at
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.times import Moment

_ACTIVATIONS = ("activationdatetime", "activationdate")
_DATES = ("installeddatetime", "createddatetime")
_VERSIONS = (
    "firmwareid",
    "firmwareversion",
    "version",
    "softwareversion",
    "firmwareno",
    "imageversion",
    "revision",
)
_HARDWARE = ("hardwareid", "hardwareversion")
_FIRMWARES = (
    *("firmware", "firmwares", "enddevicefirmware", "firmwareimage", "firmwareimages"),
    "softwareimage",
)
_INSIDE = (
    *_FIRMWARES,
    *("functions", "enddevicefunction", "simpleenddevicefunction"),
    *("enddeviceinfo", "assetinfo", "meterinfo"),
)
_MODULES = ("comfunction", "commodule", "communicationmodule", "module")
_KINDS = ("type", "kind", "firmwaretype", "category", "function")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
RUNNING = frozenset(
    {
        *("", "active", "activated", "current", "installed", "running", "inuse", "succeeded"),
        *("success", "successful", "completed", "complete", "executed", "updated", "ok", "normal"),
    }
)
"""The words of a status, without signs and in lower case, of a firmware that runs."""


def read_firmware(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per device in the part."""
    found = False
    for device, around in _devices(part.element):
        found = True
        try:
            yield _firmware(device, around, reading)
        except Unreadable as unreadable:
            yield unreadable
    if not found:
        yield names_no_device(part.element)


def _devices(element: Element) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """Return each device, with the elements around it that may hold its firmware, the nearest first."""
    named = [device for name in DEVICES for device in element.all(name)]
    # Once for all of them: a message may hold thousands.
    around = (element, *_beside(element)) if named else ()
    for device in named:
        inside = [each for inner in DEVICES for each in device.all(inner)]
        for each in inside or [device]:
            yield each, around
    for name in _INSIDE:
        for firmware in element.all(name):
            for device, nearer in _devices(firmware):
                yield device, (*nearer, element)


def _firmware(device: Element, around: tuple[Element, ...], reading: Reading) -> Statement:
    identity = identify(device, reading.source.device_identifiers)
    holders = [device, *_inside(device), *around]
    modules = [("module_", module) for name in _MODULES for module in device.all(name)]
    of_kind = [("module_" if _is_of_module(holder) else "", holder) for holder in holders]
    kept: dict[str, Any] = {}
    telling: list[Element] = []
    waiting: Unreadable | None = None
    for prefix, holder in of_kind + modules:
        version = _version(holder, reading)
        if version and not _runs(holder):
            waiting = waiting or _not_running(holder, version)
            continue
        telling.append(holder)
        texts = {"firmware_version": version, "hardware_version": reading.text(holder, *_HARDWARE)}
        for word, text in texts.items():
            if text:
                kept.setdefault(prefix + word, text)
    if not kept:
        nothing = f"{device.written_name} names no firmware"
        raise waiting or Unreadable(Reason.PAYLOAD_MISSING, nothing, at=device)
    return Statement(identity, Configuration(**kept), _moment(telling, reading), device)


def _inside(device: Element) -> list[Element]:
    """Return the elements of the device that hold its firmware; a list of firmwares as its items."""
    holders = [each for name in _INSIDE for each in device.all(name)]
    return holders + [
        each for holder in holders for name in _FIRMWARES for each in holder.all(name)
    ]


def _beside(element: Element) -> list[Element]:
    """The firmware beside the devices in the element, if it is the only one, and names no device itself."""
    found = [each for name in _FIRMWARES for each in element.all(name)]
    return found if len(found) == 1 and next(_devices(found[0]), None) is None else []


def _version(holder: Element, reading: Reading) -> str:
    """The version in one of its fields; a firmware may be called by it."""
    version = reading.text(holder, *_VERSIONS)
    if not version and holder.name in _FIRMWARES:
        version = reading.clip(next((name.value for name in names_in(holder)), ""))
    return version


def _runs(holder: Element) -> bool:
    return _plain(status_text(holder.first("status")).rpartition(".")[2]) in RUNNING


def _not_running(holder: Element, version: str) -> Unreadable:
    said = status_text(holder.first("status"))
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"firmware {version[:60]} is {said[:60]!r}: it is not said that it runs",
        at=holder,
    )


def _is_of_module(holder: Element) -> bool:
    kind = _plain(holder.text(*_KINDS))
    return any(word in kind for word in ("com", "module", "modem", "radio"))


def _moment(holders: list[Element], reading: Reading) -> Moment:
    zone = reading.source.zone
    moments: list[Moment] = []
    for holder in holders:
        moments += (
            _effective(moment_at(holder, zone, *_ACTIVATIONS)),
            moment_at(holder, zone, *_DATES),
            moment_around(holder, reading),
            moment_at(holder.first("status"), zone, "datetime"),
        )
    return first_of(*moments)


def _effective(activated: Moment) -> Moment:
    """A firmware may be announced: until its activation the device runs another."""
    return activated._replace(takes_effect=activated.at is not None)


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.lower())
