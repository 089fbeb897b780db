"""Devices and timeline entries between the contract's messages and the register's own words. Nothing else knows both.

Reading checks what a message promises and refuses the call with the path of the first field that is wrong.
"""

import re
from typing import Any, Final

from meterpark.smoc.v1 import device_pb2

from contract_limits import (
    DEVICE_BYTES,
    ENTRY_BYTES,
    IDENTIFIERS_PER_DEVICE,
    JOINED_PER_DEVICE,
    PLANS_PER_DEVICE,
)
from service_chassis.refusals import argument_invalid
from service_chassis.times import read_time, write_time
from smoc_service.door.reading import read_device_id
from smoc_service.register.device import (
    ATTRIBUTES,
    FACETS,
    Device,
    ExchangeMark,
    Facet,
    Identifier,
    PlannedChange,
    TimelineEntry,
)

# What MongoDB can count; the contract's uint64 reaches further than any journal will.
LARGEST_REVISION: Final = 2**63 - 1

_VALUE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_ENTRY_ID = re.compile(r"([1-9][0-9]{0,18})\.(0|[1-9][0-9]{0,8})")


def read_revision(revision: int, field: str) -> int:
    if not 1 <= revision <= LARGEST_REVISION:
        raise argument_invalid(field, f"{revision} is not between 1 and {LARGEST_REVISION}")
    return revision


def read_device(message: device_pb2.Device, field: str) -> Device:
    """Return a device as the hub sends it. Users' notes (tags, exchange mark) do not come from the hub."""
    network, identifier = read_device_id(message.device_id, f"{field}.device_id")
    if (message.network, message.device_identifier) != (network, identifier):
        raise argument_invalid(
            f"{field}.device_id", "does not agree with network and device_identifier"
        )
    if message.ByteSize() > DEVICE_BYTES:
        raise argument_invalid(field, f"larger than {DEVICE_BYTES} bytes")
    attributes = {name: getattr(message, name) for name in ATTRIBUTES}
    return Device(
        device_id=message.device_id,
        network=network,
        device_identifier=identifier,
        revision=read_revision(message.revision, f"{field}.revision"),
        facets={name: _read_facet(message, name, f"{field}.{name}") for name in FACETS},
        attributes={name: text for name, text in attributes.items() if text},
        names=dict(message.names),
        life_dates=dict(message.life_dates),
        first_seen_at=read_time(message, "first_seen_time", field),
        last_contact_at=read_time(message, "last_contact_time", field),
        updated_at=read_time(message, "update_time", field),
        planned=_read_planned(message, field),
        identifiers=_read_identifiers(message, field),
        joined_into=_read_joined(message.joined_into, network, f"{field}.joined_into")
        if message.joined_into
        else "",
        joined=_read_all_joined(message, network, field),
    )


def _read_identifiers(message: device_pb2.Device, field: str) -> tuple[Identifier, ...]:
    if len(message.identifiers) > IDENTIFIERS_PER_DEVICE:
        raise argument_invalid(f"{field}.identifiers", f"more than {IDENTIFIERS_PER_DEVICE}")
    return tuple(Identifier(scheme=one.scheme, value=one.value) for one in message.identifiers)


def _read_all_joined(message: device_pb2.Device, network: str, field: str) -> tuple[str, ...]:
    if len(message.joined) > JOINED_PER_DEVICE:
        raise argument_invalid(f"{field}.joined", f"more than {JOINED_PER_DEVICE}")
    return tuple(
        _read_joined(one, network, f"{field}.joined[{index}]")
        for index, one in enumerate(message.joined)
    )


def _read_joined(device_id: str, network: str, field: str) -> str:
    """Return the id of the other device of a join: what one network's device shows, its people may see."""
    if read_device_id(device_id, field)[0] != network:
        raise argument_invalid(field, f"{device_id!r} is not in network {network}")
    return device_id


