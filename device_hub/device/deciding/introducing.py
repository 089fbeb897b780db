"""The events before all others: that a device is heard of for the first time, and that it has more names."""

from device_hub.device.commands import ReportFacts
from device_hub.device.events import Event
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.named import Identified
from device_hub.device.state import MOST_IDENTIFIERS, Device
from device_hub.device.values import Occurrence


def introduced(
    device: Device, facts: ReportFacts, when: Occurrence, events: list[Event]
) -> list[Event]:
    """Return the events, after those about identity: first heard of, and known by more names."""
    room = MOST_IDENTIFIERS - len(device.identifiers)
    new = tuple(one for one in facts.identifiers if one not in device.identifiers)[: max(room, 0)]
    if new:
        events = [Identified(identifiers=new, learned_at=when.received_at), *events]
    if device.is_known or not events:
        return events
    first = DeviceFirstHeard(
        network=facts.network, identifier=facts.identifier, received_at=when.received_at
    )
    return [first, *events]
