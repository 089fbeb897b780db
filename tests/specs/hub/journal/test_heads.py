"""What is noted of a device for those that ask which devices are due, or where."""

from typing import Any

from device_hub.device.commands import Command, JoinInto, LeaveAgain
from device_hub.device.decisions import decide
from device_hub.device.evolution import fold
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, Device
from device_hub.journal.heads import Head, head_of
from tests.specs.hub.device.sentences import announced, at, configuration, link

SAID: dict[str, Any] = {"at": at("3 09:00"), "by": "anna", "reason": "the type plate says so"}
REMOVAL = announced(configuration("REMOVED", "1 00:00", status="Removed"), "10 00:00", "2 10:00")


def after(device: Device, *commands: Command) -> Device:
    for command in commands:
        device = fold(device, decide(device, command, DEFAULT_RULES))
    return device


def head(device: Device) -> Head:
    return head_of("north/M1", 4, device, DEFAULT_RULES)


INSTALLED = after(
    INITIAL, configuration("IN_OPERATION", "1 08:00"), link("UP-7", "1 08:30"), REMOVAL
)


def test_a_device_is_found_where_it_is_and_when_its_plan_and_its_silence_are_due() -> None:
    noted = head(INSTALLED)
    assert (noted.place, noted.plan_due_at) == (f"{INSTALLED.network}/UP-7", at("10 00:00"))
    assert noted.silence_due_at is not None


def test_a_device_that_was_joined_into_another_is_nowhere_and_due_for_nothing() -> None:
    """Else two devices would be at its usage point, and each sweep would ask it in vain."""
    joined = after(INSTALLED, JoinInto(into="north/S1", **SAID))
    assert head(joined) == Head(device_id="north/M1", revision=4, silence_due_at=None)
    assert head(after(joined, LeaveAgain(**SAID))) == head(INSTALLED)
