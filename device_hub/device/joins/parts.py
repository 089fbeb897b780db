"""The state of a device with those that were joined into it: per facet and attribute the newest of all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from device_hub.device.facets import SILENCE, newer
from device_hub.device.state import MOST_IDENTIFIERS, WINDOW, Device
from device_hub.device.values import Facet, Identifier

_FACETS: Final = ("supply", "switch", "tamper", "firmware", "fault")
_NEWEST: Final = ("last_contact_at", "spoke_at")
_OLDEST: Final = ("first_seen_at", "registered_at", "shipped_at")

V = TypeVar("V", bound=StrEnum)


def with_parts(own: Device, parts: Mapping[str, Device]) -> Device:
    """Return the state of a device with its parts; without parts, its own."""
    if not parts:
        return own
    merged = own
    for part in parts.values():
        merged = _merged(merged, part)
    return replace(merged, own=own, parts=dict(parts))


def _merged(one: Device, other: Device) -> Device:
    """Plans are the device's own: what was announced to a part is not carried out here."""
    phases = dict(one.phases)
    for name, phase in other.phases.items():
        phases[name] = _newer(phases[name], phase) if name in phases else phase
    facets: dict[str, Any] = {
        field: _newer(getattr(one, field), getattr(other, field)) for field in _FACETS
    }
    newest: dict[str, Any] = {
        field: _latest(getattr(one, field), getattr(other, field)) for field in _NEWEST
    }
    oldest: dict[str, Any] = {
        field: _earliest(getattr(one, field), getattr(other, field)) for field in _OLDEST
    }
    return replace(
        one,
        stage=_stage(one, other),
        communication=_communication(one, other),
        phases=phases,
        identifiers=_identifiers(one, other),
        recent=tuple(dict.fromkeys((*other.recent, *one.recent)))[-WINDOW:],
        **_attributes(one, other),
        **facets,
        **newest,
        **oldest,
    )


def _attributes(one: Device, other: Device) -> dict[str, Any]:
    """The newest statement wins; a statement that only a shipment file made yields to any other source, at any time."""
    attributes, as_of = dict(one.attributes), dict(one.attributes_as_of)
    shipped = set(one.shipped)
    for word, at in other.attributes_as_of.items():
        is_news = word not in as_of or at > as_of[word]
        mine, its = word in shipped, word in other.shipped
        if word in as_of and mine is not its:
            is_news = mine
        if is_news:
            attributes[word], as_of[word] = other.attributes[word], at
            shipped = shipped | {word} if its else shipped - {word}
    return {
        "attributes": attributes,
        "attributes_as_of": as_of,
        "shipped": frozenset(shipped),
    }


def _stage(one: Device, other: Device) -> Any:
    """Without a tie rule: the device's own stage stands unless the part's is newer."""
    mine, its = one.stage, other.stage
    if its.as_of is None or (mine.as_of is not None and mine.as_of >= its.as_of):
        return mine
    return its


def _communication(one: Device, other: Device) -> Any:
    """Silence is judged on all that is known of both, so a part of the same time does not end it."""
    mine, its = one.communication, other.communication
    if mine.cause == SILENCE and mine.as_of is not None and mine.as_of == its.as_of:
        return mine
    return _newer(mine, its)


def _newer(one: Facet[V], other: Facet[V]) -> Facet[V]:
    return one if other.as_of is None else newer(one, other.value, other.as_of, other.cause)


def _identifiers(one: Device, other: Device) -> frozenset[Identifier]:
    return frozenset(sorted(one.identifiers | other.identifiers)[:MOST_IDENTIFIERS])


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
