"""The devices that a caller selects and may see: conditions for the park's index, and for a single device."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from service_chassis.scope import Scope
from smoc_service.park.index import Box, Conditions, Span, lies_in
from smoc_service.park.rows import AS_OF, MARKED, MOMENTS, NO, YES
from smoc_service.register.device import FACETS, Device
from smoc_service.register.place import place_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """The conditions of a caller, in networks that it may see or not."""

    wanted: Conditions = field(default_factory=Conditions)

    def within(self, scope: Scope) -> "ScopedFilter":
        """Return the conditions, cut to the networks of ``scope``: the only way from a filter to devices.

        Raises:
            NetworkDenied: a network is named that lies outside of it.
        """
        named = self.wanted.networks or ()
        for network in named:
            scope.require(network, f"network {network}")
        if named or scope.networks is None:
            return ScopedFilter(conditions=replace(self.wanted, networks=named or None))
        return ScopedFilter(conditions=replace(self.wanted, networks=tuple(sorted(scope.networks))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedFilter:
    """Conditions that find nothing which their caller may not see. Made by ``DeviceFilter.within`` alone."""

    conditions: Conditions

    def fingerprint(self) -> str:
        """Return a text that is equal for equal conditions, in any order."""
        return self.conditions.fingerprint()

    def fits(self, device: Device) -> bool:
        """Return whether the park's index would select this device.

        A device that was joined into another is no longer in the index, but fits as REMOVED. So watchers see it leave.
        """
        wanted = self.conditions
        return (
            (wanted.networks is None or device.network in wanted.networks)
            and all(
                not set(words).isdisjoint(_words(device, name))
                for name, words in wanted.words.items()
            )
            and all(_lies_in(_moment(device, name), span) for name, span in wanted.spans.items())
            and all(
                (_moment(device, name) is not None) == there
                for name, there in wanted.present.items()
            )
            and all(device.attributes.get(name) in texts for name, texts in wanted.exact.items())
            and (wanted.box is None or _is_within(device, wanted.box))
            and wanted.placed in {None, place_of(device.attributes) is not None}
            and (not (wanted.beginning or wanted.ending) or _is_called(device, wanted))
            and (wanted.among is None or device.device_id in wanted.among)
            and device.device_id not in wanted.without
        )


def _words(device: Device, name: str) -> tuple[str, ...]:
    if name == "tag":
        return tuple(device.work.tags)
    if name == MARKED:
        return (NO if device.work.exchange is None else YES,)
    if name in FACETS:
        return (device.facets[name].value,)
    return (device.attributes.get(name, ""),)


def _moment(device: Device, name: str) -> datetime | None:
    if name in AS_OF:
        return device.facets[AS_OF[name]].as_of
    found: datetime | None = getattr(device, MOMENTS[name])
    return found


def _lies_in(moment: datetime | None, span: Span) -> bool:
    if moment is None:
        return False
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    return (span.start is None or span.start <= milliseconds) and (
        span.end is None or milliseconds < span.end
    )


def _is_within(device: Device, box: Box) -> bool:
    place = place_of(device.attributes)
    return place is not None and lies_in(place, box)


def _is_called(device: Device, wanted: Conditions) -> bool:
    begins, ends = wanted.beginning.casefold(), wanted.ending.casefold()
    return any(
        text.startswith(begins) and text.endswith(ends)
        for text in map(str.casefold, _texts(device))
    )


def _texts(device: Device) -> Iterator[str]:
    yield device.serial_number
    yield device.device_identifier
    yield device.attributes.get("utility_number", "")
    yield from device.names.values()
    yield from device.names_of_joined
