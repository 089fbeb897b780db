"""Devices and messages as they are in a real park, and some that no park should have."""

from meterpark.device_hub.v1.quarantine_pb2 import QUARANTINE_STATE_OPEN, QuarantinedMessage
from meterpark.smoc.v1.device_pb2 import Device, Facet, TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import Change

from tests.specs.cli.services_in_memory import at

# A title of the window, red, markup of rich, a line of its own, and text that runs backwards.
HOSTILE = "\x1b]0;owned\x07\x1b[31m[red]x[/red]\r\n\x9b2J\u202eesrever"


def device(identifier: str, *, network: str = "north", revision: int = 3, **facets: str) -> Device:
    values = {
        "lifecycle": "IN_OPERATION",
        "power": "ON",
        "switch": "CONNECTED",
        "communication": "REACHABLE",
        "tamper": "UNKNOWN",
        "firmware": "CURRENT",
        **facets,
    }
    made = Device(
        device_id=f"{network}/{identifier}",
        network=network,
        device_identifier=identifier,
        serial_number=identifier,
        revision=revision,
        model="E450",
        manufacturer="Landis+Gyr",
        firmware_version="meter=1.4",
        last_contact_time=at("2026-03-01T09:58:00Z"),
    )
    for name, value in values.items():
        facet: Facet = getattr(made, name)
        facet.value = value
        if value != "UNKNOWN":
            facet.cause = "3.26.0.85"
            facet.as_of_time.CopyFrom(at("2026-03-01T09:00:00Z"))
    return made


def power_lost(revision: int = 3, *, occurred: str = "2026-03-01T09:00:00Z") -> TimelineEntry:
    return TimelineEntry(
        entry_id=f"{revision}.0",
        revision=revision,
        kind="power-lost",
        occurred_time=at(occurred),
        received_time=at("2026-03-01T09:00:02Z"),
        recorded_time=at("2026-03-01T09:00:03Z"),
        code="3.26.0.85",
        summary="Power lost (ElectricMeter.Power.NA.Failed)",
    )


def change(identifier: str, entry: TimelineEntry) -> Change:
    return Change(device_id=f"north/{identifier}", serial_number=identifier, entry=entry)


def quarantined(
    quarantine_id: str, *, reason: str = "NOUN_UNKNOWN", body: bytes = b"<EventMessage/>"
) -> QuarantinedMessage:
    return QuarantinedMessage(
        quarantine_id=quarantine_id,
        source="hes-north",
        network="north",
        destination="queue://IEC20_PUSH",
        message_id="ID:hes-1",
        verb="created",
        noun="UsagePointConfig",
        received_time=at("2026-03-01T09:00:02Z"),
        quarantined_time=at("2026-03-01T09:00:03Z"),
        changed_time=at("2026-03-01T09:00:03Z"),
        reason=reason,
        detail="nobody here reads a UsagePointConfig",
        place="line 12",
        body=body,
        body_kind="text",
        body_size_bytes=len(body),
        state=QUARANTINE_STATE_OPEN,
    )
