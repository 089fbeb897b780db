"""Examples for the register's tests: provisions as the hub would send them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.smoc.v1 import device_pb2, provisioning_service_pb2

from smoc_service.register.device import FACETS

Device = device_pb2.Device
TimelineEntry = device_pb2.TimelineEntry
Provision = provisioning_service_pb2.Provision

STARTED_AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def moment(seconds: float) -> Timestamp:
    """Return a time ``seconds`` after the park was opened, as the contract writes it."""
    written = Timestamp()
    written.FromDatetime(STARTED_AT + timedelta(seconds=seconds))
    return written


def device(device_id: str, revision: int = 1, **fields: Any) -> Device:
    """Return a device; a facet is given by its value alone, e.g. ``power="OFF"``."""
    network, _, identifier = device_id.partition("/")
    for name in FACETS.keys() & fields.keys():
        fields[name] = device_pb2.Facet(
            value=fields[name], as_of_time=moment(revision), cause="3.26.0.85"
        )
    return Device(
        device_id=device_id,
        network=network,
        device_identifier=identifier,
        revision=revision,
        first_seen_time=moment(0),
        update_time=moment(revision),
        **fields,
    )


def entry(revision: int, index: int = 0, kind: str = "power-lost") -> TimelineEntry:
    return TimelineEntry(
        entry_id=f"{revision}.{index}",
        revision=revision,
        kind=kind,
        occurred_time=moment(revision),
        received_time=moment(revision + 0.25),
        recorded_time=moment(revision + 0.5),
        code="3.26.0.85",
        summary="Power lost (ElectricMeter.Power.NA.Failed)",
        details={"a.b": "c", "$d": "e"},
        flags=["late"],
    )


def provision(given: Device, entries: Sequence[TimelineEntry] | None = None) -> Provision:
    """Return a provision of ``given``, by default with one entry for its revision."""
    return Provision(device=given, entries=[entry(given.revision)] if entries is None else entries)


def some_device(device_id: str, revision: int, chance: random.Random) -> Device:
    """Return a device with any values, drawn from ``chance``."""
    return device(
        device_id,
        revision,
        model=chance.choice(["", "E450", "AM550", "OMNIPOWER"]),
        serial_number=chance.choice(
            ["", device_id.partition("/")[2], f"ZPA{chance.randrange(99)}"]
        ),
        **{name: chance.choice(values) for name, values in FACETS.items()},
    )
