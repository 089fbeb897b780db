"""What the park must look like after what was said: facts, the claims they make, and the newest claim per facet.

This is a second, small telling of the rules of design.md, on purpose not shared with the hub: a test that
compares both finds a mistake in either. Only codes and statuses that this simulator says are known here.

The rules: per facet the newest occurrence wins, whatever the order of arrival; a time that cannot be true
(far in the future, 1970) counts as the time of sending; power that is off comes back by a restore, or is
inferred from a later reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from hes_simulator.messages import (
    Content,
    EndDeviceEvents,
    Linkage,
    MeterConfig,
    MeterReadings,
    Occurrence,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(StrEnum):
    """What a fact is: the content of the report that the hub must get, or no report at all."""

    CONFIGURED = "configured"
    LINKED = "linked"
    UNLINKED = "unlinked"
    EVENT = "event"
    CONTACT = "contact"
    UNREADABLE = "unreadable"


class FacetName(StrEnum):
    """Facets as the register names them, and three values that go with them."""

    LIFECYCLE = "lifecycle"
    POWER = "power"
    SWITCH = "switch"
    COMMUNICATION = "communication"
    TAMPER = "tamper"
    FIRMWARE = "firmware"
    FIRMWARE_VERSION = "firmware_version"
    USAGE_POINT = "usage_point"
    LAST_READING = "last_reading"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A fact's say in one facet."""

    device_id: str
    facet: FacetName
    value: str
    at: datetime


# By code without its first part. (facet, value)
EFFECTS: Final[dict[str, tuple[FacetName, str]]] = {
    "26.0.85": (FacetName.POWER, "OFF"),
    "26.0.216": (FacetName.POWER, "ON"),
    "26.126.85": (FacetName.POWER, "PARTIAL"),
    "26.126.216": (FacetName.POWER, "ON"),
    "31.0.42": (FacetName.SWITCH, "CONNECTED"),
    "31.0.68": (FacetName.SWITCH, "DISCONNECTED"),
    "12.29.212": (FacetName.TAMPER, "DETECTED"),
    "12.43.257": (FacetName.TAMPER, "DETECTED"),
    "12.66.257": (FacetName.TAMPER, "DETECTED"),
    "12.43.291": (FacetName.TAMPER, "CLEAR"),
    "11.83.54": (FacetName.FIRMWARE, "UPDATING"),
    "11.283.4": (FacetName.FIRMWARE, "CURRENT"),
    "11.283.85": (FacetName.FIRMWARE, "FAILED"),
    "1.0.85": (FacetName.COMMUNICATION, "LOST"),
    "1.52.29": (FacetName.COMMUNICATION, "REACHABLE"),
}

Facets: TypeAlias = dict[FacetName, str]
Newest: TypeAlias = dict[FacetName, tuple[str, datetime]]


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


def claims_of(fact: Fact, *, told_at: datetime) -> tuple[Claim, ...]:
    """Return what the fact says about facets; `told_at` stands in for a time that cannot be true."""
    at = fact.occurred_at or told_at
    return tuple(
        Claim(device_id=fact.device_id, facet=facet, value=value, at=at)
        for facet, value in _effects(fact)
    )


def newest(claims: Iterable[Claim]) -> dict[str, Newest]:
    """Keep, per device and facet, the claim with the newest time; of equal times the later in the list."""
    kept: dict[str, Newest] = {}
    for claim in claims:
        device = kept.setdefault(claim.device_id, {})
        if claim.facet not in device or device[claim.facet][1] <= claim.at:
            device[claim.facet] = (claim.value, claim.at)
    return kept


def settled(claims: Newest) -> Facets:
    """Return the facets of one device, with power inferred from a reading after the loss."""
    facets = {facet: value for facet, (value, _) in claims.items()}
    last_reading = claims.get(FacetName.LAST_READING)
    power = claims.get(FacetName.POWER)
    if power and last_reading and power[0] == "OFF" and last_reading[1] > power[1]:
        facets[FacetName.POWER] = "ON"
    return facets


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


def _effects(fact: Fact) -> Iterable[tuple[FacetName, str]]:
    match fact.kind:
        case Kind.CONFIGURED:
            yield FacetName.LIFECYCLE, fact.code
            if fact.switch:
                yield FacetName.SWITCH, fact.switch
        case Kind.LINKED:
            yield FacetName.USAGE_POINT, fact.usage_point
        case Kind.UNLINKED:
            yield FacetName.USAGE_POINT, ""
        case Kind.EVENT:
            effect = EFFECTS.get(fact.code.partition(".")[2])
            if effect:
                yield effect
        case Kind.CONTACT:
            yield FacetName.LAST_READING, ""
        case Kind.UNREADABLE:
            pass
        case _:
            assert_never(fact.kind)
    if fact.firmware_version:
        yield FacetName.FIRMWARE_VERSION, fact.firmware_version
