"""The content of a message as facts: one per report that the hub must get, or one for an unreadable message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from hes_simulator.messages.event_messages import (
    Content,
    EndDeviceEvents,
    Linkage,
    MeterConfig,
    MeterReadings,
    Occurrence,
    Verb,
)

if TYPE_CHECKING:
    from datetime import datetime


class Kind(StrEnum):
    """What a fact is: the content of the report that the hub must get, or no report at all."""

    CONFIGURED = "configured"
    LINKED = "linked"
    UNLINKED = "unlinked"
    EVENT = "event"
    CONTACT = "contact"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that was said about one device.

    `code` is the event code, or the status of a configuration. `occurred_at` None: the message gives no
    time that can be true. `device_id` is empty for what cannot be read.
    """

    device_id: str
    kind: Kind
    code: str = ""
    occurred_at: datetime | None = None
    firmware_version: str = ""
    usage_point: str = ""
    switch: str = ""


def facts_of(content: Content) -> tuple[Fact, ...]:
    """Return one fact per report that the content must become, in the order of the message."""
    match content:
        case MeterConfig():
            return (_configured(content),)
        case Linkage():
            return (
                Fact(
                    device_id=content.device.device_id,
                    kind=Kind.UNLINKED if content.verb is Verb.CLOSED else Kind.LINKED,
                    occurred_at=_as_written(content.at),
                    usage_point=content.device.usage_point,
                ),
            )
        case EndDeviceEvents():
            return tuple(map(_event, content.occurrences))
        case MeterReadings():
            contact = Fact(
                device_id=content.device.device_id,
                kind=Kind.CONTACT,
                occurred_at=_as_written(content.at),
            )
            return (contact, *map(_event, content.occurrences))
        case _:
            assert_never(content)


def _as_written(at: datetime) -> datetime:
    # Messages carry milliseconds.
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _configured(config: MeterConfig) -> Fact:
    switch = {None: "", True: "CONNECTED", False: "DISCONNECTED"}[config.switch_connected]
    return Fact(
        device_id=config.device.device_id,
        kind=Kind.CONFIGURED,
        code=config.status,
        occurred_at=_as_written(config.at),
        firmware_version=config.firmware,
        switch=switch,
    )


def _event(occurrence: Occurrence) -> Fact:
    return Fact(
        device_id=occurrence.device.device_id,
        kind=Kind.EVENT,
        code=occurrence.code,
        occurred_at=_as_written(occurrence.at) if occurrence.written_at is None else None,
        firmware_version=dict(occurrence.details).get("FirmwareVersion", ""),
    )
