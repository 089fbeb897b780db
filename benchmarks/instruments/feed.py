"""What is sent: events as head-end systems write them, some 2 kB each, in turn for every device of a park."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from meterpark.device_hub.v1.report_pb2 import Report

from hes_simulator.expectation.facts import facts_of
from hes_simulator.faults import Fault, Outgoing
from hes_simulator.life.storm import POWER_LOST, POWER_RESTORED
from hes_simulator.messages.event_messages import (
    EndDeviceEvents,
    Header,
    Occurrence,
    message_id,
    noun_of,
    write,
)
from hes_simulator.park.devices import Park, ParkDevice
from hes_simulator.sending.pouring import blast
from hes_simulator.sending.running import Broker
from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import FixedNetwork, Source, load_event_codes, understand

NETWORK = "north"
_SENT_AT_ONCE = 128
_REASON = "Received by the head-end system in the meter's standard event log, push on event"
# What a well-known head-end system adds to each event, as in its public samples.
_DETAILS = (
    ("DeviceEventType", "2"),
    ("DeviceProtocolCode", "1.2.17"),
    ("EventLogId", "4711"),
    ("EventLogName", "Standard event log (0.0.99.98.0.255)"),
    ("LogbookObisCode", "0.0.99.98.0.255"),
    ("PushSetup", "0.4.25.9.0.255"),
    ("ReceivedFrom", "G3 PLC data concentrator"),
    ("SignalQuality", "-71 dBm"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Events that go on from round to round: every device in turn loses power, then has it back.

    So each report changes its device, and none is a repetition.
    """

    park: Park
    stream: str
    _places: Iterator[int] = field(default_factory=itertools.count)

    def message(self, events: int = 1) -> Outgoing:
        """Return the next message, dated now."""
        at = datetime.now(UTC)
        places = list(itertools.islice(self._places, events))
        content = EndDeviceEvents(
            occurrences=tuple(
                Occurrence(
                    device=self._device(place),
                    code=POWER_LOST if place // self.park.size % 2 == 0 else POWER_RESTORED,
                    at=at,
                    reason=_REASON,
                    details=_DETAILS,
                )
                for place in places
            )
        )
        identity = message_id(self.stream, places[0])
        header = Header(message_id=identity, timestamp=at, source=f"HES-{self.park.network}")
        return Outgoing(
            message_id=identity,
            noun=noun_of(content),
            fault=Fault.NONE,
            delay=0.0,
            body=write(header, content),
            facts=facts_of(content),
        )

    def _device(self, place: int) -> ParkDevice:
        return self.park.device(place % self.park.size)

    async def publish(self, broker: Broker, messages: int, events: int = 1) -> None:
        """Give the broker `messages` of `events` events each, as fast as it takes them."""
        connection = await broker.dial()
        try:
            await blast(
                connection,
                broker.destination,
                (self.message(events) for _ in range(messages)),
                in_flight=_SENT_AT_ONCE,
                accepted=lambda _: None,
            )
        finally:
            await connection.close()

    def reports(self, count: int) -> list[Report]:
        """Return what the connector would make of the next `count` messages."""
        source = Source(
            name="hes-simulator", network=FixedNetwork(network=NETWORK), codes=load_event_codes()
        )
        return [
            report_to_wire(report)
            for _ in range(count)
            for report in understand(
                self.message().body, source, received_at=datetime.now(UTC)
            ).reports
        ]
