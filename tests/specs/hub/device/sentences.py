"""given(...).when(...).happens(...).shows(...): the words in which the device's rules are written down.

Times are written "10:00", "10:00:30" (1 March 2026) or "3 10:00" (3 March), always UTC.
What was given are reports, as they come in; the device's own rules make the history of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from device_hub.device.commands import (
    Command,
    Configure,
    Link,
    NoteContact,
    NoteSilence,
    RecordEvent,
    ReportFacts,
    Ship,
    Unlink,
)
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.evolution import fold
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.power import power_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import DEFAULT_RULES, Rules
from device_hub.device.state import INITIAL, Device
from device_hub.device.values import (
    Configuration,
    EndDeviceEvent,
    Facet,
    Flag,
    Lifecycle,
    Meaning,
    Switch,
)

PlannableT = TypeVar("PlannableT", Configure, Link, Unlink)

NETWORK, IDENTIFIER = "north", "LGZ0012345678"

# Real codes, and what the connector's table says of them.
POWER_LOST, POWER_RESTORED = "3.26.0.85", "3.26.0.216"
CODES = {
    POWER_LOST: Meaning.POWER_LOST,
    POWER_RESTORED: Meaning.POWER_RESTORED,
    "3.26.126.85": Meaning.PHASE_LOST,
    "3.26.126.216": Meaning.PHASE_RESTORED,
    "3.26.134.85": Meaning.PHASE_LOST,
    "3.26.134.216": Meaning.PHASE_RESTORED,
    "3.31.0.42": Meaning.SWITCH_CONNECTED,
    "3.31.0.68": Meaning.SWITCH_DISCONNECTED,
    "3.12.29.212": Meaning.TAMPER_DETECTED,
    "3.12.29.16": Meaning.TAMPER_CLEARED,
    "3.11.83.54": Meaning.FIRMWARE_UPDATE_STARTED,
    "3.11.83.58": Meaning.FIRMWARE_UPDATE_SUCCEEDED,
    "3.11.283.85": Meaning.FIRMWARE_UPDATE_FAILED,
    "3.1.52.29": Meaning.COMMUNICATION_ESTABLISHED,
    "3.1.0.85": Meaning.COMMUNICATION_LOST,
    "3.6.5.58": Meaning.DISCOVERED,
    "3.21.0.79": Meaning.FAULT,
    "3.21.0.279": Meaning.FAULT_CLEARED,
    "3.2.22.150": Meaning.NOTED,
    "3.99.7.1": Meaning.UNSPECIFIED,
}


def at(text: str) -> datetime:
    day, _, clock = text.rpartition(" ")
    hours, minutes, seconds = (int(part) for part in [*clock.split(":"), "0"][:3])
    return datetime(2026, 3, int(day or 1), hours, minutes, seconds, tzinfo=UTC)


def facts(
    occurred: str | datetime | None,
    received: str | datetime | None = None,
    *,
    zone_assumed: bool = False,
    said: str | datetime | None = None,
    withdrawn: bool = False,
    told: str | None = None,
) -> ReportFacts:
    """Received when it occurred, unless said otherwise. ``said``: then it takes effect when it occurred.

    ``told``: when the head-end system made the message.
    """
    received = received or occurred
    assert received is not None
    return ReportFacts(
        network=NETWORK,
        identifier=IDENTIFIER,
        received_at=at(received) if isinstance(received, str) else received,
        told_at=at(told) if told is not None else None,
        occurred_at=at(occurred) if isinstance(occurred, str) else occurred,
        zone_assumed=zone_assumed,
        said_at=at(said) if isinstance(said, str) else said,
        plan_withdrawn=withdrawn,
    )


def event(
    code: str,
    occurred: str | datetime | None,
    received: str | datetime | None = None,
    *,
    zone_assumed: bool = False,
    stated: datetime | None = None,
    **said: Any,
) -> RecordEvent:
    """``stated``: what a clock said that had lost its time."""
    told = EndDeviceEvent(code=code, meaning=CODES[code], **said)
    what = facts(occurred, received, zone_assumed=zone_assumed)
    return RecordEvent(facts=replace(what, stated_at=stated), event=told)


def power_lost(occurred: str, received: str | None = None) -> RecordEvent:
    return event(POWER_LOST, occurred, received)


def power_restored(occurred: str, received: str | None = None) -> RecordEvent:
    return event(POWER_RESTORED, occurred, received)


def configuration(
    lifecycle: str | None,
    occurred: str | None,
    received: str | None = None,
    *,
    removal: bool = False,
    switch: Switch | None = None,
    named: Mapping[str, str] | None = None,
    **attributes: str,
) -> Configure:
    """``named``: attributes whose words are no Python names."""
    said = Configuration(
        lifecycle=Lifecycle(lifecycle) if lifecycle else None,
        attributes={**attributes, **(named or {})},
        removal=removal,
        switch=switch,
    )
    return Configure(facts=facts(occurred, received), configuration=said)


def shipment(received: str, **attributes: str) -> Ship:
    return Ship(facts=facts(None, received), attributes=attributes)


def link(
    usage_point: str,
    occurred: str,
    received: str | None = None,
    area: str = "",
    parent: str = "",
) -> Link:
    return Link(facts=facts(occurred, received), usage_point=usage_point, area=area, parent=parent)


def unlink(
    usage_point: str, occurred: str, received: str | None = None, parent: str = ""
) -> Unlink:
    return Unlink(facts=facts(occurred, received), usage_point=usage_point, parent=parent)


def announced(
    command: PlannableT, effective: str, said: str, *, withdrawn: bool = False
) -> PlannableT:
    """The same, said and received at one time, for another; or called off."""
    ahead = facts(effective, said, said=said, withdrawn=withdrawn)
    return replace(command, facts=ahead)


def contact(
    occurred: str | None, received: str | None = None, *, told: str | None = None
) -> NoteContact:
    return NoteContact(facts=facts(occurred, received, told=told))


def reading(occurred: str | None, received: str | None = None) -> NoteContact:
    return NoteContact(facts=facts(occurred, received), reading_count=4)


def silence(text: str) -> NoteSilence:
    return NoteSilence(at=at(text))


@dataclass(frozen=True)
class Then:
    after: Device
    events: list[Event] = field(default_factory=list)
    refusal: Refused | None = None

    def happens(self, *kinds: type[Any]) -> "Then":
        assert self.refusal is None, self.refusal
        assert [type(one) for one in self.events] == list(kinds)
        return self

    def nothing_happens(self) -> "Then":
        return self.happens()

    def refused(self, reason: Reason) -> None:
        assert self.refusal is not None, "nothing was refused"
        assert self.refusal.reason is reason
        assert self.refusal.detail

    def flagged(self, *flags: Flag) -> "Then":
        """What the report left behind carries these flags, and no others."""
        told = next(one for one in self.events if not isinstance(one, DeviceFirstHeard))
        assert set(told.entry().flags) == set(flags)
        return self

    def shows(self, **facets: str | tuple[str, str]) -> "Then":
        """Facets by name: a value, or a value and its time."""
        for name, expected in facets.items():
            value, as_of = expected if isinstance(expected, tuple) else (expected, None)
            facet = shown(self.after, name)
            assert facet.value == value, f"{name} is {facet}"
            if as_of is not None:
                assert facet.as_of == at(as_of), f"{name} is {facet}"
        return self

    def knows(self, **attributes: str) -> "Then":
        known = {word: self.after.attributes.get(word, "") for word in attributes}
        assert known == attributes
        return self


@dataclass(frozen=True)
class Given:
    device: Device
    rules: Rules

    def when(self, command: Command) -> Then:
        try:
            events = decide(self.device, command, self.rules)
        except Refused as refusal:
            return Then(self.device, refusal=refusal)
        return Then(fold(self.device, events), events)


def given(*history: Command, rules: Rules = DEFAULT_RULES) -> Given:
    return Given(told(history, rules=rules), rules)


def told(
    commands: Iterable[Command], device: Device = INITIAL, rules: Rules = DEFAULT_RULES
) -> Device:
    for command in commands:
        device = fold(device, decide(device, command, rules))
    return device


def shown(device: Device, name: str) -> Facet[Any]:
    if name == "lifecycle":
        return lifecycle_of(device)
    if name == "power":
        return power_of(device)
    facet: Facet[Any] = getattr(device, name)
    return facet
