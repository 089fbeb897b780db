"""What a meter says in a burst: EndDeviceEvents in turn, power lost and power back, each at a time of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hes_simulator.life.storm import POWER_LOST, POWER_RESTORED

REPLY_TO = "REPLY.BURST"

_ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">
  <Header>
    <Verb>created</Verb><Noun>EndDeviceEvents</Noun><Revision>2.0</Revision>
    <Timestamp>{at}</Timestamp><Source>HES-north</Source>{ack}<MessageID>{message_id}</MessageID>
  </Header>
  <Payload><EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">{events}</EndDeviceEvents></Payload>
</EventMessage>
"""
_EVENT = (
    "<EndDeviceEvent><createdDateTime>{at}</createdDateTime><Assets><Names><name>{serial}</name>"
    "<NameType><name>SerialNumber</name></NameType></Names></Assets>"
    '<EndDeviceEventType ref="{code}"/></EndDeviceEvent>'
)
_ACK = f"<AckRequired>true</AckRequired><ReplyAddress>{REPLY_TO}</ReplyAddress>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Messages of one meter with so many events each; ``identical``: the same message again and again."""

    messages: int
    events: int
    identical: bool = False

    @property
    def name(self) -> str:
        if self.messages == 1:
            return f"one message with {self.events:,} events"
        kind = "identical messages" if self.identical else "messages with one event"
        return f"{self.messages:,} {kind}"

    @property
    def commits(self) -> int:
        """How many commits of the meter it leaves; a message behind many of them tells when they are settled."""
        return (1 if self.identical else self.messages * self.events) + (self.messages > 1)

    def bodies(self, serial: str, began_at: datetime) -> Sequence[str]:
        """Return the messages; the last wants to be acknowledged."""
        if self.messages == 1:
            return [_message(serial, "one", began_at, range(self.events), ack=True)]
        numbers = [0] * self.messages if self.identical else range(self.messages)
        said = [_message(serial, str(one), began_at, range(one, one + 1)) for one in numbers]
        last = range(self.messages, self.messages + 1)
        return [*said, _message(serial, "last", began_at, last, ack=True)]


def _message(
    serial: str, part: str, began_at: datetime, numbers: range, *, ack: bool = False
) -> str:
    events = "".join(
        _EVENT.format(
            at=_stamp(began_at + timedelta(milliseconds=number)),
            serial=serial,
            code=POWER_RESTORED if number % 2 else POWER_LOST,
        )
        for number in numbers
    )
    return _ENVELOPE.format(
        at=_stamp(began_at),
        ack=_ACK if ack else "",
        message_id=f"burst-{serial}-{part}",
        events=events,
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
