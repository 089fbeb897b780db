"""The messages of a run, from its seed: message ``number`` is always the same, but for the times in it.

First each device is configured; then events of one device or of several, readings, new configurations, and messages
that cannot be read (``poison``). Some messages are published twice, at once or behind others. Behind all of them stand
probes: events of a device of their own, published to see when the chain serves again.

A message says at most one thing of a device, so that (device, MessageID) names it. What happened is dated in order of
the messages, one to two hours before the beginning: nothing is late, and what must last for a while has lasted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Final

from hes_simulator.expectation.facts import Fact, Kind, facts_of
from hes_simulator.messages.event_messages import (
    EndDeviceEvents,
    Header,
    Lifecycle,
    MeterConfig,
    MeterReadings,
    Occurrence,
    Verb,
    message_id,
    stamp,
    write,
)
from hes_simulator.park.devices import Park

if TYPE_CHECKING:
    from datetime import datetime

    from hes_simulator.messages.event_messages import Content
    from hes_simulator.park.devices import ParkDevice

NETWORK: Final = "north"
_BEFORE: Final = timedelta(hours=2)
_SPAN_MILLISECONDS: Final = 3_600_000

# What is said of one device, and how often.
_CODES: Final = {
    "3.26.0.85": 6,  # power lost
    "3.26.0.216": 6,  # power restored
    "3.12.29.212": 2,  # tamper detected
    "3.12.43.291": 2,  # tamper cleared
    "3.31.0.68": 2,  # switch opened
    "3.31.0.42": 2,  # switch closed
    "3.1.0.85": 1,  # communication lost
    "3.1.52.29": 1,  # communication established
    "3.11.83.54": 1,  # firmware update started
    "3.11.283.4": 1,  # firmware update succeeded
    "3.11.283.85": 1,  # firmware update failed
    "3.36.0.24": 2,  # noted, changes nothing
}
_PROBE: Final = "3.26.0.216"
_ONE, _SEVERAL, _READING, _CONFIGURATION, _POISON = range(5)
_WEIGHTS: Final = (62, 12, 14, 10, 2)
_SEVERAL_DEVICES: Final = (4, 20)
_PUBLISHED_TWICE: Final = 0.05
# How many messages later the second copy comes.
_LAGS: Final = (0, 3, 40)
_ASSETS: Final = re.compile(r"<Assets>.*?</Assets>")
_PAYLOAD: Final = re.compile(r"<Payload>.*</Payload>")
_WORK_ORDER: Final = "<Payload><WorkOrder><priority>1</priority></WorkOrder></Payload>"


class Poison(StrEnum):
    """Why a message belongs into the quarantine."""

    CUT = "the message ends in the middle"
    DOCTYPE = "it has a document type"
    NOUN = "its noun is unknown"
    TEXT = "it is no XML"
    NAMELESS = "one of its events names no device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the message ``number`` says of one device.

    ``leaves_trace``: the journal must hold it; a reading that tells nothing new need not be there.
    """

    device_id: str
    number: int
    message_id: str
    leaves_trace: bool
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is published, and what it must lead to."""

    number: int
    message_id: str
    body: str
    statements: tuple[Statement, ...]
    poison: Poison | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """``messages`` about ``devices`` devices, and any number of probes behind them."""

    seed: int
    devices: int
    messages: int
    began_at: datetime

    @property
    def stream(self) -> str:
        """The name that makes the MessageIDs of this run its own."""
        return f"faults/{self.seed}/{stamp(self.began_at)}"

    @property
    def probe_device_id(self) -> str:
        """The device that the probes speak of."""
        return self._device(self.devices).device_id

    def message(self, number: int) -> Message:
        """Return the message of that number, from 0; a probe from ``messages`` on."""
        luck = Random(f"{self.seed}/{number}")
        what = _ONE
        if number < self.devices:
            what = _CONFIGURATION
        elif number < self.messages:
            [what] = luck.choices(range(len(_WEIGHTS)), weights=_WEIGHTS)
        if what == _POISON:
            return self._poison(number, luck)
        content = self._content(number, what, luck)
        return self._message(number, self._written(number, content), facts_of(content))

    def published_at(self, place: int) -> list[int]:
        """Return the numbers of the messages that are published in that place: its own, and copies of earlier ones."""
        copies = [
            place - lag for lag in _LAGS if place >= lag and self._lag_of_copy(place - lag) == lag
        ]
        return [place, *copies]

    def _lag_of_copy(self, number: int) -> int | None:
        luck = Random(f"{self.seed}/{number}/again")
        return luck.choice(_LAGS) if luck.random() < _PUBLISHED_TWICE else None

    def _device(self, index: int) -> ParkDevice:
        return _device(self.seed, self.devices + 1, index)

    def _at(self, number: int) -> datetime:
        step = max(1, _SPAN_MILLISECONDS // max(1, self.messages))
        whole = self.began_at.replace(microsecond=0)
        return whole - _BEFORE + number * timedelta(milliseconds=step)

    def _content(self, number: int, what: int, luck: Random) -> Content:
        at = self._at(number)
        if number >= self.messages:
            return _events(at, self._device(self.devices), code=_PROBE)
        if number < self.devices:
            return _configuration(Verb.CREATED, self._device(number), at)
        device = self._device(luck.randrange(self.devices))
        if what == _READING:
            return MeterReadings(device=device, at=at, values=(luck.uniform(0, 99_999), 0.0))
        if what == _CONFIGURATION:
            # A new address each time: so it says something new, and leaves a trace.
            return _configuration(Verb.CHANGED, replace(device, address=f"{number:016x}"), at)
        if what == _SEVERAL:
            count = min(self.devices, luck.randint(*_SEVERAL_DEVICES))
            chosen = luck.sample(range(self.devices), count)
            return EndDeviceEvents(
                occurrences=tuple(
                    Occurrence(device=self._device(each), code=_code(luck), at=at)
                    for each in chosen
                )
            )
        return _events(at, device, code=_code(luck))

    def _poison(self, number: int, luck: Random) -> Message:
        kind = luck.choice(tuple(Poison))
        at = self._at(number)
        first, second = luck.sample(range(self.devices), 2)
        named = Occurrence(device=self._device(first), code=_code(luck), at=at)
        nameless = Occurrence(device=self._device(second), code=_code(luck), at=at)
        content = EndDeviceEvents(occurrences=(named, nameless))
        body = self._written(number, content)
        facts: tuple[Fact, ...] = ()
        match kind:
            case Poison.CUT:
                body = body[: len(body) * 2 // 3]
            case Poison.DOCTYPE:
                body = body.replace("?>", '?><!DOCTYPE EventMessage [<!ENTITY a "1">]>', 1)
            case Poison.NOUN:
                body = _PAYLOAD.sub(_WORK_ORDER, body).replace("EndDeviceEvents", "WorkOrder")
            case Poison.TEXT:
                body = f"meter reports in message {self._id(number)}: all is well"
            case Poison.NAMELESS:
                body = body.replace(_ASSETS.findall(body)[-1], "")
                facts = facts_of(EndDeviceEvents(occurrences=(named,)))
        return self._message(number, body, facts, kind)

    def _written(self, number: int, content: Content) -> str:
        header = Header(
            message_id=self._id(number), timestamp=self._at(number), source=f"HES-{NETWORK}"
        )
        return write(header, content)

    def _message(
        self, number: int, body: str, facts: tuple[Fact, ...], poison: Poison | None = None
    ) -> Message:
        identity = self._id(number)
        return Message(
            number=number,
            message_id=identity,
            body=body,
            statements=tuple(
                Statement(
                    device_id=fact.device_id,
                    number=number,
                    message_id=identity,
                    leaves_trace=fact.kind is not Kind.CONTACT,
                    fact=fact,
                )
                for fact in facts
            ),
            poison=poison,
        )

    def _id(self, number: int) -> str:
        return message_id(self.stream, number)


@lru_cache(maxsize=100_000)
def _device(seed: int, size: int, index: int) -> ParkDevice:
    return Park(network=NETWORK, size=size, seed=seed).device(index)


def _configuration(verb: Verb, device: ParkDevice, at: datetime) -> MeterConfig:
    return MeterConfig(
        verb=verb,
        device=device,
        status=Lifecycle.IN_OPERATION,
        firmware=device.firmware(0),
        at=at,
    )


def _events(at: datetime, device: ParkDevice, *, code: str) -> EndDeviceEvents:
    return EndDeviceEvents(occurrences=(Occurrence(device=device, code=code, at=at),))


def _code(luck: Random) -> str:
    [code] = luck.choices(tuple(_CODES), weights=tuple(_CODES.values()))
    return code
