"""What an EndDeviceEvent makes of a device, by its meaning."""

from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from device_hub.device.changes import contact, remembered, stated
from device_hub.device.events import (
    CommunicationEstablished,
    CommunicationLost,
    DeviceDiscovered,
    EventNoted,
    FaultCleared,
    FaultDetected,
    FirmwareUpdateFailed,
    FirmwareUpdateStarted,
    FirmwareUpdateSucceeded,
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    SwitchConnected,
    SwitchDisconnected,
    TamperCleared,
    TamperDetected,
    ToldEvent,
)
from device_hub.device.facets import newer
from device_hub.device.state import Device
from device_hub.device.values import (
    Communication,
    Facet,
    Fault,
    Firmware,
    Flag,
    Lifecycle,
    Phase,
    Power,
    Switch,
    Tamper,
)

# What a head-end system says about its own work, not what the device said: no contact.
_NOT_HEARD = (CommunicationLost, FirmwareUpdateStarted, FirmwareUpdateFailed)
# The last gasp of a device proves that it lives, not that it has power.
_LAST_GASP = (PowerLost, PhaseLost)
_NO_PHASE: Facet[Phase] = Facet(Phase.UNKNOWN)


def is_contact(event: ToldEvent) -> bool:
    """Whether the device itself spoke. The same event again is the same contact.

    That an event ended is said by the head-end system, for example when somebody closes an alarm.
    """
    if event.event.ended or isinstance(event, _NOT_HEARD):
        return False
    return Flag.DUPLICATE not in event.when.flags


def proves_power(event: ToldEvent) -> bool:
    """Whether the device had power when it spoke."""
    return is_contact(event) and not isinstance(event, _LAST_GASP)


def tell(device: Device, event: ToldEvent) -> Device:
    if Flag.DUPLICATE in event.when.flags:
        return device
    changes = _facet_after(device, event)
    if is_contact(event):
        changes = (
            contact(device, event.when, event.event.code, powered=proves_power(event)) | changes
        )
    if event.fingerprint is not None:
        changes["recent"] = remembered(device, event.fingerprint)
    return replace(device, **changes) if changes else device


def _facet_after(  # noqa: C901, PLR0912 - one case per event: a table, and mypy sees when one is missing
    device: Device, event: ToldEvent
) -> dict[str, Any]:
    """Return what the event's meaning changes. The keys are fields of Device."""
    at, code = event.when.at, event.event.code
    match event:
        case PowerLost():
            return {"supply": newer(device.supply, Power.OFF, at, code)}
        case PowerRestored():
            return {"supply": newer(device.supply, Power.ON, at, code)}
        case PhaseLost():
            return {"phases": _phases(device, event.phase, Phase.LOST, at, code)}
        case PhaseRestored():
            return {"phases": _phases(device, event.phase, Phase.ON, at, code)}
        case SwitchConnected():
            return {"switch": newer(device.switch, Switch.CONNECTED, at, code)}
        case SwitchDisconnected():
            return {"switch": newer(device.switch, Switch.DISCONNECTED, at, code)}
        case TamperDetected():
            return {"tamper": newer(device.tamper, Tamper.DETECTED, at, code)}
        case TamperCleared():
            return {"tamper": newer(device.tamper, Tamper.CLEAR, at, code)}
        case FirmwareUpdateStarted():
            return {"firmware": newer(device.firmware, Firmware.UPDATING, at, code)}
        case FirmwareUpdateSucceeded():
            return _updated(device, event)
        case FirmwareUpdateFailed():
            return {"firmware": newer(device.firmware, Firmware.FAILED, at, code)}
        case CommunicationEstablished():
            reachable = newer(device.communication, Communication.REACHABLE, at, code)
            return {"communication": reachable}
        case CommunicationLost():
            return {"communication": newer(device.communication, Communication.LOST, at, code)}
        case DeviceDiscovered():
            return _discovered(device, at, code)
        case FaultDetected():
            return {"fault": newer(device.fault, Fault.PRESENT, at, code)}
        case FaultCleared():
            return {"fault": newer(device.fault, Fault.NONE, at, code)}
        case EventNoted():
            return {}
        case _:
            assert_never(event)


def _phases(
    device: Device, phase: str, value: Phase, at: datetime, cause: str
) -> dict[str, Facet[Phase]]:
    known = device.phases.get(phase, _NO_PHASE)
    return {**device.phases, phase: newer(known, value, at, cause)}


def _updated(device: Device, event: FirmwareUpdateSucceeded) -> dict[str, Any]:
    at = event.when.at
    changes: dict[str, Any] = {
        "firmware": newer(device.firmware, Firmware.CURRENT, at, event.event.code)
    }
    if event.event.firmware_version:
        changes |= stated(device, {"firmware_version": event.event.firmware_version}, at)
    return changes


def _discovered(device: Device, at: datetime, code: str) -> dict[str, Any]:
    stage = device.stage
    if stage.value not in (Lifecycle.NOT_DEFINED, Lifecycle.INVENTORY, Lifecycle.DISCOVERED):
        return {}
    if stage.as_of is not None and at < stage.as_of:
        return {}
    return {"stage": Facet(Lifecycle.DISCOVERED, at, code)}
