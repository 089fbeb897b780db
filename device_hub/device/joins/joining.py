"""What happens when an operator joins two devices, or undoes it."""

from device_hub.device.attributes import check_room
from device_hub.device.commands import JoinInto, LeaveAgain, TakeIn, TakeOut
from device_hub.device.events import Event
from device_hub.device.events.named import (
    DeviceJoined,
    JoinedInto,
    JoinUndone,
)
from device_hub.device.joins.parts import with_parts
from device_hub.device.refusal import Reason, Refused
from device_hub.device.state import MOST_PARTS, Device


class Moved(Refused):
    """The device was joined into another, ``into``: that one takes the report."""

    def __init__(self, into: str) -> None:
        super().__init__(Reason.DEVICE_JOINED, f"the device was joined into {into}")
        self.into = into


def join_into(device: Device, command: JoinInto) -> list[Event]:
    if device.joined_into == command.into:
        return []
    if device.joined_into:
        raise Moved(device.joined_into)
    if not device.is_known:
        raise Refused(Reason.JOIN_REFUSED, "nothing was ever reported about the device")
    if device.parts:
        raise Refused(
            Reason.JOIN_REFUSED,
            "others were joined into the device: undo that first, or join those",
        )
    return [JoinedInto(into=command.into, at=command.at, by=command.by, reason=command.reason)]


def take_in(device: Device, command: TakeIn) -> list[Event]:
    if command.joined in device.parts:
        return []
    if device.joined_into:
        raise Moved(device.joined_into)
    if not device.is_known:
        raise Refused(Reason.JOIN_REFUSED, "nothing was ever reported about the device")
    if len(device.parts) >= MOST_PARTS:
        raise Refused(Reason.JOIN_REFUSED, f"{MOST_PARTS} devices were joined into it already")
    _check_room(device, command)
    return [
        DeviceJoined(
            joined=command.joined,
            part=command.part,
            at=command.at,
            by=command.by,
            reason=command.reason,
        )
    ]


def _check_room(device: Device, command: TakeIn) -> None:
    """Refuse a join whose result the register would not take: the register's device would stay outdated for ever."""
    whole = with_parts(device.own or device, {**device.parts, command.joined: command.part})
    try:
        check_room(device.attributes, whole.attributes)
    except Refused as refused:
        raise Refused(
            Reason.JOIN_REFUSED, f"together they are too large: {refused.detail}"
        ) from None


def take_out(device: Device, command: TakeOut) -> list[Event]:
    if command.joined not in device.parts:
        return []
    return [JoinUndone(other=command.joined, at=command.at, by=command.by, reason=command.reason)]


def leave_again(device: Device, command: LeaveAgain) -> list[Event]:
    if not device.joined_into:
        return []
    return [
        JoinUndone(other=device.joined_into, at=command.at, by=command.by, reason=command.reason)
    ]