def _read_planned(message: device_pb2.Device, field: str) -> tuple[PlannedChange, ...]:
    if len(message.planned) > PLANS_PER_DEVICE:
        raise argument_invalid(f"{field}.planned", f"more than {PLANS_PER_DEVICE}")
    planned = []
    for index, one in enumerate(message.planned):
        place = f"{field}.planned[{index}]"
        effective_at = read_time(one, "effective_time", place)
        if effective_at is None:
            raise argument_invalid(f"{place}.effective_time", "is missing")
        planned.append(
            PlannedChange(
                effective_at=effective_at,
                said_at=read_time(one, "said_time", place),
                kind=one.kind,
                summary=one.summary,
                changes=dict(one.changes),
            )
        )
    return tuple(planned)


def _write_planned(change: PlannedChange) -> device_pb2.PlannedChange:
    return device_pb2.PlannedChange(
        effective_time=write_time(change.effective_at),
        said_time=write_time(change.said_at),
        kind=change.kind,
        summary=change.summary,
        changes=change.changes,
    )


def write_device(device: Device) -> device_pb2.Device:
    fields: dict[str, Any] = {name: _write_facet(facet) for name, facet in device.facets.items()}
    return device_pb2.Device(
        device_id=device.device_id,
        network=device.network,
        device_identifier=device.device_identifier,
        revision=device.revision,
        names=device.names,
        life_dates=device.life_dates,
        first_seen_time=write_time(device.first_seen_at),
        last_contact_time=write_time(device.last_contact_at),
        update_time=write_time(device.updated_at),
        planned=map(_write_planned, device.planned),
        tags=device.work.tags,
        exchange_mark=_write_mark(device.work.exchange),
        identifiers=[
            device_pb2.DeviceIdentifier(scheme=one.scheme, value=one.value)
            for one in device.identifiers
        ],
        joined_into=device.joined_into,
        joined=device.joined,
        **(fields | dict(device.attributes)),
    )


def _write_mark(mark: ExchangeMark | None) -> device_pb2.ExchangeMark | None:
    if mark is None:
        return None
    return device_pb2.ExchangeMark(
        reason=mark.reason, username=mark.username, time=write_time(mark.at)
    )


def read_entry(message: device_pb2.TimelineEntry, field: str) -> TimelineEntry:
    parts = _ENTRY_ID.fullmatch(message.entry_id)
    if parts is None or int(parts[1]) != message.revision:
        raise argument_invalid(
            f"{field}.entry_id", f"{message.entry_id[:60]!r} is not <revision>.<index>"
        )
    if message.ByteSize() > ENTRY_BYTES:
        raise argument_invalid(field, f"larger than {ENTRY_BYTES} bytes")
    return TimelineEntry(
        revision=read_revision(message.revision, f"{field}.revision"),
        index=int(parts[2]),
        kind=message.kind,
        occurred_at=read_time(message, "occurred_time", field),
        received_at=read_time(message, "received_time", field),
        recorded_at=read_time(message, "recorded_time", field),
        code=message.code,
        summary=message.summary,
        details=dict(message.details),
        flags=tuple(message.flags),
    )


def write_entry(entry: TimelineEntry) -> device_pb2.TimelineEntry:
    return device_pb2.TimelineEntry(
        entry_id=entry.entry_id,
        revision=entry.revision,
        kind=entry.kind,
        occurred_time=write_time(entry.occurred_at),
        received_time=write_time(entry.received_at),
        recorded_time=write_time(entry.recorded_at),
        code=entry.code,
        summary=entry.summary,
        details=entry.details,
        flags=entry.flags,
        device_id=entry.device_id,
    )


def _read_facet(message: device_pb2.Device, name: str, field: str) -> Facet:
    facet: device_pb2.Facet = getattr(message, name)
    value = facet.value or FACETS[name][0]
    # Any word in capitals is taken, known here or not: a hub that is newer than this register must not be stopped by
    # it. It is shown and counted like the others.
    if value not in FACETS[name] and not _VALUE.fullmatch(value):
        raise argument_invalid(f"{field}.value", f"{value[:60]!r} is not a word in capitals")
    as_of = read_time(facet, "as_of_time", field) if facet.HasField("as_of_time") else None
    return Facet(value=value, as_of=as_of, cause=facet.cause)


def _write_facet(facet: Facet) -> device_pb2.Facet:
    return device_pb2.Facet(
        value=facet.value, as_of_time=write_time(facet.as_of), cause=facet.cause
    )
