"""Turns planned contents into messages to send, with faults on demand.

Real feeds repeat, reorder, delay and misdate messages, and sometimes send an unreadable one. Each
fault has a rate from 0 to 1; which message it hits follows from the MessageID, so the same run has the same
faults.

A delay never takes a message away, and a malformed message is an extra one: whatever the faults, what the
park must look like in the end is told by the facts alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Final, TypeGuard

from hes_simulator.expectation.facts import Fact, Kind, facts_of
from hes_simulator.messages.event_messages import (
    EndDeviceEvents,
    Header,
    Occurrence,
    message_id,
    noun_of,
    stamp,
    write,
)
from hes_simulator.messages.shapes import PLAIN, SHAPES

if TYPE_CHECKING:
    from datetime import datetime

    from hes_simulator.messages.event_messages import Content

DISORDER_SECONDS: Final = 3.0
LATE_SECONDS: Final = (30.0, 120.0)
FUTURE: Final = timedelta(days=3)
NEVER: Final = "1970-01-01T00:00:00.000Z"


class Fault(StrEnum):
    """What was done to a message, as the ledger names it."""

    NONE = ""
    DUPLICATE = "duplicate"
    DISORDER = "disorder"
    LATE = "late"
    CLOCK = "clock"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rates from 0 to 1.

    `variants` is no fault: a share of messages in other envelopes, which must be understood too.
    """

    duplicates: float = 0.0
    disorder: float = 0.0
    late: float = 0.0
    clock: float = 0.0
    malformed: float = 0.0
    variants: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= 1:
                raise ValueError(f"{field.name} is a rate from 0 to 1")

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read `duplicates=0.02,late=0.01`, `all`, or `none`; raise ValueError that says what is wrong."""
        known = [field.name for field in fields(cls)]
        if text in ("", "none"):
            return cls()
        if text == "all":
            return ALL_FAULTS
        rates: dict[str, float] = {}
        for part in text.split(","):
            name, _, rate = part.strip().partition("=")
            if name not in known:
                raise ValueError(f"there is no fault {name!r}; there are {', '.join(known)}")
            try:
                rates[name] = float(rate)
            except ValueError:
                raise ValueError(f"fault {name} needs a rate, as in {name}=0.02") from None
        return cls(**rates)


ALL_FAULTS: Final = Faults(
    duplicates=0.03, disorder=0.03, late=0.02, clock=0.01, malformed=0.01, variants=0.1
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message that is ready for the broker, `delay` seconds after it was planned, and what it says."""

    message_id: str
    noun: str
    fault: Fault
    delay: float
    body: str
    facts: tuple[Fact, ...]
    as_bytes: bool = False


def write_out(
    content: Content,
    *,
    stream: str,
    numbers: tuple[int, ...],
    source: str,
    at: datetime,
    faults: Faults,
) -> list[Outgoing]:
    """Write the message at that place of the stream, and what the faults add. Pure.

    A duplicate carries no facts: it is the same message, which counts once.
    """
    identity = message_id(stream, *numbers)
    luck = Random(identity)
    fault, delay = Fault.NONE, 0.0
    if luck.random() < faults.disorder:
        fault, delay = Fault.DISORDER, luck.random() * DISORDER_SECONDS
    if luck.random() < faults.late:
        fault, delay = Fault.LATE, luck.uniform(*LATE_SECONDS)
    if luck.random() < faults.clock and _can_be_misdated(content):
        fault, delay, content = Fault.CLOCK, 0.0, _misdated(content, luck)
    shape = luck.choice(SHAPES) if luck.random() < faults.variants else PLAIN
    header = Header(message_id=identity, timestamp=at, source=source)
    outgoing = Outgoing(
        message_id=identity,
        noun=noun_of(content),
        fault=fault,
        delay=delay,
        body=write(header, content, shape),
        facts=facts_of(content),
        as_bytes=shape is not PLAIN and luck.random() < 1 / 2,
    )
    everything = [outgoing]
    if luck.random() < faults.duplicates:
        again = delay + luck.random() * DISORDER_SECONDS
        everything.append(replace(outgoing, fault=Fault.DUPLICATE, delay=again, facts=()))
    if luck.random() < faults.malformed:
        everything.append(_malformed(outgoing, message_id(stream, *numbers, "malformed"), luck))
    return everything


def _can_be_misdated(content: Content) -> TypeGuard[EndDeviceEvents]:
    # Several events without true times would leave it open which of them is the newest.
    return isinstance(content, EndDeviceEvents) and len(content.occurrences) == 1


def _misdated(content: EndDeviceEvents, luck: Random) -> EndDeviceEvents:
    future = luck.random() < 1 / 2

    def misdate(occurrence: Occurrence) -> Occurrence:
        return replace(occurrence, written_at=stamp(occurrence.at + FUTURE) if future else NEVER)

    return replace(content, occurrences=tuple(map(misdate, content.occurrences)))


def _malformed(sound: Outgoing, identity: str, luck: Random) -> Outgoing:
    body = sound.body.replace(sound.message_id, identity)
    broken = luck.choice(
        (
            body[: len(body) * 2 // 3],
            body.replace("?>", '?><!DOCTYPE EventMessage [<!ENTITY serial "1">]>', 1),
            _event_message(identity, "WorkOrder", "<WorkOrder><priority>1</priority></WorkOrder>"),
            _event_message(
                identity,
                "EndDeviceEvents",
                "<EndDeviceEvents><EndDeviceEvent><createdDateTime>soon</createdDateTime>"
                '<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent></EndDeviceEvents>',
            ),
            f"meter reports in message {identity}: all is well",
        )
    )
    return Outgoing(
        message_id=identity,
        noun="",
        fault=Fault.MALFORMED,
        delay=sound.delay,
        body=broken,
        facts=(Fact(device_id="", kind=Kind.UNREADABLE),),
    )


def _event_message(identity: str, noun: str, payload: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>'
        f"<Noun>{noun}</Noun><MessageID>{identity}</MessageID></Header><Payload>{payload}</Payload></EventMessage>"
    )
