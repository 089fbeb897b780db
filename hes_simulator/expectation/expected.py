"""What the park must look like after the sent messages: facts, their claims, and the newest claim per facet.

This is a second, small telling of the rules of design.md, on purpose not shared with the hub: a test that
compares both finds a mistake in either. Only codes and statuses that this simulator says are known here.

The rules: per facet the newest occurrence wins, whatever the order of arrival; a time that cannot be true (far
in the future, 1970) counts as the time of sending; power that is off comes back by a restore, or because the
device spoke later; a device that speaks is reachable; a lifecycle that was stated is overlaid by what went wrong since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from hes_simulator.expectation.facts import Fact, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    LAST_SPOKE = "last_spoke"


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
    # Registered by itself, at its usage point: that is in operation.
    "6.5.58": (FacetName.LIFECYCLE, "IN_OPERATION"),
}
# What the head-end system says of its own work proves nothing about the device; a last gasp proves no power.
NOT_HEARD: Final = frozenset({"1.0.85", "11.83.54", "11.283.85"})
LAST_GASP: Final = frozenset({"26.0.85", "26.126.85"})

Facets: TypeAlias = dict[FacetName, str]
Newest: TypeAlias = dict[FacetName, tuple[str, datetime]]


def claims_of(fact: Fact, *, told_at: datetime) -> tuple[Claim, ...]:
    """Return what the fact says about facets; `told_at` replaces an impossible time."""
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
    """Return the facets of one device, with what follows from several claims together."""
    facets = {facet: value for facet, (value, _) in claims.items()}
    if facets.get(FacetName.POWER) == "OFF" and _later(
        claims, FacetName.LAST_SPOKE, FacetName.POWER
    ):
        facets[FacetName.POWER] = "ON"
    if FacetName.LAST_SPOKE in facets:
        # A device that speaks has power, also without any report about power.
        facets.setdefault(FacetName.POWER, "ON")
    if FacetName.FIRMWARE_VERSION in facets:
        facets.setdefault(FacetName.FIRMWARE, "CURRENT")
    if facets.get(FacetName.LIFECYCLE) not in (None, "INVENTORY", "REMOVED"):
        facets[FacetName.LIFECYCLE] = _overlaid(claims, facets)
    return facets


def _overlaid(claims: Newest, facets: Facets) -> str:
    """Return the lifecycle of a device in the field: as stated, overlaid by later faults that are not over."""
    if facets.get(FacetName.FIRMWARE) == "FAILED" and _since_stated(claims, FacetName.FIRMWARE):
        return "ERROR"
    if facets.get(FacetName.COMMUNICATION) == "LOST" and _since_stated(
        claims, FacetName.COMMUNICATION
    ):
        return "POOR_COMMUNICATION"
    if facets.get(FacetName.FIRMWARE) == "UPDATING" and _since_stated(claims, FacetName.FIRMWARE):
        return "UPDATE_IN_PROGRESS"
    stated = facets[FacetName.LIFECYCLE]
    healing, healed = {
        "POOR_COMMUNICATION": (FacetName.COMMUNICATION, "REACHABLE"),
        "UPDATE_IN_PROGRESS": (FacetName.FIRMWARE, "CURRENT"),
    }.get(stated, (FacetName.LIFECYCLE, ""))
    if facets.get(healing) == healed and _later(claims, healing, FacetName.LIFECYCLE):
        return "IN_OPERATION"
    return stated


def _later(claims: Newest, facet: FacetName, than: FacetName) -> bool:
    return facet in claims and than in claims and claims[facet][1] > claims[than][1]


def _since_stated(claims: Newest, facet: FacetName) -> bool:
    return facet in claims and claims[facet][1] >= claims[FacetName.LIFECYCLE][1]


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
            yield FacetName.LIFECYCLE, "INVENTORY"
        case Kind.EVENT:
            yield from _event_effects(fact.code.partition(".")[2])
        case Kind.CONTACT:
            yield FacetName.COMMUNICATION, "REACHABLE"
            yield FacetName.LAST_SPOKE, ""
        case Kind.UNREADABLE:
            pass
        case _:
            assert_never(fact.kind)
    if fact.firmware_version:
        yield FacetName.FIRMWARE_VERSION, fact.firmware_version


def _event_effects(code: str) -> Iterable[tuple[FacetName, str]]:
    if code not in NOT_HEARD:
        yield FacetName.COMMUNICATION, "REACHABLE"
        if code not in LAST_GASP:
            yield FacetName.LAST_SPOKE, ""
    if code in EFFECTS:
        yield EFFECTS[code]
